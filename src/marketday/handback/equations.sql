-- The business's own equations on a staged drop. search_path is the staging schema; $1 is the environment.
-- Each query returns a line of text for everything that breaks its equation, and nothing when it holds.

-- name: stock_is_sold_and_left
-- Of the lent units nothing is reserved any more, what is sold is what orders say, and the rest is left.
SELECT format('%s: lent %s, stock %s, sold %s, reserved %s, ordered %s',
              coalesce(s.sku, a.sku), a.quantity, s.total, s.sold, s.reserved, coalesce(o.units, 0))
FROM stock s
FULL JOIN (SELECT sku, quantity FROM public.allocations WHERE environment_id = $1) a ON a.sku = s.sku
LEFT JOIN (SELECT l.sku, sum(l.quantity) AS units FROM order_lines l JOIN orders o ON o.id = l.order_id
           WHERE o.state = 'paid' GROUP BY l.sku) o ON o.sku = coalesce(s.sku, a.sku)
WHERE s.sku IS NULL OR a.sku IS NULL OR s.total <> a.quantity OR s.reserved <> 0
   OR s.sold <> coalesce(o.units, 0) OR s.sold NOT BETWEEN 0 AND s.total;

-- name: orders_are_paid_exactly
-- The total of an order is the sum of its lines, and the one payment that was captured (or given back) for it.
SELECT format('order %s (%s): total %s %s, lines %s, payments %s', o.id, o.state, o.total_minor, o.currency,
              coalesce(l.amount, 0), coalesce(p.amount::text, 'none'))
FROM orders o
LEFT JOIN (SELECT order_id, sum(quantity * unit_price_minor) AS amount FROM order_lines GROUP BY order_id) l
       ON l.order_id = o.id
LEFT JOIN (SELECT order_id, count(*) AS number, sum(amount_minor) AS amount, min(currency) AS currency,
                  min(state) AS state, max(state) AS last_state
           FROM payments WHERE order_id IS NOT NULL GROUP BY order_id) p ON p.order_id = o.id
WHERE (l.amount, p.amount, p.number, p.currency) IS DISTINCT FROM (o.total_minor, o.total_minor, 1, o.currency)
   OR p.state <> CASE o.state WHEN 'paid' THEN 'captured' ELSE 'refunded' END;

-- name: payments_are_settled
-- No payment is on its way any more, and money that was taken belongs to an order.
SELECT format('payment %s is %s, order %s', id, state, coalesce(order_id::text, 'none'))
FROM payments
WHERE state NOT IN ('captured', 'declined', 'voided', 'refunded') OR (state = 'captured' AND order_id IS NULL);

-- name: reservations_are_settled
-- No reservation is held any more; confirmed ones have an order of the same size, others have none.
SELECT format('reservation %s is %s, order %s', r.id, r.state, coalesce(o.id::text, 'none'))
FROM reservations r
LEFT JOIN orders o ON o.reservation_id = r.id
LEFT JOIN (SELECT order_id, sum(quantity) AS units FROM order_lines GROUP BY order_id) l ON l.order_id = o.id
WHERE r.state = 'held' OR (r.state = 'confirmed') <> (o.id IS NOT NULL)
   OR (o.id IS NOT NULL AND (l.units, o.person_id) IS DISTINCT FROM (r.quantity, r.person_id));

-- name: nobody_is_over_the_limit
-- What a person bought of an item is within the limit, and is what the allowance says.
SELECT format('person %s, %s: bought %s, taken %s, limit %s', coalesce(b.person_id, a.person_id),
              coalesce(b.sku, a.sku), coalesce(b.units, 0), coalesce(a.taken, 0), i.limit_per_person)
FROM (SELECT o.person_id, l.sku, sum(l.quantity) AS units FROM orders o JOIN order_lines l ON l.order_id = o.id
      WHERE o.state = 'paid' GROUP BY o.person_id, l.sku) b
FULL JOIN allowances a ON a.person_id = b.person_id AND a.sku = b.sku
LEFT JOIN items i ON i.sku = coalesce(b.sku, a.sku)
WHERE i.sku IS NULL OR coalesce(b.units, 0) > i.limit_per_person OR coalesce(a.taken, 0) <> coalesce(b.units, 0);

-- name: prices_are_the_items
-- Every line was sold at the price that was handed over.
SELECT format('order %s line %s: %s at %s, item at %s', l.order_id, l.line_number, l.sku, l.unit_price_minor,
              i.price_minor)
FROM order_lines l LEFT JOIN items i ON i.sku = l.sku
WHERE i.price_minor IS DISTINCT FROM l.unit_price_minor;

-- name: there_are_no_orphans
-- Every buyer is an account, every line has an order, every order a reservation, every payment too.
SELECT format('order %s: person %s has no account', o.id, o.person_id)
FROM orders o WHERE NOT EXISTS (SELECT FROM public.accounts a WHERE a.id = o.person_id)
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
-- The seed is the one whose commitment was public before the room opened ($2, hex), and it was published.
SELECT format('draw of %s: seed has SHA-256 %s, recorded %s, promised %s', drop_slug, encode(sha256(seed), 'hex'),
              encode(commitment, 'hex'), $2::text)
FROM draws WHERE commitment <> sha256(seed) OR encode(commitment, 'hex') <> $2
UNION ALL
SELECT 'there is no draw' WHERE NOT EXISTS (SELECT FROM draws) AND $1::uuid IS NOT NULL;

-- name: entries_have_one_place_each
-- No two entries of the waiting room share an index.
SELECT format('index %s is shared by %s entries', index, count(*)) FROM entries GROUP BY index HAVING count(*) > 1;
