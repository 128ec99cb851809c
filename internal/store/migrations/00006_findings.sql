-- +goose Up
-- What the last comparison of a target found, and what humans decided about it.
CREATE TABLE findings (
    id              TEXT PRIMARY KEY,
    target          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    realm           TEXT NOT NULL,
    person_key      TEXT NOT NULL,
    object_id       TEXT NOT NULL,
    user_name       TEXT NOT NULL,
    names           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    waits           TEXT NOT NULL,
    protection      TEXT NOT NULL,
    first_seen      BIGINT NOT NULL,
    last_seen       BIGINT NOT NULL,
    closed_at       BIGINT,
    decision        TEXT NOT NULL DEFAULT '',
    decision_until  BIGINT,
    actor           TEXT NOT NULL DEFAULT '',
    decision_reason TEXT NOT NULL DEFAULT '',
    decided_at      BIGINT
);
CREATE INDEX findings_target ON findings (target, kind, realm, person_key);

-- The newest comparison of each target.
CREATE TABLE comparisons (
    target     TEXT PRIMARY KEY,
    at         BIGINT NOT NULL,
    accounts   BIGINT NOT NULL,
    people     BIGINT NOT NULL,
    unanswered BIGINT NOT NULL,
    counts     TEXT NOT NULL
);
