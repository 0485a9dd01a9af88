-- How stock moves. Every function that moves it takes its locks in one order, so that none can wait for another in a
-- circle: stock rows by key (lock_stock, here alone), then reservations, then payments. Functions run with the rights
-- of whoever calls them. A statement inside sees what was committed before it, so what is read after lock_stock is true
-- until the end of the transaction. Moments come from clock_timestamp(): now() is older than the wait for the lock.
-- Tables begin empty and grow fast, and plans are kept: the functions that are called switch off whatever would read a
-- whole table, so that a plan made in the first minute is still right in the last.

CREATE FUNCTION lock_stock(drop_slugs text[], skus text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1
    FROM stock
    WHERE (stock.drop_slug, stock.sku) IN (SELECT asked.slug, asked.sku FROM unnest(drop_slugs, skus) AS asked (slug, sku))
    ORDER BY stock.drop_slug, stock.sku
    FOR NO KEY UPDATE;
END $$;

-- Everything that the decision about each request of a batch needs to know, in the order of their arrival. The numbers
-- of item, taker and key are the same for requests of the batch that share them.
CREATE FUNCTION requested(
    drop_slugs text[], skus text[], persons uuid[], keys text[]
) RETURNS TABLE (
    number bigint, item integer, taker integer, "key" integer, phase text, limit_per_person integer, taken integer,
    total integer, sold integer, unreserved integer, known_id uuid, known_fingerprint bytea
) LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    SELECT asked.number,
           (dense_rank() OVER (ORDER BY asked.slug, asked.sku))::integer,
           (dense_rank() OVER (ORDER BY asked.slug, asked.sku, asked.person))::integer,
           (dense_rank() OVER (ORDER BY asked.person, asked.key))::integer,
           CASE WHEN drops.slug IS NULL THEN 'unknown_drop'
                WHEN moment < drops.opens_at THEN 'not_open'
                WHEN moment >= drops.closes_at THEN 'drop_closed'
                WHEN stock.sku IS NULL THEN 'unknown_item'
                ELSE 'open' END,
           items.limit_per_person, coalesce(allowances.taken, 0),
           stock.total, stock.sold, stock.total - stock.sold - stock.reserved,
           known.id, known.fingerprint
    FROM unnest(drop_slugs, skus, persons, keys) WITH ORDINALITY AS asked (slug, sku, person, key, number)
    LEFT JOIN drops ON drops.slug = asked.slug
    LEFT JOIN items ON items.drop_slug = asked.slug AND items.sku = asked.sku
    LEFT JOIN stock ON stock.drop_slug = asked.slug AND stock.sku = asked.sku
    LEFT JOIN allowances ON allowances.drop_slug = asked.slug AND allowances.sku = asked.sku
                        AND allowances.person_id = asked.person
    LEFT JOIN reservations known ON known.person_id = asked.person AND known.idempotency_key = asked.key
    ORDER BY asked.number;
END $$;

-- Write down the reservations of a batch whose outcome is 'reserved', and all that follows from them.
CREATE FUNCTION write_reservations(
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

-- Decide a batch of requests and write it down, all in one transaction. Arrays of one length, one element a request.
-- Outcomes: reserved; replayed (its key's first answer again); conflict (the key stands for another request);
-- unknown_drop, not_open, drop_closed, unknown_item; over_limit; all_reserved (too little is left now, some may come
-- back); sold_out (nothing ever comes back). A refusal leaves no trace, so that its key may be used again.
CREATE FUNCTION reserve(
    ids uuid[], drop_slugs text[], skus text[], persons uuid[], quantities integer[], keys text[], fingerprints bytea[]
) RETURNS TABLE (outcome text, limit_per_person integer, taken integer, unreserved integer, reservation reservations)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    asked          record;
    outcomes       text[] := array_fill(NULL::text, ARRAY[cardinality(ids)]);
    answers        uuid[] := ids;
    limits         integer[] := array_fill(NULL::integer, ARRAY[cardinality(ids)]);
    takens         integer[] := limits;
    lefts          integer[] := limits;
    -- Running figures, by the numbers of item, taker and key; NULL where the batch has not come to them yet.
    left_of_item   integer[] := limits;
    taken_by_taker integer[] := limits;
    first_of_key   integer[] := limits;
    decided        text;
    wanted         bigint; -- the sum of a large wish and what is taken must not overflow
    earlier        integer;
BEGIN
    PERFORM lock_stock(drop_slugs, skus);
    FOR asked IN SELECT * FROM requested(drop_slugs, skus, persons, keys) LOOP
        wanted := quantities[asked.number];
        earlier := first_of_key[asked.key];
        left_of_item[asked.item] := coalesce(left_of_item[asked.item], asked.unreserved);
        taken_by_taker[asked.taker] := coalesce(taken_by_taker[asked.taker], asked.taken);
        IF earlier IS NOT NULL THEN
            decided := CASE WHEN fingerprints[earlier] = fingerprints[asked.number] THEN 'replayed' ELSE 'conflict' END;
            answers[asked.number] := ids[earlier];
        ELSIF asked.known_id IS NOT NULL THEN
            decided := CASE WHEN asked.known_fingerprint = fingerprints[asked.number] THEN 'replayed' ELSE 'conflict' END;
            answers[asked.number] := asked.known_id;
        ELSIF asked.phase <> 'open' THEN
            decided := asked.phase;
        ELSIF wanted + taken_by_taker[asked.taker] > asked.limit_per_person THEN
            decided := 'over_limit';
        ELSIF asked.sold >= asked.total THEN
            decided := 'sold_out';
        ELSIF wanted > left_of_item[asked.item] THEN
            decided := 'all_reserved';
        ELSE
            decided := 'reserved';
            left_of_item[asked.item] := left_of_item[asked.item] - wanted;
            taken_by_taker[asked.taker] := taken_by_taker[asked.taker] + wanted;
            first_of_key[asked.key] := asked.number;
        END IF;
        outcomes[asked.number] := decided;
        limits[asked.number] := asked.limit_per_person;
        takens[asked.number] := taken_by_taker[asked.taker];
        lefts[asked.number] := left_of_item[asked.item];
    END LOOP;
    IF 'reserved' = ANY (outcomes) THEN
        PERFORM write_reservations(ids, drop_slugs, skus, persons, quantities, keys, fingerprints, outcomes);
    END IF;
    RETURN QUERY
    SELECT decided.outcome, decided.most, decided.taken, decided.unreserved, reservations
    FROM unnest(outcomes, answers, limits, takens, lefts) WITH ORDINALITY
         AS decided (outcome, id, most, taken, unreserved, number)
    LEFT JOIN reservations ON reservations.id = decided.id AND decided.outcome IN ('reserved', 'replayed')
    ORDER BY decided.number;
END $$;

-- Give back the stock and the allowance of reservations that are still held; returns how many were. The caller has
-- locked their stock. With `due_at`, those alone whose time was over then.
CREATE FUNCTION give_back(ids uuid[], wanted_state text, due_at timestamptz) RETURNS integer LANGUAGE sql AS $$
    WITH gone AS (
        UPDATE reservations SET state = wanted_state, settled_at = clock_timestamp()
        WHERE id = ANY (ids) AND state = 'held' AND (due_at IS NULL OR reserved_until <= due_at)
        RETURNING *
    ), more AS (
        UPDATE stock SET reserved = reserved - sums.quantity
        FROM (SELECT drop_slug, sku, sum(quantity) AS quantity FROM gone GROUP BY drop_slug, sku) AS sums
        WHERE stock.drop_slug = sums.drop_slug AND stock.sku = sums.sku
    ), free AS (
        UPDATE allowances SET taken = taken - sums.quantity
        FROM (SELECT drop_slug, sku, person_id, sum(quantity) AS quantity FROM gone
              GROUP BY drop_slug, sku, person_id) AS sums
        WHERE allowances.drop_slug = sums.drop_slug AND allowances.sku = sums.sku
          AND allowances.person_id = sums.person_id
    ), told AS (
        INSERT INTO outbox (drop_slug, kind, person_id, body)
        SELECT drop_slug, 'reservation.' || wanted_state, person_id,
               jsonb_build_object('reservation', id, 'sku', sku, 'quantity', quantity)
        FROM gone
    )
    SELECT count(*)::integer FROM gone
$$;

-- Expire at most `most` of the reservations whose time was over at `due_at` (NULL: now); returns how many.
CREATE FUNCTION expire_reservations(due_at timestamptz, most integer) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    moment timestamptz := coalesce(due_at, clock_timestamp());
    due    record;
BEGIN
    SELECT array_agg(found.id) AS ids, array_agg(found.drop_slug) AS slugs, array_agg(found.sku) AS skus INTO due
    FROM (SELECT id, drop_slug, sku FROM reservations WHERE state = 'held' AND reserved_until <= moment
          ORDER BY reserved_until LIMIT most) AS found;
    IF due.ids IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM lock_stock(due.slugs, due.skus);
    RETURN give_back(due.ids, 'expired', moment);
END $$;

-- Give a reservation up. Outcomes: released (also when nothing was held any more), unknown_reservation (also another
-- person's), already_paid, payment_in_progress.
CREATE FUNCTION release_reservation(asked uuid, person uuid) RETURNS text
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    found reservations;
BEGIN
    SELECT * INTO found FROM reservations WHERE id = asked AND person_id = person;
    IF found.id IS NULL THEN
        RETURN 'unknown_reservation';
    END IF;
    PERFORM lock_stock(ARRAY[found.drop_slug], ARRAY[found.sku]);
    SELECT * INTO found FROM reservations WHERE id = asked FOR UPDATE;
    IF found.state = 'confirmed' THEN
        RETURN 'already_paid';
    END IF;
    IF EXISTS (SELECT FROM payments WHERE reservation_id = asked AND state IN ('authorising', 'unknown')) THEN
        RETURN 'payment_in_progress';
    END IF;
    PERFORM give_back(ARRAY[asked], 'released', NULL);
    RETURN 'released';
END $$;
