-- name: add_account
-- Insert nothing if the address has an account already, in upper or lower case.
INSERT INTO accounts (id, email, password_hash, name, role, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT ((lower(email))) DO NOTHING
RETURNING id;

-- name: find_account
-- By id.
SELECT id, email, name, role, created_at FROM accounts WHERE id = $1;

-- name: find_account_by_email
-- By address, in upper or lower case, with the password's hash.
SELECT id, email, name, role, created_at, password_hash FROM accounts WHERE lower(email) = lower($1);

-- name: change_password_hash
-- Only if it was not changed since it was read.
UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2;

-- name: list_accounts
-- Newest first.
SELECT id, email, name, role, created_at FROM accounts ORDER BY created_at DESC, id DESC LIMIT $1;

-- name: add_session
-- Store a session by the SHA-256 of its token.
INSERT INTO sessions (token_sha256, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4);

-- name: find_sessions
-- The accounts of several sessions, and when the sessions expire.
SELECT s.token_sha256, s.expires_at, a.id, a.email, a.name, a.role, a.created_at
FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.token_sha256 = ANY($1::bytea[]);

-- name: remove_session
-- Sign-out.
DELETE FROM sessions WHERE token_sha256 = $1;

-- name: remove_expired_sessions
-- Remove sessions that have expired.
DELETE FROM sessions WHERE expires_at <= $1;

-- name: change_role
-- By address, in upper or lower case.
UPDATE accounts SET role = $2 WHERE lower(email) = lower($1) RETURNING id, email, name, role, created_at;

-- name: keep_browser
-- Store a browser by the SHA-256 of its token, with the account of its last sign-in.
INSERT INTO known_browsers (token_sha256, account_id, used_at) VALUES ($1, $2, $3)
ON CONFLICT (token_sha256) DO UPDATE SET account_id = EXCLUDED.account_id, used_at = EXCLUDED.used_at;

-- name: knows_browser
-- Whether the browser signed in to this account.
SELECT EXISTS (SELECT FROM known_browsers WHERE token_sha256 = $1 AND account_id = $2);

-- name: remove_browsers
-- Remove browsers without a sign-in for a long time.
DELETE FROM known_browsers WHERE used_at < $1;
