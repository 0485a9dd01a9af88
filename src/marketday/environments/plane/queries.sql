-- name: move_drop
-- Drop database: the moments of a drop whose closing was brought forward.
UPDATE public.drops SET room_opens_at = $2, opens_at = $3, closes_at = $4 WHERE slug = $1;

-- name: clock
-- Drop database: its own time, which its moments are compared with.
SELECT clock_timestamp();

-- name: among_its_tables
-- Drop database: until the end of the transaction its own functions find its tables, and nothing covers what is built in.
SET LOCAL search_path = pg_catalog, public;

-- name: lock_stock
-- Drop database: the stock of a drop, first of all locks, as everywhere where stock moves.
SELECT public.lock_stock(array_agg(drop_slug), array_agg(sku)) FROM public.stock WHERE drop_slug = $1;

-- name: held
-- Drop database: the next reservations of a closed drop that are held, locked, so that no payment begins for them now.
SELECT id FROM public.reservations WHERE drop_slug = $1 AND state = 'held' AND id > $2 ORDER BY id LIMIT $3 FOR UPDATE;

-- name: release_unpaid
-- Drop database: give back those of them for which no payment is on its way; whoever is paying is served.
SELECT public.give_back(ARRAY(SELECT asked.id FROM unnest($1::uuid[]) AS asked (id)
                              WHERE NOT EXISTS (SELECT FROM public.payments WHERE payments.reservation_id = asked.id
                                                AND payments.state IN ('authorising', 'unknown', 'authorised'))),
                        'released', NULL);

-- name: released_since
-- Drop database: what was given up from a moment on, before its time was over.
SELECT count(*)::integer AS reservations, coalesce(sum(quantity), 0)::integer AS units
FROM public.reservations WHERE drop_slug = $1 AND state = 'released' AND settled_at >= $2 AND settled_at < reserved_until;
