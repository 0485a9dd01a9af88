-- The draws and the register in the drop database.

-- name: draws
-- Every drop's draw, with what the worker needs to steer its room.
SELECT drops.slug, opens_at, closes_at, rates, seed, cohort
  FROM drops JOIN draws ON draws.drop_slug = drops.slug
 ORDER BY opens_at, drops.slug;

-- name: record_draw
-- Record that a draw was published; a later call does not change the first record.
UPDATE draws SET cohort = $2, published_at = $3 WHERE drop_slug = $1 AND published_at IS NULL;

-- name: registered
-- How many places the register has, and to how many of them people were admitted.
SELECT count(*) AS entries, count(admitted_at) AS admitted FROM public.entries WHERE drop_slug = $1;

-- name: register
-- Write a portion of places; of a place that is already there, only the admission is changed.
INSERT INTO entries (drop_slug, person_id, index, joined_at, admitted_at)
SELECT $1, place.person_id, place.index, place.joined_at, place.admitted_at
  FROM unnest($2::uuid[], $3::integer[], $4::timestamptz[], $5::timestamptz[])
       AS place (person_id, index, joined_at, admitted_at)
    ON CONFLICT (drop_slug, index) DO UPDATE SET admitted_at = excluded.admitted_at
 WHERE entries.admitted_at IS DISTINCT FROM excluded.admitted_at;
