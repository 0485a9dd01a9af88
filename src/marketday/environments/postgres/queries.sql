-- name: add
-- A new environment; the index environments_living_key refuses a second living one of a drop.
INSERT INTO environments (id, drop_slug, state, definition, schedule)
VALUES ($1, $2, $3, $4, $5);

-- name: get
-- One environment, with the steps it has done and the last line of its diary.
SELECT e.id, e.drop_slug, e.state, e.definition, e.schedule, e.outputs, e.failed_step, e.failure, e.failures, e.failed_at,
       e.windows, e.told, e.version,
       ARRAY(SELECT DISTINCT step FROM environment_steps s WHERE s.environment_id = e.id AND outcome = 'done') AS done,
       last.step AS last_step, last.outcome AS last_outcome, last.detail AS last_detail, last.at AS last_at
FROM environments e
LEFT JOIN LATERAL (
    SELECT step, outcome, detail, at FROM environment_steps s WHERE s.environment_id = e.id ORDER BY id DESC LIMIT 1
) last ON true
WHERE e.id = $1;

-- name: list
-- All environments, or only those that are not destroyed, oldest first; columns as in `get`.
SELECT e.id, e.drop_slug, e.state, e.definition, e.schedule, e.outputs, e.failed_step, e.failure, e.failures, e.failed_at,
       e.windows, e.told, e.version,
       ARRAY(SELECT DISTINCT step FROM environment_steps s WHERE s.environment_id = e.id AND outcome = 'done') AS done,
       last.step AS last_step, last.outcome AS last_outcome, last.detail AS last_detail, last.at AS last_at
FROM environments e
LEFT JOIN LATERAL (
    SELECT step, outcome, detail, at FROM environment_steps s WHERE s.environment_id = e.id ORDER BY id DESC LIMIT 1
) last ON true
WHERE NOT $1::boolean OR e.state <> 'destroyed'
ORDER BY e.created_at, e.id;

-- name: save
-- An optimistic lock: writes only if the record still has the version that the writer read.
UPDATE environments
SET state = $3, outputs = $4, failed_step = $5, failure = $6, failures = $7, failed_at = $8, windows = $9, told = $10,
    definition = $11, schedule = $12, version = version + 1, updated_at = now()
WHERE id = $1 AND version = $2
RETURNING version;

-- name: continue_step
-- A repeated step keeps its line of the diary, with the moment of its first start.
UPDATE environment_steps SET detail = $3
WHERE id = (SELECT max(id) FROM environment_steps WHERE environment_id = $1) AND step = $2 AND outcome = 'started'
RETURNING id;

-- name: record_step
-- A new line of the diary.
INSERT INTO environment_steps (environment_id, step, outcome, detail, at) VALUES ($1, $2, $3, $4, $5);

-- name: steps
-- The diary, oldest line first.
SELECT step, outcome, detail, at FROM environment_steps WHERE environment_id = $1 ORDER BY id;

-- name: mirror
-- An environment that is recorded elsewhere; an older version never replaces a newer one.
INSERT INTO environments (id, drop_slug, state, definition, schedule, outputs, failed_step, failure, failures, failed_at,
                          windows, told, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO UPDATE
SET state = excluded.state, definition = excluded.definition, schedule = excluded.schedule, outputs = excluded.outputs,
    failed_step = excluded.failed_step, failure = excluded.failure, failures = excluded.failures,
    failed_at = excluded.failed_at, windows = excluded.windows, told = excluded.told, version = excluded.version,
    updated_at = now()
WHERE environments.version <= excluded.version;

-- name: living
-- The environments that are not destroyed according to the mirror.
SELECT id FROM environments WHERE state <> 'destroyed' ORDER BY id;

-- name: forget_steps
-- Delete the mirrored diary before it is written again.
DELETE FROM environment_steps WHERE environment_id = $1;
