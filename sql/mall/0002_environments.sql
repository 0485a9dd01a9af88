-- The runs of event environments, what was lent to them, and the receipts of what came back.

CREATE TABLE environments (
    id          uuid PRIMARY KEY,
    drop_slug   text NOT NULL,
    state       text NOT NULL CHECK (state IN ('requested', 'provisioning', 'ready', 'open', 'draining',
                'handing_back', 'verified', 'destroying', 'destroyed', 'failed')),
    definition  jsonb NOT NULL,                        -- the drop's definition, as checked
    schedule    jsonb NOT NULL,                        -- build_at, room_opens_at, ..., destroy_at (UTC, ISO 8601)
    outputs     jsonb NOT NULL DEFAULT '{}',           -- what the provisioner made: addresses, never secrets
    failed_step text,                                  -- with state 'failed': the step that is to be retried
    failure     text,
    failures    integer NOT NULL DEFAULT 0,            -- of the step that comes next, since it was last retried
    version     integer NOT NULL DEFAULT 1,            -- optimistic lock: each write names the version it saw
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
-- One living environment for a drop at a time.
CREATE UNIQUE INDEX environments_living_key ON environments (drop_slug) WHERE state <> 'destroyed';

CREATE TABLE environment_steps (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    environment_id uuid NOT NULL REFERENCES environments,
    step           text NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('started', 'done', 'failed')),
    detail         text NOT NULL DEFAULT '',
    at             timestamptz NOT NULL
);
CREATE INDEX environment_steps_idx ON environment_steps (environment_id, id);

-- Units taken out of the mall's stock for a drop; returned is set once, by promote.
CREATE TABLE allocations (
    environment_id uuid NOT NULL REFERENCES environments,
    sku            text NOT NULL,
    quantity       integer NOT NULL CHECK (quantity >= 0),
    returned       integer CHECK (returned BETWEEN 0 AND quantity),
    PRIMARY KEY (environment_id, sku)
);

CREATE TABLE receipts (
    environment_id uuid PRIMARY KEY REFERENCES environments,
    issued_at      timestamptz NOT NULL,
    token          text NOT NULL,                      -- compact JWS, signed with the mall's key
    summary        jsonb NOT NULL
);
