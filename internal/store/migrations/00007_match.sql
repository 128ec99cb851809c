-- +goose Up
-- What matching people with accounts needs to know of a person, by target.

ALTER TABLE people ADD COLUMN matches TEXT NOT NULL DEFAULT '[]';
