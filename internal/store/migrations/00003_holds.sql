-- +goose Up
-- The kinds of the holds in force, beside the word whether there is one.

ALTER TABLE people ADD COLUMN holds TEXT NOT NULL DEFAULT '[]';
