-- Reserving and paying, gathered: one call decides for many people, with sets instead of one row at a time. The order of
-- locks stays: stock by key (lock_stock), then reservations by id, then payments by id.
-- Planning a statement with arrays again for each call would take longer than the work. So the functions that the services
-- call set `force_generic_plan`: the database keeps one plan. The setting also holds while they call other functions.

-- An allowance's key begins with the person, because that part differs from row to row. Allowances are written only
-- together with reservations, which are checked against the items; checking each row a second time would find nothing more.
ALTER TABLE allowances DROP CONSTRAINT allowances_drop_slug_sku_fkey, DROP CONSTRAINT allowances_pkey,
    ADD PRIMARY KEY (person_id, drop_slug, sku);

-- A message may be about many people: what a batch did is said once for each drop.
ALTER TABLE outbox ALTER COLUMN person_id DROP NOT NULL, ADD COLUMN people uuid[],
    ADD CONSTRAINT about_somebody CHECK ((person_id IS NULL) <> (people IS NULL));
ALTER TABLE outbox ALTER COLUMN people SET STORAGE EXTERNAL; -- compressing ids gains nothing

-- What a batch needs to know of its items once their stock is locked: arrays with one element an item.
CREATE FUNCTION items_of_batch(
    drop_slugs text[], skus text[], moment timestamptz, OUT phases text[], OUT limits integer[], OUT unreserved integer[],
    OUT sold_out boolean[], OUT prices bigint[], OUT currencies text[], OUT untils timestamptz[]
) LANGUAGE sql AS $$
    SELECT array_agg(phase), array_agg(limit_per_person), array_agg(total - sold - reserved), array_agg(sold >= total),
           array_agg(price_minor), array_agg(currency), array_agg(until)
    FROM (SELECT CASE WHEN drops.slug IS NULL THEN 'unknown_drop'
                      WHEN moment < drops.opens_at THEN 'not_open'
                      WHEN moment >= drops.closes_at THEN 'drop_closed'
                      WHEN stock.sku IS NULL THEN 'unknown_item'
                      ELSE 'open' END AS phase,
                 items.limit_per_person, stock.total, stock.sold, stock.reserved, items.price_minor, items.currency::text,
                 moment + make_interval(secs => drops.hold_seconds) AS until
          FROM unnest(drop_slugs, skus) WITH ORDINALITY AS asked (slug, sku, number)
          LEFT JOIN drops ON drops.slug = asked.slug
          LEFT JOIN items ON items.drop_slug = asked.slug AND items.sku = asked.sku
          LEFT JOIN stock ON stock.drop_slug = asked.slug AND stock.sku = asked.sku
          ORDER BY asked.number) AS known
$$;

-- Whether a batch can be granted as a whole: every item is on sale, the sum of each person's requests is within the limit,
-- and the sum of all is not more than what is left. Then the order of arrival makes no difference.
CREATE FUNCTION all_fits(
    drop_slugs text[], skus text[], phases text[], limits integer[], unreserved integer[],
    items integer[], persons uuid[], quantities integer[]
) RETURNS boolean LANGUAGE sql AS $$
    SELECT coalesce(bool_and(phases[item] = 'open' AND wanted <= unreserved[item] AND within), false)
    FROM (SELECT taker.item, sum(taker.wanted) AS wanted,
                 bool_and(taker.wanted + coalesce(allowances.taken, 0) <= limits[taker.item]) AS within
          FROM (SELECT asked.item, asked.person, sum(asked.quantity) AS wanted
                FROM unnest(items, persons, quantities) AS asked (item, person, quantity)
                GROUP BY asked.person, asked.item) AS taker
          LEFT JOIN allowances ON allowances.person_id = taker.person
                              AND allowances.drop_slug = drop_slugs[taker.item] AND allowances.sku = skus[taker.item]
          GROUP BY taker.item) AS of_item
$$;

-- Decide a batch one request after the other, in the order of arrival. `taken` and `left_now` are set where they are the
-- reason of a refusal: what the person has taken, and what is left, at that moment.
CREATE FUNCTION decide_in_order(
    drop_slugs text[], skus text[], phases text[], limits integer[], unreserved integer[], sold_out boolean[],
    items integer[], persons uuid[], quantities integer[], keys text[], fingerprints bytea[],
    OUT outcomes text[], OUT taken integer[], OUT left_now integer[]
) LANGUAGE plpgsql AS $$
DECLARE
    asked          record;
    -- Running figures, by the number of the first request of a person for an item, or with a key; NULL: nothing granted yet.
    taken_by_taker integer[] := array_fill(NULL::integer, ARRAY[cardinality(items)]);
    first_of_key   integer[] := taken_by_taker;
    mine           integer;
    wanted         bigint; -- the sum of a large wish and what is taken must not overflow
    decided        text;
