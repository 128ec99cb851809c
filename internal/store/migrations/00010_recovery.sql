-- +goose Up
-- Who was erased, so that a later chain of the same person finds it, and whether
-- the store is being rebuilt.
CREATE TABLE erasures (
    journey   TEXT PRIMARY KEY,
    id        TEXT NOT NULL,
    erased_at BIGINT NOT NULL,
    actor     TEXT NOT NULL,
    seq       BIGINT NOT NULL
);

-- Keys of rows may come again in a chain that goes on behind an erasure; the lock
-- on the head keeps them unique otherwise.
DROP INDEX ledger_rows_once;
CREATE INDEX ledger_rows_key ON ledger_rows (journey, row_key, outcome) WHERE row_key <> '';

CREATE TABLE rebuilds (
    number   BIGINT PRIMARY KEY,
    begun    BIGINT NOT NULL,
    ended    BIGINT,
    actor    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    journeys BIGINT NOT NULL,
    gaps     BIGINT NOT NULL
);
