-- The statement of expiry.py. The function is in sql/drop/0003_reservations.sql, for it locks the stock as reserving does.

-- name: expire
-- Expire held reservations that were due at a moment (NULL: now), at most so many; returns how many.
SELECT expire_reservations($1, $2)
