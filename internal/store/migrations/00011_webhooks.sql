-- +goose Up
-- What tells the body of a delivery from another one under the same ID, and how
-- often another one came.

ALTER TABLE webhooks ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN reused BIGINT NOT NULL DEFAULT 0;
