-- +goose Up
-- Instants are microseconds since 1970 in UTC; documents are JSON as text.

CREATE TABLE effects (
    effect_key    TEXT PRIMARY KEY,
    journey       TEXT NOT NULL,
    task_key      TEXT NOT NULL,
    target        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    intent        TEXT NOT NULL,
    before_image  TEXT NOT NULL,
    reserved_name TEXT NOT NULL,
    opened_at     BIGINT NOT NULL,
    closed_at     BIGINT,
    outcome       TEXT NOT NULL,
    result        TEXT NOT NULL
);
CREATE INDEX effects_open ON effects (journey) WHERE closed_at IS NULL;

CREATE TABLE ledger_heads (
    journey TEXT PRIMARY KEY,
    seq     BIGINT NOT NULL,
    hash    TEXT NOT NULL
);

CREATE TABLE ledger_rows (
    journey        TEXT NOT NULL REFERENCES ledger_heads (journey),
    seq            BIGINT NOT NULL,
    at             BIGINT,
    recorded       BIGINT NOT NULL,
    row_key        TEXT NOT NULL,
    kind           TEXT NOT NULL,
    run            TEXT NOT NULL,
    task           TEXT NOT NULL,
    actor          TEXT NOT NULL,
    target         TEXT NOT NULL,
    object_id      TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    request_id     TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    digests        TEXT NOT NULL,
    hash           TEXT NOT NULL,
    PRIMARY KEY (journey, seq)
);
CREATE UNIQUE INDEX ledger_rows_once ON ledger_rows (journey, row_key, outcome) WHERE row_key <> '';

-- The erasable part of a row: its values and the salts of their digests.
CREATE TABLE ledger_values (
    journey TEXT NOT NULL,
    seq     BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (journey, seq),
    FOREIGN KEY (journey, seq) REFERENCES ledger_rows (journey, seq)
);

CREATE TABLE claims (
    target     TEXT NOT NULL,
    attribute  TEXT NOT NULL,
    value      TEXT NOT NULL,
    owner      TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('reserved', 'held', 'quarantined', 'foreign')),
    until      BIGINT,
    claimed_at BIGINT,
    PRIMARY KEY (target, attribute, value)
);
CREATE INDEX claims_owner ON claims (owner);

CREATE TABLE waiters (
    target   TEXT NOT NULL,
    ref      TEXT NOT NULL,
    journey  TEXT NOT NULL,
    task_key TEXT NOT NULL,
    since    BIGINT,
    PRIMARY KEY (target, ref, journey, task_key)
);
CREATE INDEX waiters_journey ON waiters (journey);

CREATE TABLE policies (
    number      BIGINT PRIMARY KEY,
    hash        TEXT NOT NULL,
    source      BLOB NOT NULL,
    actor       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    applied_at  BIGINT NOT NULL,
    activations TEXT NOT NULL
);

-- One row, locked while the next version is numbered.
CREATE TABLE policy_head (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    active BIGINT NOT NULL
);
INSERT INTO policy_head (id, active) VALUES (1, 0);

CREATE TABLE people (
    realm           TEXT NOT NULL,
    person_key      TEXT NOT NULL,
    journey         TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    department      TEXT NOT NULL,
    job_title       TEXT NOT NULL,
    employee_id     TEXT NOT NULL,
    source_key      TEXT NOT NULL,
    email           TEXT NOT NULL,
    phase           TEXT NOT NULL,
    held            BOOLEAN NOT NULL,
    attention       TEXT NOT NULL,
    asks            BIGINT NOT NULL,
    next_deadline   BIGINT,
    next_what       TEXT NOT NULL,
    zone            TEXT NOT NULL,
    accounts        TEXT NOT NULL,
    policy_version  BIGINT NOT NULL,
    revision        BIGINT NOT NULL,
    at              BIGINT,
    feed            TEXT NOT NULL,
    manager_ref     TEXT NOT NULL,
    folded_name     TEXT NOT NULL,
    folded_email    TEXT NOT NULL,
    searched        TEXT NOT NULL,
    PRIMARY KEY (realm, person_key)
);
CREATE INDEX people_employee_id ON people (realm, employee_id);
CREATE INDEX people_source_key ON people (realm, source_key);
CREATE INDEX people_name ON people (realm, folded_name);
CREATE INDEX people_email ON people (realm, folded_email);

CREATE TABLE imports (
    id           TEXT PRIMARY KEY,
    feed         TEXT NOT NULL,
    file_name    TEXT NOT NULL,
    hash         TEXT NOT NULL,
    as_of        BIGINT,
    received     BIGINT NOT NULL,
    state        TEXT NOT NULL,
    total        BIGINT NOT NULL,
    accepted     BIGINT NOT NULL,
    rejected     BIGINT NOT NULL,
    unchanged    BIGINT NOT NULL,
    missing      BIGINT NOT NULL,
    held_reasons TEXT NOT NULL,
    actor        TEXT NOT NULL
);
CREATE INDEX imports_feed ON imports (feed, received);

-- The file itself, kept only while the import is not decided.
CREATE TABLE import_contents (
    import_id TEXT PRIMARY KEY REFERENCES imports (id),
    content   BLOB NOT NULL
);

CREATE TABLE rejects (
    import_id  TEXT NOT NULL REFERENCES imports (id),
    row_number BIGINT NOT NULL,
    person_key TEXT NOT NULL,
    problems   TEXT NOT NULL,
    PRIMARY KEY (import_id, row_number)
);

CREATE TABLE feed_people (
    feed         TEXT NOT NULL,
    person_key   TEXT NOT NULL,
    hash         TEXT NOT NULL,
    as_of        BIGINT,
    last_import  TEXT NOT NULL,
    absent_since BIGINT,
    absent_count BIGINT NOT NULL,
    PRIMARY KEY (feed, person_key)
);

CREATE TABLE webhooks (
    feed     TEXT NOT NULL,
    id       TEXT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (feed, id)
);
CREATE INDEX webhooks_received ON webhooks (received);

CREATE TABLE deliveries (
    delivery_key     TEXT PRIMARY KEY,
    message_id       TEXT NOT NULL,
    template         TEXT NOT NULL,
    recipient_masked TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('claimed', 'sent', 'unknown', 'failed')),
    at               BIGINT
);