BEGIN
    outcomes := array_fill(NULL::text, ARRAY[cardinality(items)]);
    taken := taken_by_taker;
    left_now := taken_by_taker;
    FOR asked IN
        SELECT wish.number::integer, wish.item, wish.quantity, wish.fingerprint,
               (min(wish.number) OVER (PARTITION BY wish.person, wish.item))::integer AS taker,
               (min(wish.number) OVER (PARTITION BY wish.person, wish.key))::integer AS "key",
               coalesce(allowances.taken, 0) AS taken_before, known.fingerprint AS known
        FROM unnest(items, persons, quantities, keys, fingerprints) WITH ORDINALITY
             AS wish (item, person, quantity, key, fingerprint, number)
        LEFT JOIN allowances ON allowances.person_id = wish.person AND allowances.drop_slug = drop_slugs[wish.item]
                            AND allowances.sku = skus[wish.item]
        LEFT JOIN reservations AS known ON known.person_id = wish.person AND known.idempotency_key = wish.key
        ORDER BY wish.number
    LOOP
        wanted := asked.quantity;
        mine := coalesce(taken_by_taker[asked.taker], asked.taken_before);
        IF asked.known IS NOT NULL THEN
            decided := CASE WHEN asked.known = asked.fingerprint THEN 'replayed' ELSE 'conflict' END;
        ELSIF first_of_key[asked.key] IS NOT NULL THEN
            decided := CASE WHEN fingerprints[first_of_key[asked.key]] = asked.fingerprint THEN 'replayed' ELSE 'conflict' END;
        ELSIF phases[asked.item] <> 'open' THEN
            decided := phases[asked.item];
        ELSIF wanted + mine > limits[asked.item] THEN
            decided := 'over_limit';
            taken[asked.number] := mine;
        ELSIF sold_out[asked.item] THEN
            decided := 'sold_out';
        ELSIF wanted > unreserved[asked.item] THEN
            decided := 'all_reserved';
            left_now[asked.number] := unreserved[asked.item];
        ELSE
            decided := 'reserved';
            unreserved[asked.item] := unreserved[asked.item] - wanted;
            taken_by_taker[asked.taker] := mine + wanted;
            first_of_key[asked.key] := asked.number;
        END IF;
        outcomes[asked.number] := decided;
    END LOOP;
END $$;

