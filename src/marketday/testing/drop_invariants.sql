-- What must hold in a drop database at every moment: each row names a sum that does not hold.
WITH held AS (
    SELECT drop_slug, sku, person_id, sum(quantity) AS units
    FROM reservations WHERE state = 'held' GROUP BY drop_slug, sku, person_id
), bought AS (
    SELECT orders.drop_slug, order_lines.sku, orders.person_id, sum(order_lines.quantity) AS units
    FROM orders JOIN order_lines ON order_lines.order_id = orders.id
    WHERE orders.state = 'paid'
    GROUP BY orders.drop_slug, order_lines.sku, orders.person_id
), mine AS (
    SELECT drop_slug, sku, person_id, sum(units) AS units
    FROM (TABLE held UNION ALL TABLE bought) AS both_kinds GROUP BY drop_slug, sku, person_id
)
SELECT 'oversold' AS name FROM stock WHERE reserved + sold > total
UNION ALL
SELECT 'reserved is not the sum of what is held' FROM stock
WHERE reserved <> (SELECT coalesce(sum(units), 0) FROM held
                   WHERE held.drop_slug = stock.drop_slug AND held.sku = stock.sku)
UNION ALL
SELECT 'sold is not the sum of the order lines' FROM stock
WHERE sold <> (SELECT coalesce(sum(units), 0) FROM bought
               WHERE bought.drop_slug = stock.drop_slug AND bought.sku = stock.sku)
UNION ALL
SELECT 'taken is not what is held and bought' FROM allowances FULL JOIN mine USING (drop_slug, sku, person_id)
WHERE coalesce(allowances.taken, 0) <> coalesce(mine.units, 0)
UNION ALL
SELECT 'somebody is over the limit' FROM mine JOIN items USING (drop_slug, sku) WHERE mine.units > items.limit_per_person
UNION ALL
SELECT 'an order without its one payment' FROM orders
WHERE (SELECT count(*) FROM payments WHERE payments.order_id = orders.id
       AND payments.state = ANY (CASE orders.state WHEN 'paid' THEN ARRAY['authorised', 'captured']
                                 ELSE ARRAY['refunded', 'voided'] END) AND payments.amount_minor = orders.total_minor) <> 1
UNION ALL
SELECT 'a confirmed reservation without an order, or an order of another one' FROM reservations
WHERE (state = 'confirmed') <> EXISTS (SELECT FROM orders WHERE orders.reservation_id = reservations.id)
UNION ALL
SELECT 'an order total is not the sum of its lines' FROM orders
WHERE total_minor <> (SELECT sum(quantity * unit_price_minor) FROM order_lines WHERE order_id = orders.id)
UNION ALL
SELECT 'a unit is free while somebody waits for it' FROM standbys
JOIN drops ON drops.slug = standbys.drop_slug
JOIN stock USING (drop_slug, sku)
JOIN items USING (drop_slug, sku)
LEFT JOIN allowances USING (drop_slug, sku, person_id)
WHERE standbys.waiting AND stock.reserved + stock.sold < stock.total AND is_present(standbys.seen_at, drops.hold_seconds)
  AND coalesce(allowances.taken, 0) < items.limit_per_person
  AND offered_until(clock_timestamp(), drops.closes_at, drops.hold_seconds) IS NOT NULL
  AND NOT EXISTS (SELECT FROM ended_offers WHERE ended_offers.drop_slug = drops.slug)
UNION ALL
SELECT 'one unit offered twice' FROM standbys WHERE reservation_id IS NOT NULL GROUP BY reservation_id HAVING count(*) > 1
UNION ALL
SELECT 'an offer to another person' FROM standbys JOIN reservations ON reservations.id = reservation_id
WHERE (standbys.drop_slug, standbys.sku, standbys.person_id)
   IS DISTINCT FROM (reservations.drop_slug, reservations.sku, reservations.person_id)
