-- The draws and the register in the drop database.

-- name: draws
-- Every drop's draw, with what the worker needs to steer its room.
SELECT drops.slug, opens_at, closes_at, rates, seed, cohort, published_at
  FROM drops JOIN draws ON draws.drop_slug = drops.slug
 ORDER BY opens_at, drops.slug;

-- name: record_draw
-- Record a draw; a later call does not change the first record.
UPDATE draws SET cohort = $2, published_at = $3 WHERE drop_slug = $1 AND published_at IS NULL;

-- name: registered
-- How many places the register has, and to how many of them people were admitted.
SELECT count(*) AS entries, count(admitted_at) AS admitted FROM public.entries WHERE drop_slug = $1;

-- name: places
-- How many places are recorded; their indices have no gap.
SELECT coalesce(max(index) + 1, 0) FROM entries WHERE drop_slug = $1;

-- name: called
-- Raise the serving number of a room.
UPDATE rooms SET serving_number = $2, called_at = $3 WHERE drop_slug = $1 AND serving_number < $2;
