-- What people were told of an environment, when it failed, and which of its hand-back windows are over.

ALTER TABLE environments
    ADD COLUMN failed_at timestamptz,                  -- with failed_step: when
    ADD COLUMN windows   integer NOT NULL DEFAULT 0,   -- hand-back windows that are over, well or not
    ADD COLUMN told      jsonb NOT NULL DEFAULT '[]';  -- keys of the notices that arrived
