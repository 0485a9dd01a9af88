-- What the drop database keeps of the rooms.

-- name: rooms
-- Every room, with the number of its places.
SELECT drop_slug AS slug, kept, serving_number, called_at,
       coalesce((SELECT max(index) + 1 FROM entries WHERE entries.drop_slug = rooms.drop_slug), 0) AS places
  FROM rooms ORDER BY drop_slug;

-- name: record
-- Write places; see sql/drop/0012_rooms.sql.
SELECT record_places($1, $2, $3, $4, $5);

-- name: admitted
-- How many places people were admitted to.
SELECT count(admitted_at) FROM entries WHERE drop_slug = $1;

-- name: adopt
-- Write places that were never in the log; to a place that is already there, only its first admission is added.
INSERT INTO entries (drop_slug, person_id, index, joined_at, admitted_at)
SELECT $1, place.person_id, place.index, place.joined_at, place.admitted_at
  FROM unnest($2::uuid[], $3::integer[], $4::timestamptz[], $5::timestamptz[])
       AS place (person_id, index, joined_at, admitted_at)
    ON CONFLICT (drop_slug, index) DO UPDATE SET admitted_at = excluded.admitted_at
 WHERE entries.admitted_at IS NULL AND excluded.admitted_at IS NOT NULL AND entries.person_id = excluded.person_id;

-- name: keep
-- From now on this room is kept, so that it can be restored.
UPDATE rooms SET kept = true, rejoins = $2 WHERE drop_slug = $1;

-- name: whole
-- What a kept room consists of, except its places.
SELECT drops.slug, room_opens_at, opens_at, closes_at, admission_seconds, name_ko, name_en, zone, rejoins,
       seed, commitment, cohort, published_at, serving_number, called_at
  FROM rooms JOIN drops ON drops.slug = rooms.drop_slug JOIN draws ON draws.drop_slug = rooms.drop_slug
 WHERE rooms.drop_slug = $1 AND kept;

-- name: people
-- All people of a room, each with all places, and whether they have a reservation or an order.
SELECT person_id, indices, joined, admitted,
       admitted_to > 0 AND EXISTS (SELECT FROM orders WHERE orders.person_id = whole.person_id AND drop_slug = $1) AS bought,
       admitted_to > 0 AND EXISTS (SELECT FROM reservations WHERE reservations.person_id = whole.person_id
                                   AND drop_slug = $1) AS decided
  FROM (SELECT person_id, array_agg(index ORDER BY index) AS indices, array_agg(joined_at ORDER BY index) AS joined,
               array_agg(admitted_at ORDER BY index) AS admitted, count(admitted_at) AS admitted_to
          FROM entries WHERE drop_slug = $1 GROUP BY person_id) AS whole;

-- name: buyers
-- Who has an order or a reservation.
SELECT person_id, EXISTS (SELECT FROM orders WHERE orders.person_id = taker.person_id AND drop_slug = $1) AS bought
  FROM (SELECT DISTINCT person_id FROM reservations WHERE drop_slug = $1) AS taker;