-- Decide a batch of requests and write it down, in one transaction. `drop_slugs` and `skus` name each item once; the other
-- arrays have one element a request, in the order of arrival, and `items` says which item it is about. Outcomes: reserved;
-- replayed (its key's first answer again); conflict (the key belongs to another request); unknown_drop, not_open,
-- drop_closed, unknown_item; over_limit; all_reserved (too little is left now, some may come back); sold_out (nothing ever
-- comes back). A refusal leaves no trace, so that its key may be used again. Requests with the same answer share a row,
-- with their `numbers`. `id` is set where the reservation has another id than the one that was proposed.
CREATE FUNCTION reserve_batch(
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
    missing boolean := false; -- whether a granted reservation was not written, because its key was taken
BEGIN
    PERFORM lock_stock(drop_slugs, skus);
    moment := clock_timestamp();
    SELECT * INTO sale FROM items_of_batch(drop_slugs, skus, moment);
    IF all_fits(drop_slugs, skus, sale.phases, sale.limits, sale.unreserved, items, persons, quantities) THEN
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

-- Give back the stock and the allowance of reservations that are still held; returns how many were. The caller has
-- locked their stock. With `due_at`, those alone whose time was over then. Rows are locked in the order of their ids.
CREATE OR REPLACE FUNCTION give_back(ids uuid[], wanted_state text, due_at timestamptz) RETURNS integer LANGUAGE sql AS $$
    WITH held AS MATERIALIZED (
        SELECT reservations.id FROM reservations
        WHERE id = ANY (ids) AND state = 'held' AND (due_at IS NULL OR reserved_until <= due_at)
        ORDER BY id FOR NO KEY UPDATE
    ), gone AS (
        UPDATE reservations SET state = wanted_state, settled_at = clock_timestamp()
        FROM held WHERE reservations.id = held.id
        RETURNING reservations.*
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
        INSERT INTO outbox (drop_slug, kind, people)
        SELECT drop_slug, 'reservation.' || wanted_state, array_agg(person_id) FROM gone GROUP BY drop_slug
    )
    SELECT count(*)::integer FROM gone
$$;

-- A payment, what it is for, and the order that it became: all that an answer about it tells.
CREATE VIEW payment_facts AS
SELECT payments.id, payments.drop_slug, payments.reservation_id, payments.person_id, payments.order_id, payments.state,
       payments.amount_minor, payments.currency, payments.reason, payments.updated_at,
       reservations.sku, reservations.quantity, reservations.unit_price_minor,
       orders.state AS order_state, orders.total_minor, orders.created_at AS ordered_at, line.title_ko, line.title_en
FROM payments
JOIN reservations ON reservations.id = payments.reservation_id
LEFT JOIN orders ON orders.id = payments.order_id
LEFT JOIN order_lines AS line ON line.order_id = orders.id AND line.line_number = 1; -- a reservation is one line
GRANT SELECT ON payment_facts TO store, worker;

-- Begin to pay, for many people: arrays with one element a request, in the order of arrival; one row a request, in the same
-- order. Outcomes: started; replayed (its key's payment, as it stands); conflict (the key belongs to another payment);
-- unknown_reservation (also another person's); already_paid; payment_in_progress; reservation_expired.
CREATE FUNCTION begin_payments(new_ids uuid[], asked uuid[], persons uuid[], keys text[], fingerprints bytea[])
RETURNS TABLE (outcome text, payment payment_facts)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wish          record;
    outcomes      text[] := array_fill(NULL::text, ARRAY[cardinality(new_ids)]);
    answers       uuid[] := new_ids;
    -- The number of the request that began to pay for a reservation, or with a key, by the first request that names it.
    first_of_goal integer[] := array_fill(NULL::integer, ARRAY[cardinality(new_ids)]);
    first_of_key  integer[] := first_of_goal;
    decided       text;
BEGIN
    PERFORM 1 FROM reservations WHERE id = ANY (asked) ORDER BY id FOR NO KEY UPDATE;
    FOR wish IN
        SELECT each.number::integer, each.fingerprint, known.id AS known_id, known.fingerprint AS known_fingerprint,
               (min(each.number) OVER (PARTITION BY each.goal))::integer AS goal,
               (min(each.number) OVER (PARTITION BY each.person, each.key))::integer AS "key",
               CASE WHEN held.id IS NULL THEN 'unknown_reservation'
                    WHEN held.state = 'confirmed' THEN 'already_paid'
                    WHEN EXISTS (SELECT FROM payments AS living WHERE living.reservation_id = each.goal
                                 AND living.state IN ('authorising', 'unknown', 'authorised', 'captured', 'voiding'))
                         THEN 'payment_in_progress'
                    WHEN held.state <> 'held' OR held.reserved_until <= clock_timestamp() THEN 'reservation_expired'
                    ELSE 'started' END AS outcome
        FROM unnest(asked, persons, keys, fingerprints) WITH ORDINALITY AS each (goal, person, key, fingerprint, number)
        LEFT JOIN reservations AS held ON held.id = each.goal AND held.person_id = each.person
        LEFT JOIN payments AS known ON known.person_id = each.person AND known.idempotency_key = each.key
        ORDER BY each.number
    LOOP
        IF wish.known_id IS NOT NULL THEN
            decided := CASE WHEN wish.known_fingerprint = wish.fingerprint THEN 'replayed' ELSE 'conflict' END;
            answers[wish.number] := wish.known_id;
        ELSIF first_of_key[wish.key] IS NOT NULL THEN
            decided := CASE WHEN fingerprints[first_of_key[wish.key]] = wish.fingerprint THEN 'replayed' ELSE 'conflict' END;
            answers[wish.number] := new_ids[first_of_key[wish.key]];
        ELSIF wish.outcome = 'started' AND first_of_goal[wish.goal] IS NOT NULL THEN
            decided := 'payment_in_progress';
        ELSE
            decided := wish.outcome;
        END IF;
        IF decided = 'started' THEN
            first_of_goal[wish.goal] := wish.number;
            first_of_key[wish.key] := wish.number;
        END IF;
        outcomes[wish.number] := decided;
    END LOOP;
    INSERT INTO payments (id, drop_slug, reservation_id, person_id, state, amount_minor, currency, idempotency_key, fingerprint)
    SELECT each.id, held.drop_slug, held.id, held.person_id, 'authorising', held.unit_price_minor * held.quantity,
           held.currency, each.key, each.fingerprint
    FROM unnest(new_ids, asked, keys, fingerprints, outcomes) AS each (id, goal, key, fingerprint, outcome)
    JOIN reservations AS held ON held.id = each.goal
    WHERE each.outcome = 'started'
    ORDER BY held.person_id, each.key -- two processes that meet at one key meet in one order
    ON CONFLICT ON CONSTRAINT one_payment_a_key DO NOTHING; -- it was taken for another reservation in this very moment
    RETURN QUERY
    SELECT CASE WHEN each.outcome IN ('started', 'replayed') AND facts.id IS NULL THEN 'conflict' ELSE each.outcome END, facts
    FROM unnest(outcomes, answers) WITH ORDINALITY AS each (outcome, id, number)
    LEFT JOIN payment_facts AS facts
         ON facts.id = CASE WHEN each.outcome IN ('started', 'replayed') THEN each.id END
    ORDER BY each.number;
END $$;

-- Make the orders of authorised payments whose reservation is still held, and return the payments as they are then, in any
-- order. An order has its payment's id, which is the gateway's reference, so that it is unique beyond this database too.
-- If the reservation is gone, the payment is marked to be voided. One that became an order before is not changed, and
-- neither is one that was declined, voided, or is being voided.
CREATE FUNCTION confirm_payments(paid uuid[]) RETURNS SETOF payment_facts
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    goods  record;
    moment timestamptz;
BEGIN
    SELECT array_agg(found.id ORDER BY found.id) AS reservations, array_agg(found.drop_slug) AS slugs,
           array_agg(found.sku) AS skus INTO goods
    FROM payments JOIN reservations AS found ON found.id = payments.reservation_id
    WHERE payments.id = ANY (paid);
    PERFORM lock_stock(goods.slugs, goods.skus);
    PERFORM 1 FROM reservations WHERE id = ANY (goods.reservations) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM payments WHERE id = ANY (paid) ORDER BY id FOR NO KEY UPDATE;
    moment := clock_timestamp();
    WITH open AS (
        SELECT payments.id, reservations.state = 'held' AS held, reservations.id AS reservation_id, reservations.drop_slug,
               reservations.sku, reservations.person_id, reservations.quantity, reservations.unit_price_minor,
               reservations.currency
        FROM payments JOIN reservations ON reservations.id = payments.reservation_id
        WHERE payments.id = ANY (paid) AND payments.order_id IS NULL AND payments.state IN ('authorising', 'unknown')
    ), sold AS (
        UPDATE reservations SET state = 'confirmed', settled_at = moment
        FROM open WHERE open.held AND reservations.id = open.reservation_id
    ), moved AS (
        UPDATE stock SET reserved = reserved - sums.quantity, sold = sold + sums.quantity
        FROM (SELECT drop_slug, sku, sum(quantity) AS quantity FROM open WHERE held GROUP BY drop_slug, sku) AS sums
        WHERE stock.drop_slug = sums.drop_slug AND stock.sku = sums.sku
    ), bought AS (
        INSERT INTO orders (id, drop_slug, person_id, reservation_id, state, currency, total_minor)
        SELECT id, drop_slug, person_id, reservation_id, 'paid', currency, unit_price_minor * quantity FROM open WHERE held
    ), lines AS (
        INSERT INTO order_lines (order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor)
        SELECT open.id, 1, open.sku, items.title_ko, items.title_en, open.quantity, open.unit_price_minor
        FROM open JOIN items ON items.drop_slug = open.drop_slug AND items.sku = open.sku
        WHERE open.held
    ), told AS (
        INSERT INTO outbox (drop_slug, kind, people)
        SELECT drop_slug, 'order.confirmed', array_agg(person_id) FROM open WHERE held GROUP BY drop_slug
    )
    UPDATE payments SET state = CASE WHEN open.held THEN 'authorised' ELSE 'voiding' END, updated_at = moment,
                        order_id = CASE WHEN open.held THEN open.id END,
                        reason = CASE WHEN open.held THEN payments.reason ELSE 'reservation-expired' END
    FROM open WHERE payments.id = open.id;
    RETURN QUERY SELECT * FROM payment_facts WHERE id = ANY (paid);
END $$;

-- Bring payments to a state, if theirs is among `sources`; returns those that have it now. Nothing moves one twice.
CREATE FUNCTION move_payments(asked uuid[], wanted text, sources text[], because text) RETURNS SETOF uuid
LANGUAGE sql SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    WITH locked AS MATERIALIZED (
        SELECT payments.id, payments.state FROM payments WHERE id = ANY (asked) ORDER BY id FOR NO KEY UPDATE
    ), moved AS (
        UPDATE payments SET state = wanted, updated_at = clock_timestamp(),
                            reason = CASE WHEN because = '' THEN payments.reason ELSE because END
        FROM locked WHERE payments.id = locked.id AND locked.state <> wanted AND locked.state = ANY (sources)
    )
    SELECT id FROM locked WHERE state = wanted OR state = ANY (sources)
$$;
