-- +goose Up
-- The gate and the pause. Instants of tokens, demand and members are journey
-- time; those of decisions are the clock of the machine.

-- One row per target and kind, locked while somebody takes or decides.
CREATE TABLE budgets (
    target TEXT NOT NULL,
    kind   TEXT NOT NULL,
    PRIMARY KEY (target, kind)
);

CREATE TABLE budget_tokens (
    token_key TEXT PRIMARY KEY,
    target    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    journey   TEXT NOT NULL,
    line      TEXT NOT NULL,
    at        BIGINT NOT NULL,
    gate      TEXT NOT NULL
);
CREATE INDEX budget_tokens_window ON budget_tokens (target, kind, at);
CREATE INDEX budget_tokens_journey ON budget_tokens (journey);

-- What is planned and not yet taken. A row without a line was announced by an
-- import, before the journey itself has planned.
CREATE TABLE demand (
    target  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    journey TEXT NOT NULL,
    line    TEXT NOT NULL,
    planned BIGINT NOT NULL,
    due     BIGINT NOT NULL,
    reason  TEXT NOT NULL,
    feed    TEXT NOT NULL,
    stated  BIGINT,
    PRIMARY KEY (target, kind, journey, line)
);
CREATE INDEX demand_due ON demand (target, kind, due);
CREATE INDEX demand_journey ON demand (journey);

CREATE TABLE gates (
    id        TEXT PRIMARY KEY,
    target    TEXT NOT NULL,
    kind      TEXT NOT NULL,
    number    BIGINT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('open', 'decided')),
    opened_at BIGINT NOT NULL,
    recorded  BIGINT NOT NULL,
    counted   BIGINT NOT NULL,
    allowed   BIGINT NOT NULL,
    span      BIGINT NOT NULL,
    approvals BIGINT NOT NULL,
    UNIQUE (target, kind, number)
);
CREATE UNIQUE INDEX gates_open ON gates (target, kind) WHERE state = 'open';

CREATE TABLE gate_members (
    gate       TEXT NOT NULL REFERENCES gates (id),
    number     BIGINT NOT NULL,
    journey    TEXT NOT NULL,
    line       TEXT NOT NULL,
    due        BIGINT NOT NULL,
    reason     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('frozen', 'approved', 'rejected', 'passed', 'closed')),
    votes      TEXT NOT NULL,
    joined     BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT NOT NULL,
    why        TEXT NOT NULL,
    woken      BOOLEAN NOT NULL,
    PRIMARY KEY (gate, number),
    UNIQUE (gate, journey)
);
CREATE INDEX gate_members_journey ON gate_members (journey);
CREATE INDEX gate_members_asleep ON gate_members (gate) WHERE NOT woken;

CREATE TABLE gate_decisions (
    gate     TEXT NOT NULL REFERENCES gates (id),
    number   BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    verdict  TEXT NOT NULL,
    actor    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    people   BIGINT NOT NULL,
    excepted TEXT NOT NULL,
    PRIMARY KEY (gate, number)
);

CREATE TABLE pauses (
    target      TEXT NOT NULL,
    number      BIGINT NOT NULL,
    paused_at   BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    resumed_at  BIGINT,
    resumed_by  TEXT NOT NULL,
    resumed_why TEXT NOT NULL,
    woken       BOOLEAN NOT NULL,
    PRIMARY KEY (target, number)
);
CREATE UNIQUE INDEX pauses_open ON pauses (target) WHERE resumed_at IS NULL;
