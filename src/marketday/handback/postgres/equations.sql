-- The equations of a staged drop; search_path is the staging schema. Tables named known_* have the records of the mall,
-- the payment gateway and the waiting room; all other tables are the copy of the drop's database, which is not trusted
-- about facts that are in one of those records.
-- Each query returns a line of text for everything that breaks its equation, and nothing if it holds.

-- name: stock_is_sold_and_left
-- No lent unit is still reserved, the orders have the sold units, and the other units are left.
SELECT format('%s: lent %s, stock %s, sold %s, reserved %s, ordered %s',
              coalesce(s.sku, a.sku), a.quantity, s.total, s.sold, s.reserved, coalesce(o.units, 0))
FROM stock s
FULL JOIN known_items a ON a.sku = s.sku
LEFT JOIN (SELECT l.sku, sum(l.quantity) AS units FROM order_lines l JOIN orders o ON o.id = l.order_id
           WHERE o.state = 'paid' GROUP BY l.sku) o ON o.sku = coalesce(s.sku, a.sku)
WHERE (s.total = a.quantity AND s.reserved = 0 AND s.sold = coalesce(o.units, 0)
       AND s.sold BETWEEN 0 AND s.total) IS NOT TRUE;

-- name: rows_are_whole
-- Every row belongs to this drop, and only columns that are set later or never may be empty.
SELECT format('item %s of %s', sku, drop_slug) FROM items AS t
WHERE (t IS NOT NULL AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('stock of %s of %s', sku, drop_slug) FROM stock AS t
WHERE (t IS NOT NULL AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('allowance of %s of %s for %s', sku, drop_slug, person_id) FROM allowances AS t
WHERE (t IS NOT NULL AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('reservation %s of %s', id, drop_slug) FROM reservations
WHERE (ROW(sku, person_id, quantity, unit_price_minor, currency, state, reserved_until, idempotency_key, fingerprint,
           created_at) IS NOT NULL
       AND (settled_at IS NOT NULL OR state = 'held') AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('order %s of %s', id, drop_slug) FROM orders AS t
WHERE (t IS NOT NULL AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('line %s of order %s', line_number, order_id) FROM order_lines AS t WHERE (t IS NOT NULL) IS NOT TRUE
UNION ALL
SELECT format('payment %s of %s', id, drop_slug) FROM payments
WHERE (ROW(reservation_id, person_id, state, amount_minor, currency, reason, idempotency_key, fingerprint, created_at,
           updated_at) IS NOT NULL
       AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('draw of %s', drop_slug) FROM draws
WHERE (ROW(seed, commitment) IS NOT NULL AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE
UNION ALL
SELECT format('entry of %s in %s', person_id, drop_slug) FROM entries
WHERE (ROW(index, joined_at) IS NOT NULL AND drop_slug IN (SELECT slug FROM known_drop)) IS NOT TRUE;

-- name: values_are_possible
-- States are known, quantities positive, amounts not negative, currencies three letters, moments within the day.
SELECT format('order %s: %s %s %s at %s', id, state, total_minor, currency, created_at) FROM orders
WHERE (state IN ('paid', 'refunded') AND total_minor >= 0 AND currency ~ '^[A-Z]{3}$' AND isfinite(created_at)) IS NOT TRUE
UNION ALL
SELECT format('line %s of order %s: %s at %s', line_number, order_id, quantity, unit_price_minor) FROM order_lines
WHERE (line_number = 1 AND quantity > 0 AND unit_price_minor >= 0) IS NOT TRUE
UNION ALL
SELECT format('payment %s: %s %s %s, %s to %s', id, state, amount_minor, currency, created_at, updated_at) FROM payments
WHERE (state IN ('authorising', 'unknown', 'authorised', 'captured', 'voiding', 'declined', 'voided', 'refunded')
       AND amount_minor >= 0 AND currency ~ '^[A-Z]{3}$' AND isfinite(created_at) AND isfinite(updated_at)) IS NOT TRUE
UNION ALL
SELECT format('reservation %s: %s, %s at %s', id, state, quantity, created_at) FROM reservations
WHERE (state IN ('held', 'confirmed', 'expired', 'released') AND quantity > 0 AND unit_price_minor >= 0
       AND currency ~ '^[A-Z]{3}$' AND isfinite(created_at)) IS NOT TRUE;

-- name: the_drop_is_the_promised_one
-- Names, moments, times and ceilings of the drop are the same as in its definition; there is one drop.
SELECT format('%s: %s', coalesce(d.slug, k.slug), CASE
    WHEN k.slug IS NULL THEN 'the mall promised no such drop'
    WHEN d.slug IS NULL THEN 'it is not in the copy'
    ELSE concat_ws(', ',
        CASE WHEN d.name_ko <> k.name_ko THEN format('name_ko %s, promised %s', d.name_ko, k.name_ko) END,
        CASE WHEN d.name_en <> k.name_en THEN format('name_en %s, promised %s', d.name_en, k.name_en) END,
        CASE WHEN (d.room_opens_at, d.opens_at, d.closes_at) IS DISTINCT FROM (k.room_opens_at, k.opens_at, k.closes_at)
             THEN format('from %s, %s to %s, promised %s, %s to %s', d.room_opens_at, d.opens_at, d.closes_at,
                         k.room_opens_at, k.opens_at, k.closes_at) END,
        CASE WHEN (d.hold_seconds, d.admission_seconds) IS DISTINCT FROM (k.hold_seconds, k.admission_seconds)
             THEN format('hold_seconds %s, admission_seconds %s, promised %s and %s', d.hold_seconds, d.admission_seconds,
                         k.hold_seconds, k.admission_seconds) END,
        CASE WHEN d.rates IS DISTINCT FROM k.rates THEN format('rates %s, promised %s', d.rates, k.rates) END,
        CASE WHEN d.zone <> k.zone THEN format('zone %s, promised %s', d.zone, k.zone) END)
    END)
FROM drops d FULL JOIN known_drop k ON k.slug = d.slug
WHERE (d.slug, d.name_ko, d.name_en, d.room_opens_at, d.opens_at, d.closes_at, d.hold_seconds,
       d.admission_seconds, d.rates, d.zone)
   IS DISTINCT FROM
      (k.slug, k.name_ko, k.name_en, k.room_opens_at, k.opens_at, k.closes_at, k.hold_seconds,
       k.admission_seconds, k.rates, k.zone);

-- name: items_are_those_lent
-- Names, order, description, picture, price and limit of each item are exactly as the mall lent it.
SELECT format('%s: %s', coalesce(i.sku, k.sku), CASE
    WHEN k.sku IS NULL THEN 'the mall lent no such item'
    WHEN i.sku IS NULL THEN 'it was lent, and is not in the copy'
    ELSE concat_ws(', ',
        CASE WHEN (i.title_ko, i.title_en) IS DISTINCT FROM (k.title_ko, k.title_en)
             THEN format('named %s / %s, lent as %s / %s', i.title_ko, i.title_en, k.title_ko, k.title_en) END,
        CASE WHEN (i.price_minor, i.currency::text) IS DISTINCT FROM (k.price_minor, k.currency)
             THEN format('%s %s, lent at %s %s', i.price_minor, i.currency, k.price_minor, k.currency) END,
        CASE WHEN i.limit_per_person IS DISTINCT FROM k.limit_per_person
             THEN format('limit %s, lent with %s', i.limit_per_person, k.limit_per_person) END,
        CASE WHEN i.position IS DISTINCT FROM k.position
             THEN format('position %s, lent as %s', i.position, k.position) END,
        CASE WHEN sha256(convert_to(i.body_html, 'UTF8') || '\x00' || convert_to(i.image, 'UTF8')) IS DISTINCT FROM k.shown
             THEN 'another description or picture than was lent' END)
    END)
FROM items i FULL JOIN known_items k ON k.sku = i.sku
WHERE (i.sku, i.title_ko, i.title_en, i.price_minor, i.currency::text, i.limit_per_person, i.position,
       sha256(convert_to(i.body_html, 'UTF8') || '\x00' || convert_to(i.image, 'UTF8')))
   IS DISTINCT FROM
      (k.sku, k.title_ko, k.title_en, k.price_minor, k.currency, k.limit_per_person, k.position, k.shown);

-- name: lines_are_the_items
-- Every line and reservation names an item that was lent, at the price and by the name that it was lent with.
SELECT format('order %s line %s: %s (%s / %s) at %s, lent as %s / %s at %s', l.order_id, l.line_number, l.sku, l.title_ko,
              l.title_en, l.unit_price_minor, k.title_ko, k.title_en, k.price_minor)
FROM order_lines l LEFT JOIN known_items k ON k.sku = l.sku
WHERE (l.title_ko, l.title_en, l.unit_price_minor)
   IS DISTINCT FROM (k.title_ko, k.title_en, k.price_minor)
UNION ALL
SELECT format('reservation %s: %s at %s %s, lent at %s %s', r.id, r.sku, r.unit_price_minor, r.currency, k.price_minor,
              k.currency)
FROM reservations r LEFT JOIN known_items k ON k.sku = r.sku
WHERE (r.unit_price_minor, r.currency::text) IS DISTINCT FROM (k.price_minor, k.currency)
UNION ALL
SELECT format('order %s is in %s, its item in %s', o.id, o.currency, k.currency)
FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN known_items k ON k.sku = l.sku
WHERE o.currency::text <> k.currency;

-- name: orders_are_paid_exactly
-- The total of an order is the sum of its lines, and the one payment that was captured for it; if the order was taken
-- back, the one that was refunded, or voided before it was captured.
SELECT format('order %s (%s): total %s %s, lines %s, payments %s', o.id, o.state, o.total_minor, o.currency,
              coalesce(l.amount, 0), coalesce(p.amount::text, 'none'))
FROM orders o
LEFT JOIN (SELECT order_id, sum(quantity::numeric * unit_price_minor) AS amount FROM order_lines GROUP BY order_id) l
       ON l.order_id = o.id
LEFT JOIN (SELECT order_id, count(*) AS number, sum(amount_minor) AS amount, min(currency) AS currency,
                  min(state) AS state, max(state) AS last_state
           FROM payments WHERE order_id IS NOT NULL GROUP BY order_id) p ON p.order_id = o.id
WHERE (l.amount, p.amount, p.number, p.currency) IS DISTINCT FROM (o.total_minor, o.total_minor, 1, o.currency)
   OR (p.state = ANY (CASE o.state WHEN 'paid' THEN ARRAY['captured'] ELSE ARRAY['refunded', 'voided'] END)) IS NOT TRUE;

-- name: payments_are_the_orders_own
-- In every state, a payment is by the person of the reservation and of the order, for the order's reservation and for
-- its full amount. The order has the payment's id. The gateway has each id only once, so no drop can use the id of
-- another drop's order, which would prevent that order's promotion.
SELECT format('payment %s: %s %s by %s for %s; order %s by %s of %s; reservation by %s, %s at %s %s', p.id,
              p.amount_minor, p.currency, p.person_id, p.reservation_id, o.id, o.person_id, o.reservation_id,
              r.person_id, r.quantity, r.unit_price_minor, r.currency)
FROM payments p
LEFT JOIN orders o ON o.id = p.order_id
LEFT JOIN reservations r ON r.id = p.reservation_id
WHERE (p.person_id, p.amount_minor, p.currency)
      IS DISTINCT FROM (r.person_id, r.quantity::numeric * r.unit_price_minor, r.currency)
   OR (p.order_id IS NOT NULL
       AND (p.id, p.person_id, p.reservation_id) IS DISTINCT FROM (o.id, o.person_id, o.reservation_id));

-- name: payments_are_settled
-- No payment is still open, and money that was taken belongs to an order.
SELECT format('payment %s is %s, order %s', id, state, coalesce(order_id::text, 'none'))
FROM payments
WHERE state NOT IN ('captured', 'declined', 'voided', 'refunded') OR (state = 'captured' AND order_id IS NULL);

-- name: payments_are_the_gateways
-- Money that was taken or refunded is in the gateway's books: with the environment's key, for this drop, with the same
-- amount, person, reservation and goods. Money that was not taken here was not taken there.
SELECT format('payment %s is %s %s %s by %s for %s; the gateway has %s', p.id, p.state, p.amount_minor, p.currency,
              p.person_id, p.reservation_id, CASE WHEN k.id IS NULL THEN 'no such payment' ELSE
              format('%s %s %s by %s for %s (%s), drop %s, key of %s', k.state, k.amount_minor, k.currency, k.person_id,
                     k.reservation_id, k.goods, k.drop_slug, k.holder) END)
FROM payments p
LEFT JOIN reservations r ON r.id = p.reservation_id
LEFT JOIN known_payments k ON k.id = p.id
LEFT JOIN known_drop d ON d.slug = p.drop_slug
WHERE CASE WHEN p.state IN ('captured', 'refunded')
           THEN (k.state, k.amount_minor, k.currency, k.drop_slug, k.person_id, k.reservation_id, k.goods,
                 coalesce(d.payment_holder, k.holder))
                IS DISTINCT FROM
                (p.state, p.amount_minor, p.currency::text, p.drop_slug, p.person_id, p.reservation_id,
                 format('%s x %s', r.sku, r.quantity), k.holder)
           ELSE k.state IN ('authorised', 'captured', 'refunded') END
UNION ALL
SELECT format('payment %s is only in the gateway''s books: %s %s %s by %s for %s, drop %s', k.id, k.state,
              k.amount_minor, k.currency, k.person_id, k.reservation_id, k.drop_slug)
FROM known_payments k
WHERE NOT EXISTS (SELECT FROM payments p WHERE p.id = k.id)
  AND (k.drop_slug IN (SELECT slug FROM known_drop) OR k.state IN ('authorised', 'captured'));

-- name: moments_follow_each_other
-- Reserving, paying, ordering and settling happened in this order and during the drop; so did the call of the gateway.
-- The drop's clock may be changed by one second in that time, and differ from the gateway's by five. A unit that came back
-- to a standby may be reserved later than the close: see offered_until in sql/drop/0010_standbys.sql.
SELECT format('order %s at %s: reserved %s, payment begun %s, confirmed %s, at the gateway %s to %s', o.id, o.created_at,
              r.created_at, p.created_at, r.settled_at, k.created_at, k.updated_at)
FROM orders o
JOIN payments p ON p.order_id = o.id
JOIN reservations r ON r.id = o.reservation_id
LEFT JOIN known_payments k ON k.id = p.id
LEFT JOIN known_drop d ON d.slug = o.drop_slug
WHERE (r.created_at <= p.created_at + interval '1 s' AND p.created_at <= o.created_at + interval '1 s'
       AND o.created_at <= r.settled_at AND r.settled_at <= o.created_at + interval '1 min'
       AND r.created_at >= d.opens_at AND r.created_at <= d.closes_at + interval '5 s'
           + CASE WHEN r.idempotency_key = 'standby-' || r.id THEN make_interval(secs => d.hold_seconds + 60)
                  ELSE interval '0 s' END
       AND o.created_at BETWEEN k.created_at - interval '5 s' AND k.updated_at + interval '5 s'
       AND p.updated_at BETWEEN o.created_at - interval '1 s' AND greatest(now(), k.updated_at) + interval '5 s') IS NOT TRUE;

-- name: reservations_are_settled
-- No reservation is still held; confirmed ones have an order of the same item, size and person, others have none.
SELECT format('reservation %s is %s, order %s', r.id, r.state, coalesce(o.id::text, 'none'))
FROM reservations r
LEFT JOIN orders o ON o.reservation_id = r.id
LEFT JOIN (SELECT order_id, sum(quantity) AS units, min(sku) AS sku, max(sku) AS last_sku
           FROM order_lines GROUP BY order_id) l ON l.order_id = o.id
WHERE r.state = 'held' OR (r.state = 'confirmed') <> (o.id IS NOT NULL)
   OR (o.id IS NOT NULL
       AND (l.units, l.sku, l.last_sku, o.person_id) IS DISTINCT FROM (r.quantity, r.sku, r.sku, r.person_id));

-- name: nobody_is_over_the_limit
-- The units of an item that a person bought are within the limit it was lent with, and equal the allowance's number.
SELECT format('person %s, %s: bought %s, taken %s, limit %s', coalesce(b.person_id, a.person_id),
              coalesce(b.sku, a.sku), coalesce(b.units, 0), coalesce(a.taken, 0), i.limit_per_person)
FROM (SELECT o.person_id, l.sku, sum(l.quantity) AS units FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.state = 'paid' GROUP BY o.person_id, l.sku) b
FULL JOIN allowances a ON a.person_id = b.person_id AND a.sku = b.sku
LEFT JOIN known_items i ON i.sku = coalesce(b.sku, a.sku)
WHERE (coalesce(b.units, 0) <= i.limit_per_person AND coalesce(a.taken, 0) = coalesce(b.units, 0)
       AND coalesce(a.limit_per_person, i.limit_per_person) = i.limit_per_person) IS NOT TRUE;

-- name: there_are_no_orphans
-- Every buyer has an account, every line an order, every order a reservation, and every payment a reservation.
SELECT format('order %s: person %s has no account', o.id, o.person_id)
FROM orders o WHERE NOT EXISTS (SELECT FROM known_accounts a WHERE a.id = o.person_id)
UNION ALL
SELECT format('line %s of order %s has no order', l.line_number, l.order_id)
FROM order_lines l WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = l.order_id)
UNION ALL
SELECT format('order %s has no line', o.id)
FROM orders o WHERE NOT EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id)
UNION ALL
SELECT format('order %s has no reservation', o.id)
FROM orders o WHERE NOT EXISTS (SELECT FROM reservations r WHERE r.id = o.reservation_id)
UNION ALL
SELECT format('payment %s has no reservation', p.id)
FROM payments p WHERE NOT EXISTS (SELECT FROM reservations r WHERE r.id = p.reservation_id)
UNION ALL
SELECT format('payment %s has no order', p.id)
FROM payments p WHERE p.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM orders o WHERE o.id = p.order_id);

-- name: the_draw_is_the_promised_one
-- The seed fits the commitment that was public before the room opened, and was published.
SELECT format('draw of %s: seed has SHA-256 %s, recorded %s, promised %s', d.drop_slug, encode(sha256(d.seed), 'hex'),
              encode(d.commitment, 'hex'), k.commitment)
FROM draws d LEFT JOIN known_drop k ON k.slug = d.drop_slug
WHERE (d.commitment = sha256(d.seed) AND encode(d.commitment, 'hex') = k.commitment) IS NOT TRUE
UNION ALL
SELECT 'there is no draw' WHERE NOT EXISTS (SELECT FROM draws);

-- name: entries_have_one_place_each
-- The places are 0, 1, 2 ... without gaps or duplicates; people who joined again have several.
SELECT format('%s has place %s; expected %s', person_id, index, place)
FROM (SELECT person_id, index, row_number() OVER (ORDER BY index, person_id) - 1 AS place FROM entries) AS numbered
WHERE index IS DISTINCT FROM place;

-- name: the_register_is_the_rooms
-- Register and draw are the same as on the waiting room's own server, as far as it still has them.
SELECT format('entry of %s: place %s, joined %s, admitted %s; in the room %s, %s, %s', coalesce(e.person_id, k.person_id),
              e.index, e.joined_at, e.admitted_at, k.index, k.joined_at, k.admitted_at)
FROM entries e FULL JOIN known_entries k ON (k.person_id, k.index) = (e.person_id, e.index)
WHERE EXISTS (SELECT FROM known_draw)
  AND (e.index, e.joined_at, e.admitted_at) IS DISTINCT FROM (k.index, k.joined_at, k.admitted_at)
UNION ALL
SELECT format('draw: cohort %s, published %s; in the room %s, %s', d.cohort, d.published_at, k.cohort, k.published_at)
FROM draws d FULL JOIN known_draw k ON k.drop_slug = d.drop_slug
WHERE EXISTS (SELECT FROM known_draw)
  AND (d.cohort, d.published_at) IS DISTINCT FROM (k.cohort, k.published_at);

-- name: buyers_were_admitted
-- Buyers were admitted by the room before they reserved, as far as the room still has its entries.
SELECT format('order %s: %s reserved at %s, first admitted at %s', o.id, o.person_id, r.created_at, k.admitted_at)
FROM orders o
JOIN reservations r ON r.id = o.reservation_id
LEFT JOIN (SELECT person_id, min(admitted_at) AS admitted_at FROM known_entries GROUP BY person_id) k
       ON k.person_id = o.person_id
WHERE EXISTS (SELECT FROM known_draw) AND (k.admitted_at <= r.created_at + interval '5 s') IS NOT TRUE;
