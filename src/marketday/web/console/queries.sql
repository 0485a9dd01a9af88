-- What the console reads from the mall's database. It writes nothing.

-- name: runs
-- The living environments, the one that opens first before the others, then those that are gone, the last one first.
SELECT id, drop_slug, state, definition, schedule, outputs, failed_step, failure
FROM environments
ORDER BY state = 'destroyed',
         CASE WHEN state <> 'destroyed' THEN schedule ->> 'opens_at' END,
         updated_at DESC
LIMIT $1

-- name: steps
-- The journal of one environment, in the order of its writing.
SELECT step, outcome, detail, at FROM environment_steps WHERE environment_id = $1 ORDER BY id

-- name: receipt
-- The receipt of one environment's hand-back, where there is one.
SELECT issued_at, token, summary FROM receipts WHERE environment_id = $1
