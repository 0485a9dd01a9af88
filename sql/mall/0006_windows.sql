-- How far each hand-back window has come, so that whoever comes next goes on from there, and what it brought.
CREATE TABLE hand_back_windows (
    environment_id uuid NOT NULL REFERENCES environments,
    due            timestamptz,                        -- the hour that it is for; NULL: the last, after the drop
    phase          text NOT NULL CHECK (phase IN
                   ('starting', 'copying', 'stopping', 'restarting', 'closing', 'closed')),
    copies         integer NOT NULL CHECK (copies > 0), -- the first, and its repair
    brought        jsonb,                              -- the point, and by table the rows, and those that were behind
    updated_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (environment_id, due)
);
