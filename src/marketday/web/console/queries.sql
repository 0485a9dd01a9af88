-- What the console reads from the mall's database. It writes nothing.

-- name: runs
-- Every environment that is not destroyed, and the last $1 destroyed ones.
SELECT id, drop_slug, state, definition, schedule, outputs, failed_step, failure
FROM environments
WHERE state <> 'destroyed'
   OR id IN (SELECT id FROM environments WHERE state = 'destroyed' ORDER BY updated_at DESC LIMIT $1)

-- name: steps
-- The recorded steps of environments, oldest first.
SELECT environment_id, step, outcome, detail, at FROM environment_steps WHERE environment_id = ANY($1) ORDER BY id

-- name: receipts
-- The receipts of environments, if there are any.
SELECT environment_id, issued_at, token, summary FROM receipts WHERE environment_id = ANY($1)
