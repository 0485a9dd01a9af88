-- The reservation path without what makes it exact: no limit a person, no idempotency key, no constraint, no decision.
-- Every request is granted; the rows, the stock, the message and the commit stay. `bench/rows/exactness.py` uses it.
ALTER TABLE stock DROP CONSTRAINT never_oversold;
ALTER TABLE allowances DROP CONSTRAINT never_over_limit;
ALTER TABLE reservations DROP CONSTRAINT one_reservation_a_key;

CREATE OR REPLACE FUNCTION reserve(
    ids uuid[], drop_slugs text[], skus text[], persons uuid[], quantities integer[], keys text[], fingerprints bytea[]
) RETURNS TABLE (outcome text, limit_per_person integer, taken integer, unreserved integer, reservation reservations)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY
    WITH held AS (
        INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                                  reserved_until, idempotency_key, fingerprint, created_at)
        SELECT asked.id, asked.slug, asked.sku, asked.person, asked.quantity, items.price_minor, items.currency, 'held',
               moment + make_interval(secs => drops.hold_seconds), asked.key, asked.fingerprint, moment
        FROM unnest(ids, drop_slugs, skus, persons, quantities, keys, fingerprints)
             AS asked (id, slug, sku, person, quantity, key, fingerprint)
        JOIN drops ON drops.slug = asked.slug
        JOIN items ON items.drop_slug = asked.slug AND items.sku = asked.sku
        CROSS JOIN (SELECT clock_timestamp() AS moment) AS clock
        RETURNING *
    ), less AS (
        UPDATE stock SET reserved = reserved + sums.quantity
        FROM (SELECT held.drop_slug, held.sku, sum(held.quantity) AS quantity FROM held GROUP BY 1, 2) AS sums
        WHERE stock.drop_slug = sums.drop_slug AND stock.sku = sums.sku
    ), said AS (
        INSERT INTO outbox (drop_slug, kind, person_id, body)
        SELECT held.drop_slug, 'reservation.held', held.person_id,
               jsonb_build_object('reservation', held.id, 'sku', held.sku, 'quantity', held.quantity)
        FROM held
    )
    SELECT 'reserved', 1, 1, 1, held::reservations
    FROM unnest(ids) WITH ORDINALITY AS asked (id, number) JOIN held ON held.id = asked.id
    ORDER BY asked.number;
END $$;
