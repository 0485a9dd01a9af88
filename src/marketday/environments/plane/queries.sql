-- name: move_drop
-- Drop database: set the moments of a drop that closes early.
UPDATE public.drops SET room_opens_at = $2, opens_at = $3, closes_at = $4 WHERE slug = $1;

-- name: clock
-- Drop database: its own clock, with which it compares moments.
SELECT clock_timestamp();

-- name: among_its_tables
-- Drop database: the search path until the transaction ends: built-in names first, then the drop's own tables.
SET LOCAL search_path = pg_catalog, public;

-- name: lock_stock
-- Drop database: lock the stock of a drop before anything else, as every change of stock does.
SELECT public.lock_stock(array_agg(drop_slug), array_agg(sku)) FROM public.stock WHERE drop_slug = $1;

-- name: end_offers
-- Drop database: from now on a unit that comes back is not offered to anyone who waits.
INSERT INTO public.ended_offers SELECT slug FROM public.drops WHERE slug = $1 ON CONFLICT DO NOTHING;

-- name: held
-- Drop database: the next held reservations of a closed drop, locked, so that no payment for them can begin.
SELECT id FROM public.reservations WHERE drop_slug = $1 AND state = 'held' AND id > $2 ORDER BY id LIMIT $3 FOR UPDATE;

-- name: release_unpaid
-- Drop database: release the reservations among these that have no payment under way.
SELECT public.give_back(ARRAY(SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
                              WHERE NOT EXISTS (SELECT FROM public.payments WHERE payments.reservation_id = asked.id
                                                AND payments.state IN ('authorising', 'unknown', 'authorised'))),
                        'released', NULL);

-- name: released_since
-- Drop database: reservations that were released early since a given moment.
SELECT count(*)::integer AS reservations, coalesce(sum(quantity), 0)::integer AS units
FROM public.reservations WHERE drop_slug = $1 AND state = 'released' AND settled_at >= $2 AND settled_at < reserved_until;
