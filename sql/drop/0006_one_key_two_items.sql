-- One key that is used for two items at two processes at the same time: neither holds the other's stock row, so that they
-- meet at the key itself. The later one is a conflict; the others of its batch are decided as if it were not there.

-- Write down the reservations of a batch whose outcome is 'reserved', and all that follows from them. Where another
-- process took a key for another item in this very moment, nothing is written for that request alone.
CREATE OR REPLACE FUNCTION write_reservations(
    ids uuid[], drop_slugs text[], skus text[], persons uuid[], quantities integer[], keys text[],
    fingerprints bytea[], outcomes text[]
) RETURNS void LANGUAGE sql AS $$
    WITH held AS (
        INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                                  reserved_until, idempotency_key, fingerprint, created_at)
        SELECT asked.id, asked.slug, asked.sku, asked.person, asked.quantity, items.price_minor, items.currency, 'held',
               moment + make_interval(secs => drops.hold_seconds), asked.key, asked.fingerprint, moment
        FROM unnest(ids, drop_slugs, skus, persons, quantities, keys, fingerprints, outcomes)
             AS asked (id, slug, sku, person, quantity, key, fingerprint, outcome)
        JOIN drops ON drops.slug = asked.slug
        JOIN items ON items.drop_slug = asked.slug AND items.sku = asked.sku
        CROSS JOIN (SELECT clock_timestamp() AS moment) AS clock
        WHERE asked.outcome = 'reserved'
        ORDER BY asked.person, asked.key -- two processes that meet at one key meet in one order
        ON CONFLICT ON CONSTRAINT one_reservation_a_key DO NOTHING
        RETURNING *
    ), less AS (
        UPDATE stock SET reserved = reserved + sums.quantity
        FROM (SELECT drop_slug, sku, sum(quantity) AS quantity FROM held GROUP BY drop_slug, sku) AS sums
        WHERE stock.drop_slug = sums.drop_slug AND stock.sku = sums.sku
    ), taken AS (
        INSERT INTO allowances (drop_slug, sku, person_id, taken, limit_per_person)
        SELECT held.drop_slug, held.sku, held.person_id, sum(held.quantity), max(items.limit_per_person)
        FROM held JOIN items ON items.drop_slug = held.drop_slug AND items.sku = held.sku
        GROUP BY held.drop_slug, held.sku, held.person_id
        ON CONFLICT (drop_slug, sku, person_id) DO UPDATE SET taken = allowances.taken + excluded.taken
    )
    INSERT INTO outbox (drop_slug, kind, person_id, body)
    SELECT drop_slug, 'reservation.held', person_id,
           jsonb_build_object('reservation', id, 'sku', sku, 'quantity', quantity)
    FROM held
$$;
