-- The statements of paying.py. What stock depends on is a function in sql/drop, see sql/README.md.

-- name: begin
-- Record that payments begin: one row a request, in the order of arrival.
SELECT outcome,
       (payment).id, (payment).drop_slug, (payment).reservation_id, (payment).person_id, (payment).order_id,
       (payment).state, (payment).amount_minor, (payment).currency, (payment).reason, (payment).sku,
       (payment).quantity, (payment).unit_price_minor, (payment).order_state, (payment).total_minor,
       (payment).ordered_at, (payment).title_ko, (payment).title_en
FROM begin_payments($1, $2, $3, $4, $5)

-- name: confirm
-- Make the orders of authorised payments.
SELECT id, drop_slug, reservation_id, person_id, order_id, state, amount_minor, currency, reason, sku, quantity,
       unit_price_minor, order_state, total_minor, ordered_at, title_ko, title_en
FROM confirm_payments($1)

-- name: move
-- Bring payments to a state, from the states that allow it.
SELECT move_payments AS id FROM move_payments($1, $2, $3, $4)

-- name: take_back
-- End the order of a payment that the gateway has no money for: whether it was paid before.
SELECT take_back_order($1, $2, $3)

-- name: postpone
-- Move a payment to the end of the queue.
UPDATE payments SET updated_at = clock_timestamp() WHERE id = $1

-- name: one
-- One payment.
SELECT id, drop_slug, reservation_id, person_id, order_id, state, amount_minor, currency, reason, sku, quantity,
       unit_price_minor, order_state, total_minor, ordered_at, title_ko, title_en
FROM payment_facts WHERE id = $1

-- name: latest
-- A person's last attempt to pay for a reservation.
SELECT id, drop_slug, reservation_id, person_id, order_id, state, amount_minor, currency, reason, sku, quantity,
       unit_price_minor, order_state, total_minor, ordered_at, title_ko, title_en
FROM payment_facts WHERE reservation_id = $1 AND person_id = $2 ORDER BY id DESC LIMIT 1

-- name: unsettled
-- Open payments, the one that was not touched for longest first. The store may still be working on one that is
-- 'authorising', and takes the money of one that is 'authorised', which needs seconds only.
SELECT id, drop_slug, reservation_id, person_id, order_id, state, amount_minor, currency, reason, sku, quantity,
       unit_price_minor, order_state, total_minor, ordered_at, title_ko, title_en
FROM payment_facts
WHERE state IN ('unknown', 'voiding')
   OR (state = 'authorising' AND updated_at < clock_timestamp() - make_interval(secs => $1))
   OR (state = 'authorised' AND updated_at < clock_timestamp() - make_interval(secs => least($1, 5)))
ORDER BY updated_at LIMIT $2
