-- The statement of expiry.py. Its function is in sql/drop/0003_reservations.sql, because it locks the stock as reserving does.

-- name: expire
-- Expire held reservations that were due at the moment $1 (NULL means now), at most $2 of them; returns how many.
SELECT expire_reservations($1, $2)
