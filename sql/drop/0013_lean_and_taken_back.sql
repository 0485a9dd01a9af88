-- Less work for a call about one item, which a shopper who comes alone makes; and orders that are taken back.

-- Lock the stock of items, in the order of their keys. One item alone, the usual case, has no order.
CREATE OR REPLACE FUNCTION lock_stock(drop_slugs text[], skus text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(skus) = 1 THEN
        PERFORM 1 FROM stock WHERE stock.drop_slug = drop_slugs[1] AND stock.sku = skus[1] FOR NO KEY UPDATE;
        RETURN;
    END IF;
    PERFORM 1
    FROM stock
    WHERE (stock.drop_slug, stock.sku) IN (SELECT asked.slug, asked.sku FROM unnest(drop_slugs, skus) AS asked (slug, sku))
    ORDER BY stock.drop_slug, stock.sku
    FOR NO KEY UPDATE;
END $$;

-- Decide a batch of requests and write it down, in one transaction. `drop_slugs` and `skus` name each item once; the other
-- arrays have one element a request, in the order of arrival, and `items` says which item it is about. Outcomes: reserved;
-- replayed (its key's first answer again); conflict (the key belongs to another request); unknown_drop, not_open,
-- drop_closed, unknown_item; over_limit; all_reserved (too little is left now, some may come back); sold_out (nothing ever
-- comes back). A refusal leaves no trace, so that its key may be used again. Requests with the same answer share a row,
-- with their `numbers`. `id` is set where the reservation has another id than the one that was proposed.
CREATE OR REPLACE FUNCTION reserve_batch(
    drop_slugs text[], skus text[], items integer[], ids uuid[], persons uuid[], quantities integer[], keys text[],
    fingerprints bytea[]
) RETURNS TABLE (outcome text, numbers integer[], limit_per_person integer, taken integer, left_now integer, id uuid,
                 unit_price_minor bigint, currency text, state text, reserved_until timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    moment  timestamptz;
    sale    record;
    decided record;
    fits    boolean;
    missing boolean := false; -- whether a granted reservation was not written, because its key was taken
BEGIN
    PERFORM lock_stock(drop_slugs, skus);
    moment := clock_timestamp();
    SELECT * INTO sale FROM items_of_batch(drop_slugs, skus, moment);
    fits := all_fits(drop_slugs, skus, sale.phases, sale.limits, sale.unreserved, items, persons, quantities);
    IF fits THEN
        SELECT array_fill('reserved'::text, ARRAY[cardinality(ids)]) AS outcomes, NULL::integer[] AS taken,
               NULL::integer[] AS left_now INTO decided;
    ELSE
        SELECT * INTO decided FROM decide_in_order(drop_slugs, skus, sale.phases, sale.limits, sale.unreserved,
                                                   sale.sold_out, items, persons, quantities, keys, fingerprints);
    END IF;
    IF 'reserved' = ANY (decided.outcomes) THEN
        WITH held AS (
            INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                                      reserved_until, idempotency_key, fingerprint, created_at)
            SELECT asked.id, drop_slugs[asked.item], skus[asked.item], asked.person, asked.quantity,
                   sale.prices[asked.item], sale.currencies[asked.item], 'held', sale.untils[asked.item],
                   asked.key, asked.fingerprint, moment
            FROM unnest(ids, items, persons, quantities, keys, fingerprints, decided.outcomes) WITH ORDINALITY
                 AS asked (id, item, person, quantity, key, fingerprint, outcome, number)
            WHERE asked.outcome = 'reserved'
            ORDER BY asked.person, asked.key, asked.number -- two processes that meet at one key meet in one order
            ON CONFLICT ON CONSTRAINT one_reservation_a_key DO NOTHING
            RETURNING reservations.drop_slug, reservations.sku, reservations.person_id, reservations.quantity
        ), taker AS (
            SELECT held.drop_slug, held.sku, held.person_id, sum(held.quantity)::integer AS quantity, count(*) AS requests
            FROM held GROUP BY held.person_id, held.drop_slug, held.sku
        ), taken AS (
            INSERT INTO allowances (drop_slug, sku, person_id, taken, limit_per_person)
            SELECT taker.drop_slug, taker.sku, taker.person_id, taker.quantity, known.most
            FROM taker JOIN unnest(drop_slugs, skus, sale.limits) AS known (slug, sku, most)
                       ON known.slug = taker.drop_slug AND known.sku = taker.sku
            ON CONFLICT (person_id, drop_slug, sku) DO UPDATE SET taken = allowances.taken + excluded.taken
        ), less AS (
            UPDATE stock SET reserved = reserved + sums.quantity
            FROM (SELECT taker.drop_slug, taker.sku, sum(taker.quantity) AS quantity
                  FROM taker GROUP BY taker.drop_slug, taker.sku) AS sums
            WHERE stock.drop_slug = sums.drop_slug AND stock.sku = sums.sku
        ), told AS (
            INSERT INTO outbox (drop_slug, kind, people)
            SELECT taker.drop_slug, 'reservation.held', array_agg(taker.person_id) FROM taker GROUP BY taker.drop_slug
        )
        SELECT coalesce(sum(taker.requests), 0) < cardinality(array_positions(decided.outcomes, 'reserved')) INTO missing
        FROM taker;
    END IF;
    IF fits AND NOT missing THEN -- nothing that the answers need is in the tables: one row for each item
        FOR item IN 1..cardinality(skus) LOOP
            outcome := 'reserved';
            numbers := array_positions(items, item);
            limit_per_person := sale.limits[item];
            unit_price_minor := sale.prices[item];
            currency := sale.currencies[item];
            state := 'held';
            reserved_until := sale.untils[item];
            RETURN NEXT;
        END LOOP;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT answer.outcome, array_agg(answer.number), sale.limits[answer.item], answer.taken, answer.left_now, answer.id,
           coalesce(answer.unit_price_minor, sale.prices[answer.item]),
           coalesce(answer.currency, sale.currencies[answer.item]), coalesce(answer.state, 'held'),
           coalesce(answer.reserved_until, sale.untils[answer.item])
    FROM (SELECT asked.number::integer, asked.item, asked.taken, asked.left_now,
                 CASE WHEN known.id IS NULL THEN asked.outcome
                      WHEN known.id = asked.id THEN 'reserved'
                      WHEN known.fingerprint = asked.fingerprint THEN 'replayed'
                      ELSE 'conflict' END AS outcome,
                 CASE WHEN known.id <> asked.id THEN known.id END AS id,
                 known.unit_price_minor, known.currency::text, known.state, known.reserved_until
          FROM unnest(ids, items, persons, keys, fingerprints, decided.outcomes, decided.taken, decided.left_now)
               WITH ORDINALITY AS asked (id, item, person, key, fingerprint, outcome, taken, left_now, number)
          LEFT JOIN reservations AS known
               ON known.person_id = CASE WHEN asked.outcome = 'replayed' OR (missing AND asked.outcome = 'reserved')
                                         THEN asked.person END
              AND known.idempotency_key = asked.key) AS answer
    GROUP BY answer.outcome, answer.item, answer.taken, answer.left_now, answer.id, answer.unit_price_minor,
             answer.currency, answer.state, answer.reserved_until;
END $$;

-- An order whose money the gateway does not have: the money was voided, refunded, or has expired there before the drop recorded that
-- it was taken. The payment cannot become captured any more, so its order is taken back, and its units are free.

-- Take back the order of an authorised payment: `wanted` is refunded or voided, and `because` says why. The units and what
-- the person has taken are given back; the reservation stays confirmed, and the order stays, as refunded. Returns whether
-- this call did so; repeating it changes nothing. Locks: stock, then reservations, then payments, as everywhere.
CREATE FUNCTION take_back_order(paid uuid, wanted text, because text) RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    mine reservations;
BEGIN
    SELECT reservations.* INTO mine
    FROM payments JOIN reservations ON reservations.id = payments.reservation_id WHERE payments.id = paid;
    IF mine.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM lock_stock(ARRAY[mine.drop_slug], ARRAY[mine.sku]);
    PERFORM 1 FROM reservations WHERE id = mine.id FOR NO KEY UPDATE;
    UPDATE payments SET state = wanted, reason = because, updated_at = clock_timestamp()
    WHERE id = paid AND state = 'authorised' AND order_id IS NOT NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE orders SET state = 'refunded' WHERE id = paid;
    UPDATE allowances SET taken = taken - mine.quantity
    WHERE person_id = mine.person_id AND drop_slug = mine.drop_slug AND sku = mine.sku;
    INSERT INTO outbox (drop_slug, kind, people) VALUES (mine.drop_slug, 'order.refunded', ARRAY[mine.person_id]);
    -- Last, because the trigger on the stock offers the units to those who wait, perhaps to the same person.
    UPDATE stock SET sold = stock.sold - mine.quantity
    WHERE stock.drop_slug = mine.drop_slug AND stock.sku = mine.sku;
    RETURN true;
END $$;
