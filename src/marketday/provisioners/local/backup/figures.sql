-- What a backup notes of a database and a check compares, and what must hold in it at every moment.

-- name: witness
-- The orders placed before $1: how many, the SHA-256 of those of their columns that never change.
SELECT count(*) AS orders,
       encode(sha256(convert_to(coalesce(string_agg(id || ' ' || total_minor || ' ' || currency, E'\n' ORDER BY id), ''),
                                'UTF8')), 'hex') AS sha256
FROM public.orders WHERE created_at < $1;

-- name: sums
-- The totals of the same orders, by currency.
SELECT currency, sum(total_minor)::bigint AS total_minor FROM public.orders WHERE created_at < $1 GROUP BY currency;

-- name: mall
-- Each row names a sum of the mall that does not hold.
SELECT 'the total of an order is not the sum of its lines' AS problem, count(*) AS found FROM public.orders AS o
WHERE o.total_minor <> (SELECT coalesce(sum(quantity * unit_price_minor), 0) FROM public.order_lines WHERE order_id = o.id)
HAVING count(*) > 0
UNION ALL
SELECT 'a paid order of the mall without its one payment', count(*) FROM public.orders AS o
WHERE o.state = 'paid' AND o.origin = 'mall' AND (
    SELECT count(*) FROM public.payments AS p
    WHERE p.order_id = o.id AND p.state IN ('authorised', 'captured')
      AND p.amount_minor = o.total_minor AND p.currency = o.currency) <> 1
HAVING count(*) > 0
UNION ALL
SELECT 'a payment of another amount than its order', count(*)
FROM public.payments AS p JOIN public.orders AS o ON o.id = p.order_id
WHERE (p.amount_minor, p.currency) <> (o.total_minor, o.currency)
HAVING count(*) > 0;

-- name: drop
-- Each row names a sum of a drop that does not hold.
SELECT 'an item is sold more often than there are units' AS problem, count(*) AS found FROM public.stock
WHERE reserved + sold > total OR reserved < 0 OR sold < 0
HAVING count(*) > 0
UNION ALL
SELECT 'sold is not the sum of the paid order lines', count(*) FROM public.stock AS s
WHERE s.sold <> (SELECT coalesce(sum(l.quantity), 0) FROM public.order_lines AS l JOIN public.orders AS o ON o.id = l.order_id
                 WHERE o.state = 'paid' AND o.drop_slug = s.drop_slug AND l.sku = s.sku)
HAVING count(*) > 0
UNION ALL
SELECT 'reserved is not the sum of what is held', count(*) FROM public.stock AS s
WHERE s.reserved <> (SELECT coalesce(sum(r.quantity), 0) FROM public.reservations AS r
                     WHERE r.state = 'held' AND r.drop_slug = s.drop_slug AND r.sku = s.sku)
HAVING count(*) > 0
UNION ALL
SELECT 'the total of an order is not the sum of its lines', count(*) FROM public.orders AS o
WHERE o.total_minor <> (SELECT coalesce(sum(quantity * unit_price_minor), 0) FROM public.order_lines WHERE order_id = o.id)
HAVING count(*) > 0
UNION ALL
SELECT 'a paid order without its one payment', count(*) FROM public.orders AS o
WHERE o.state = 'paid' AND (
    SELECT count(*) FROM public.payments AS p
    WHERE p.order_id = o.id AND p.state IN ('authorised', 'captured') AND p.amount_minor = o.total_minor) <> 1
HAVING count(*) > 0
UNION ALL
SELECT 'a confirmed reservation without its order', count(*) FROM public.reservations AS r
WHERE (r.state = 'confirmed') <> EXISTS (SELECT FROM public.orders AS o WHERE o.reservation_id = r.id)
HAVING count(*) > 0;

-- name: receipts
-- The receipts of the mall, which its signing key has to have signed.
SELECT environment_id, token FROM public.receipts;

-- name: living
-- The environments that are not destroyed: their planes belong to the home.
SELECT id FROM public.environments WHERE state <> 'destroyed';

-- name: selling
-- Whether a drop is open now.
SELECT EXISTS (SELECT FROM public.environments WHERE state IN ('open', 'draining', 'handing_back'));

-- name: move
-- Record the address at which a restored environment will be reached, and add to the list of its restores ($3, as text).
UPDATE public.environments
SET outputs = outputs || $2::jsonb || CASE WHEN $4::jsonb = '[]' THEN '{}' ELSE
    jsonb_build_object($3::text, (coalesce(outputs ->> $3, '[]')::jsonb || $4::jsonb)::text) END
WHERE id = $1;

-- name: newest_payments
-- The payments of a drop that were begun since $1; $2 at most.
SELECT id FROM public.payments WHERE created_at >= $1 ORDER BY created_at DESC LIMIT $2;
