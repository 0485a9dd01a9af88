-- The statements of the drop's store and worker. Everything that changes stock is a function in sql/drop.

-- name: reserve
-- Decide a batch of requests in one transaction; requests with the same answer share a row.
SELECT outcome, numbers, limit_per_person, taken, left_now, id, unit_price_minor, currency, state, reserved_until
FROM reserve_batch($1, $2, $3, $4, $5, $6, $7, $8)

-- name: release
-- Release a held reservation.
SELECT release_reservation($1, $2)

-- name: reservation
-- One person's reservation.
SELECT id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state, reserved_until
FROM reservations WHERE id = $1 AND person_id = $2

-- name: reservations_of
-- What one person holds in a drop.
SELECT id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state, reserved_until
FROM reservations WHERE drop_slug = $1 AND person_id = $2 AND state = 'held' ORDER BY id DESC

-- name: drops
-- The drops that are sold here: one, and those of smoke tests.
SELECT slug, name_ko, name_en, room_opens_at, opens_at, closes_at, hold_seconds, admission_seconds, rates, zone
FROM drops

-- name: items
-- What a drop sells.
SELECT sku, title_ko, title_en, body_html, image, price_minor, currency, limit_per_person
FROM items WHERE drop_slug = $1 ORDER BY position, sku

-- name: stock
-- How much there is of each item.
SELECT stock.sku, total, reserved, sold
FROM stock JOIN items ON items.drop_slug = stock.drop_slug AND items.sku = stock.sku
WHERE stock.drop_slug = $1 ORDER BY items.position, stock.sku

-- name: standing_by
-- How many people who are present wait for an item of a drop.
SELECT count(DISTINCT person_id)::integer FROM standbys JOIN drops ON drops.slug = drop_slug
WHERE drop_slug = $1 AND waiting AND is_present(seen_at, drops.hold_seconds)

-- name: order
-- One person's order: a row for each of its lines.
SELECT orders.id, drop_slug, person_id, reservation_id, state, currency, total_minor, created_at,
       sku, title_ko, title_en, quantity, unit_price_minor
FROM orders JOIN order_lines ON order_lines.order_id = orders.id
WHERE orders.id = $1 AND person_id = $2 ORDER BY line_number

-- name: orders_of
-- What one person bought in a drop: a row for each line.
SELECT orders.id, drop_slug, person_id, reservation_id, state, currency, total_minor, created_at,
       sku, title_ko, title_en, quantity, unit_price_minor
FROM orders JOIN order_lines ON order_lines.order_id = orders.id
WHERE drop_slug = $1 AND person_id = $2 ORDER BY orders.id DESC, line_number

-- name: open_work
-- The parts of a drop that are not settled yet.
SELECT (SELECT count(*) FROM public.reservations WHERE drop_slug = $1 AND state = 'held')::integer AS held_reservations,
       (SELECT count(*) FROM public.payments
        WHERE drop_slug = $1 AND state IN ('authorising', 'unknown', 'authorised', 'voiding'))::integer AS open_payments,
       (SELECT count(*) FROM public.outbox WHERE drop_slug = $1 AND relayed_at IS NULL)::integer AS untold_messages,
       (SELECT max(reserved_until) FROM public.reservations WHERE drop_slug = $1 AND state = 'held') AS held_until

-- name: fetch_outbox
-- Messages that were not sent yet.
SELECT id, drop_slug, kind, coalesce(people, ARRAY[person_id]) AS people, body, created_at FROM outbox WHERE relayed_at IS NULL ORDER BY id LIMIT $1

-- name: mark_relayed
-- Record that these were sent.
UPDATE outbox SET relayed_at = clock_timestamp() WHERE id = ANY ($1) AND relayed_at IS NULL
