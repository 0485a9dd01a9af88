-- The reservation path without what makes it exact; `bench/rows/exactness.py` puts it into a database of its own.

-- name: constraints
-- No limit a person, no unique key, no constraint on the stock.
ALTER TABLE stock DROP CONSTRAINT never_oversold;
ALTER TABLE allowances DROP CONSTRAINT never_over_limit;
ALTER TABLE reservations DROP CONSTRAINT one_reservation_a_key;

-- name: reserve_batch
-- Every request is granted: no lock before the write, no decision, no allowance. Rows, stock, message and commit stay.
CREATE OR REPLACE FUNCTION reserve_batch(
    drop_slugs text[], skus text[], items integer[], ids uuid[], persons uuid[], quantities integer[], keys text[],
    fingerprints bytea[]
) RETURNS TABLE (outcome text, numbers integer[], limit_per_person integer, taken integer, left_now integer, id uuid,
                 unit_price_minor bigint, currency text, state text, reserved_until timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    WITH sale AS (
        SELECT known.number::integer AS item, known.slug, known.sku, goods.price_minor AS price, goods.currency AS money,
               clock_timestamp() + make_interval(secs => drops.hold_seconds) AS until
        FROM unnest(drop_slugs, skus) WITH ORDINALITY AS known (slug, sku, number)
        JOIN drops ON drops.slug = known.slug
        JOIN items AS goods ON goods.drop_slug = known.slug AND goods.sku = known.sku
    ), held AS (
        INSERT INTO reservations AS made (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                                          reserved_until, idempotency_key, fingerprint, created_at)
        SELECT asked.id, sale.slug, sale.sku, asked.person, asked.quantity, sale.price, sale.money, 'held', sale.until,
               asked.key, asked.fingerprint, clock_timestamp()
        FROM unnest(ids, items, persons, quantities, keys, fingerprints)
             AS asked (id, item, person, quantity, key, fingerprint)
        JOIN sale ON sale.item = asked.item
        RETURNING made.drop_slug, made.sku, made.person_id, made.quantity
    ), less AS (
        UPDATE stock SET reserved = reserved + sums.quantity
        FROM (SELECT held.drop_slug, held.sku, sum(held.quantity) AS quantity FROM held GROUP BY held.drop_slug, held.sku)
             AS sums
        WHERE stock.drop_slug = sums.drop_slug AND stock.sku = sums.sku
    ), said AS (
        INSERT INTO outbox (drop_slug, kind, people)
        SELECT held.drop_slug, 'reservation.held', array_agg(held.person_id) FROM held GROUP BY held.drop_slug
    )
    SELECT 'reserved', array_positions(items, sale.item), 1, NULL::integer, NULL::integer, NULL::uuid, sale.price,
           sale.money::text, 'held', sale.until
    FROM sale;
END $$;
