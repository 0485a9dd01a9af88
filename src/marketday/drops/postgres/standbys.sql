-- The statements of standbys.py. What changes a standby is a function in sql/drop/0010_standbys.sql.

-- name: stand_by
-- Get in line for an item of which every unit is held.
SELECT outcome, limit_per_person, taken FROM stand_by($1, $2, $3, $4, $5, $6)

-- name: look
-- Record that a person looked at what they wait for.
SELECT look_at_standbys($1, $2)

-- name: standbys_of
-- What one person waits for in a drop, or was offered; `ahead` counts the people who would get a unit before, up to $3.
SELECT mine.id, mine.drop_slug AS "drop", mine.sku, mine.quantity, mine.waiting, mine.asked_at, mine.reservation_id,
       stock.sold >= stock.total AS sold_out,
       offered_until(clock_timestamp(), drops.closes_at, drops.hold_seconds) IS NULL
           OR EXISTS (SELECT FROM ended_offers WHERE ended_offers.drop_slug = mine.drop_slug) AS closed,
       CASE WHEN mine.waiting THEN
           (SELECT count(*)::integer FROM (
                SELECT FROM standbys AS other
                WHERE other.drop_slug = mine.drop_slug AND other.sku = mine.sku AND other.waiting
                  AND is_present(other.seen_at, drops.hold_seconds)
                  AND (other.offers, other.position) < (mine.offers, mine.position)
                LIMIT $3) AS before)
       END AS ahead
FROM standbys AS mine
JOIN drops ON drops.slug = mine.drop_slug
JOIN stock ON stock.drop_slug = mine.drop_slug AND stock.sku = mine.sku
WHERE mine.person_id = $2 AND mine.drop_slug = $1 AND (mine.waiting OR mine.reservation_id IS NOT NULL)
ORDER BY mine.asked_at, mine.sku

-- name: offered
-- The reservations that were offered.
SELECT id, drop_slug AS "drop", sku, person_id, quantity, unit_price_minor, currency, state, reserved_until
FROM reservations WHERE id = ANY ($1)

-- name: leave
-- Stop waiting for an item.
SELECT leave_standby($1, $2)
