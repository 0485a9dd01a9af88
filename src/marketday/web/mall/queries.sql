-- name: claim_key
-- The first request with a key makes its claim; a later one with the same body takes over an interrupted claim.
-- All other requests get no row.
INSERT INTO idempotency_keys AS k (owner_id, key, fingerprint, subject_id, claimed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (owner_id, key) DO UPDATE SET claimed_at = excluded.claimed_at
WHERE k.status IS NULL AND k.claimed_at < $6 AND k.fingerprint = excluded.fingerprint
RETURNING fingerprint, subject_id, status, answer;

-- name: find_key
-- The existing claim.
SELECT fingerprint, subject_id, status, answer FROM idempotency_keys WHERE owner_id = $1 AND key = $2;

-- name: keep_answer
-- Store the answer, once; later answers do not replace it.
UPDATE idempotency_keys SET status = $3, answer = $4 WHERE owner_id = $1 AND key = $2 AND status IS NULL;

-- name: abandon_key
-- Set the time of the claim to $3, so that it can be taken over.
UPDATE idempotency_keys SET claimed_at = $3 WHERE owner_id = $1 AND key = $2 AND status IS NULL;

-- name: forget_keys
-- Remove keys that are too old to be repeated.
DELETE FROM idempotency_keys WHERE claimed_at < $1;
