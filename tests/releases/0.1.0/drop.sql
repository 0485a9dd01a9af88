--
-- PostgreSQL database dump
--

\restrict marketday

-- Dumped from database version 18.6
-- Dumped by pg_dump version 18.6

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: all_fits(text[], text[], text[], integer[], integer[], integer[], uuid[], integer[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.all_fits(drop_slugs text[], skus text[], phases text[], limits integer[], unreserved integer[], items integer[], persons uuid[], quantities integer[]) RETURNS boolean
    LANGUAGE sql
    AS $$
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


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: order_lines; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.order_lines (
    order_id uuid NOT NULL,
    line_number integer NOT NULL,
    sku text NOT NULL,
    title_ko text NOT NULL,
    title_en text NOT NULL,
    quantity integer NOT NULL,
    unit_price_minor bigint NOT NULL,
    CONSTRAINT order_lines_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT order_lines_unit_price_minor_check CHECK ((unit_price_minor >= 0))
);


--
-- Name: orders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.orders (
    id uuid NOT NULL,
    drop_slug text NOT NULL,
    person_id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    state text NOT NULL,
    currency character(3) NOT NULL,
    total_minor bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['paid'::text, 'refunded'::text]))),
    CONSTRAINT orders_total_minor_check CHECK ((total_minor >= 0))
);


--
-- Name: payments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payments (
    id uuid NOT NULL,
    drop_slug text NOT NULL,
    reservation_id uuid NOT NULL,
    person_id uuid NOT NULL,
    order_id uuid,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payments_amount_minor_check CHECK ((amount_minor >= 0)),
    CONSTRAINT payments_check CHECK (((state = 'captured'::text) <= (order_id IS NOT NULL))),
    CONSTRAINT payments_state_check CHECK ((state = ANY (ARRAY['authorising'::text, 'unknown'::text, 'authorised'::text, 'captured'::text, 'voiding'::text, 'declined'::text, 'voided'::text, 'refunded'::text])))
);


--
-- Name: reservations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reservations (
    id uuid NOT NULL,
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    quantity integer NOT NULL,
    unit_price_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    state text NOT NULL,
    reserved_until timestamp with time zone NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT reservations_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT reservations_state_check CHECK ((state = ANY (ARRAY['held'::text, 'confirmed'::text, 'expired'::text, 'released'::text]))),
    CONSTRAINT reservations_unit_price_minor_check CHECK ((unit_price_minor >= 0))
);


--
-- Name: payment_facts; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.payment_facts AS
 SELECT payments.id,
    payments.drop_slug,
    payments.reservation_id,
    payments.person_id,
    payments.order_id,
    payments.state,
    payments.amount_minor,
    payments.currency,
    payments.reason,
    payments.updated_at,
    reservations.sku,
    reservations.quantity,
    reservations.unit_price_minor,
    orders.state AS order_state,
    orders.total_minor,
    orders.created_at AS ordered_at,
    line.title_ko,
    line.title_en
   FROM (((public.payments
     JOIN public.reservations ON ((reservations.id = payments.reservation_id)))
     LEFT JOIN public.orders ON ((orders.id = payments.order_id)))
     LEFT JOIN public.order_lines line ON (((line.order_id = orders.id) AND (line.line_number = 1))));


--
-- Name: begin_payments(uuid[], uuid[], uuid[], text[], bytea[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_payments(new_ids uuid[], asked uuid[], persons uuid[], keys text[], fingerprints bytea[]) RETURNS TABLE(outcome text, payment public.payment_facts)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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


--
-- Name: confirm_payments(uuid[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.confirm_payments(paid uuid[]) RETURNS SETOF public.payment_facts
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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


--
-- Name: decide_in_order(text[], text[], text[], integer[], integer[], boolean[], integer[], uuid[], integer[], text[], bytea[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.decide_in_order(drop_slugs text[], skus text[], phases text[], limits integer[], unreserved integer[], sold_out boolean[], items integer[], persons uuid[], quantities integer[], keys text[], fingerprints bytea[], OUT outcomes text[], OUT taken integer[], OUT left_now integer[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: expire_reservations(timestamp with time zone, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.expire_reservations(due_at timestamp with time zone, most integer) RETURNS integer
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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


--
-- Name: give_back(uuid[], text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.give_back(ids uuid[], wanted_state text, due_at timestamp with time zone) RETURNS integer
    LANGUAGE sql
    AS $$
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


--
-- Name: id_at(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.id_at(moment timestamp with time zone) RETURNS uuid
    LANGUAGE sql
    AS $$
    SELECT encode(set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$;


--
-- Name: is_present(timestamp with time zone, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.is_present(seen timestamp with time zone, hold_seconds integer) RETURNS boolean
    LANGUAGE sql
    AS $$
    SELECT seen > clock_timestamp() - make_interval(secs => least(greatest(hold_seconds, 15), 90))
$$;


--
-- Name: items_of_batch(text[], text[], timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.items_of_batch(drop_slugs text[], skus text[], moment timestamp with time zone, OUT phases text[], OUT limits integer[], OUT unreserved integer[], OUT sold_out boolean[], OUT prices bigint[], OUT currencies text[], OUT untils timestamp with time zone[]) RETURNS record
    LANGUAGE sql
    AS $$
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


--
-- Name: leave_standby(uuid, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.leave_standby(asked uuid, person uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    found standbys;
BEGIN
    SELECT * INTO found FROM standbys WHERE id = asked AND person_id = person;
    IF found.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM lock_stock(ARRAY[found.drop_slug], ARRAY[found.sku]);
    UPDATE standbys SET waiting = false WHERE id = asked;
    RETURN true;
END $$;


--
-- Name: lock_stock(text[], text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lock_stock(drop_slugs text[], skus text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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


--
-- Name: look_at_standbys(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.look_at_standbys(asked_slug text, person uuid) RETURNS void
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    back  text[]; -- the items of which units are free
    found text;
BEGIN
    SELECT array_agg(standbys.sku) INTO back
    FROM standbys JOIN stock ON stock.drop_slug = standbys.drop_slug AND stock.sku = standbys.sku
    WHERE standbys.drop_slug = asked_slug AND standbys.person_id = person AND standbys.waiting
      AND stock.total - stock.reserved - stock.sold > 0;
    IF back IS NOT NULL THEN
        PERFORM lock_stock(array_fill(asked_slug, ARRAY[cardinality(back)]), back);
    END IF;
    UPDATE standbys SET seen_at = clock_timestamp()
    WHERE id IN (SELECT mine.id FROM standbys AS mine
                 WHERE mine.drop_slug = asked_slug AND mine.person_id = person AND mine.waiting
                   AND mine.seen_at < clock_timestamp() - interval '2 seconds'
                 FOR NO KEY UPDATE SKIP LOCKED);
    FOREACH found IN ARRAY coalesce(back, ARRAY[]::text[]) LOOP
        PERFORM offer_units(asked_slug, found);
    END LOOP;
END $$;


--
-- Name: make_room(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_room() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO public.rooms (drop_slug) VALUES (NEW.slug);
    RETURN NULL;
END
$$;


--
-- Name: move_payments(uuid[], text, text[], text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.move_payments(asked uuid[], wanted text, sources text[], because text) RETURNS SETOF uuid
    LANGUAGE sql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
    WITH locked AS MATERIALIZED (
        SELECT payments.id, payments.state FROM payments WHERE id = ANY (asked) ORDER BY id FOR NO KEY UPDATE
    ), moved AS (
        UPDATE payments SET state = wanted, updated_at = clock_timestamp(),
                            reason = CASE WHEN because = '' THEN payments.reason ELSE because END
        FROM locked WHERE payments.id = locked.id AND locked.state <> wanted AND locked.state = ANY (sources)
    )
    SELECT id FROM locked WHERE state = wanted OR state = ANY (sources)
$$;


--
-- Name: offer_units(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offer_units(asked_slug text, asked_sku text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    moment     timestamptz := clock_timestamp();
    held_until timestamptz;
    sale       record;
BEGIN
    IF NOT EXISTS (SELECT FROM standbys WHERE drop_slug = asked_slug AND sku = asked_sku AND waiting) THEN
        RETURN;
    END IF;
    SELECT stock.total - stock.reserved - stock.sold AS unreserved, drops.hold_seconds, drops.closes_at,
           items.limit_per_person, items.price_minor, items.currency INTO sale
    FROM stock
    JOIN items ON items.drop_slug = stock.drop_slug AND items.sku = stock.sku
    JOIN drops ON drops.slug = stock.drop_slug
    WHERE stock.drop_slug = asked_slug AND stock.sku = asked_sku;
    held_until := offered_until(moment, sale.closes_at, sale.hold_seconds);
    IF sale.unreserved <= 0 OR held_until IS NULL
       OR EXISTS (SELECT FROM ended_offers WHERE drop_slug = asked_slug) THEN
        RETURN;
    END IF;
    WITH first AS (
        SELECT standbys.id, standbys.person_id, standbys.offers, standbys.position,
               least(standbys.quantity, sale.limit_per_person - coalesce(allowances.taken, 0)) AS wanted
        FROM standbys
        LEFT JOIN allowances ON allowances.drop_slug = standbys.drop_slug AND allowances.sku = standbys.sku
                            AND allowances.person_id = standbys.person_id
        WHERE standbys.drop_slug = asked_slug AND standbys.sku = asked_sku AND standbys.waiting
          AND is_present(standbys.seen_at, sale.hold_seconds)
          AND coalesce(allowances.taken, 0) < sale.limit_per_person
        ORDER BY standbys.offers, standbys.position, standbys.person_id
        LIMIT sale.unreserved -- each gets one unit at least
    ), served AS (
        SELECT id, person_id, id_at(moment) AS reservation_id, least(wanted, sale.unreserved - before)::integer AS quantity
        FROM (SELECT first.*, coalesce(sum(wanted) OVER (ORDER BY offers, position, person_id
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
              FROM first) AS in_order
        WHERE before < sale.unreserved
    ), held AS (
        INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,
                                  reserved_until, idempotency_key, fingerprint, created_at)
        SELECT reservation_id, asked_slug, asked_sku, person_id, quantity, sale.price_minor, sale.currency, 'held',
               held_until, 'standby-' || reservation_id,
               sha256(convert_to(asked_slug, 'UTF8') || '\x00' || convert_to(asked_sku, 'UTF8') || '\x00'
                      || convert_to(quantity::text, 'UTF8')), moment
        FROM served
        RETURNING *
    ), less AS (
        UPDATE stock SET reserved = reserved + (SELECT coalesce(sum(quantity), 0) FROM served)
        WHERE drop_slug = asked_slug AND sku = asked_sku
    ), taken AS (
        INSERT INTO allowances (drop_slug, sku, person_id, taken, limit_per_person)
        SELECT drop_slug, sku, person_id, quantity, sale.limit_per_person FROM held
        ON CONFLICT (drop_slug, sku, person_id) DO UPDATE SET taken = allowances.taken + excluded.taken
    ), offered AS (
        UPDATE standbys SET waiting = false, offers = offers + 1, reservation_id = served.reservation_id
        FROM served WHERE standbys.id = served.id
    )
    INSERT INTO outbox (drop_slug, kind, person_id, body)
    SELECT drop_slug, 'reservation.held', person_id,
           jsonb_build_object('reservation', id, 'sku', sku, 'quantity', quantity)
    FROM held;
END $$;


--
-- Name: offer_what_came_back(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offer_what_came_back() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    PERFORM offer_units(NEW.drop_slug, NEW.sku);
    RETURN NULL;
END $$;


--
-- Name: offered_until(timestamp with time zone, timestamp with time zone, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offered_until(moment timestamp with time zone, closes_at timestamp with time zone, hold_seconds integer) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE WHEN moment < closes_at THEN moment + hold
                WHEN moment + shortest <= ends THEN moment + least(hold, greatest((ends - moment) / 2, shortest)) END
    FROM (SELECT make_interval(secs => hold_seconds) AS hold,
                 make_interval(secs => least(hold_seconds, 30)) AS shortest,
                 closes_at + make_interval(secs => hold_seconds + 60) AS ends) AS times
$$;


--
-- Name: record_places(text, uuid[], integer[], timestamp with time zone[], timestamp with time zone[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_places(slug text, persons uuid[], indices integer[], joined timestamp with time zone[], admitted timestamp with time zone[]) RETURNS boolean
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    next_index integer;
BEGIN
    PERFORM FROM rooms WHERE drop_slug = slug AND kept FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(max(entries.index) + 1, 0) INTO next_index FROM entries WHERE drop_slug = slug;
    IF (SELECT count(*) FROM unnest(indices) AS asked (index) WHERE asked.index >= next_index)
       <> (SELECT greatest(max(asked.index) + 1 - next_index, 0) FROM unnest(indices) AS asked (index))
       OR EXISTS (SELECT FROM unnest(persons, indices, joined, admitted) AS asked (person_id, index, joined_at, admitted_at)
                  JOIN entries ON entries.drop_slug = slug AND entries.index = asked.index
                  WHERE entries.person_id <> asked.person_id OR entries.joined_at <> asked.joined_at
                     OR entries.admitted_at <> asked.admitted_at)
    THEN
        RETURN false;
    END IF;
    INSERT INTO entries (drop_slug, person_id, index, joined_at, admitted_at)
    SELECT slug, asked.person_id, asked.index, asked.joined_at, asked.admitted_at
      FROM unnest(persons, indices, joined, admitted) AS asked (person_id, index, joined_at, admitted_at)
        ON CONFLICT (drop_slug, index) DO UPDATE SET admitted_at = excluded.admitted_at
     WHERE entries.admitted_at IS NULL AND excluded.admitted_at IS NOT NULL;
    RETURN true;
END
$$;


--
-- Name: release_reservation(uuid, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_reservation(asked uuid, person uuid) RETURNS text
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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


--
-- Name: reserve_batch(text[], text[], integer[], uuid[], uuid[], integer[], text[], bytea[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reserve_batch(drop_slugs text[], skus text[], items integer[], ids uuid[], persons uuid[], quantities integer[], keys text[], fingerprints bytea[]) RETURNS TABLE(outcome text, numbers integer[], limit_per_person integer, taken integer, left_now integer, id uuid, unit_price_minor bigint, currency text, state text, reserved_until timestamp with time zone)
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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


--
-- Name: stand_by(uuid, text, text, uuid, integer, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.stand_by(new_id uuid, asked_slug text, asked_sku text, person uuid, wanted integer, room_position integer) RETURNS TABLE(outcome text, limit_per_person integer, taken integer)
    LANGUAGE plpgsql
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    moment timestamptz;
    known  record;
BEGIN
    PERFORM lock_stock(ARRAY[asked_slug], ARRAY[asked_sku]);
    moment := clock_timestamp();
    SELECT CASE WHEN drops.slug IS NULL THEN 'unknown_drop'
                WHEN moment < drops.opens_at THEN 'not_open'
                WHEN offered_until(moment, drops.closes_at, drops.hold_seconds) IS NULL
                     OR EXISTS (SELECT FROM ended_offers WHERE ended_offers.drop_slug = drops.slug) THEN 'drop_closed'
                WHEN stock.sku IS NULL THEN 'unknown_item'
                ELSE 'open' END AS phase,
           items.limit_per_person AS most, coalesce(allowances.taken, 0) AS taken, stock.sold >= stock.total AS sold_out
           INTO known
    FROM (SELECT asked_slug AS slug, asked_sku AS sku) AS asked
    LEFT JOIN drops ON drops.slug = asked.slug
    LEFT JOIN items ON items.drop_slug = asked.slug AND items.sku = asked.sku
    LEFT JOIN stock ON stock.drop_slug = asked.slug AND stock.sku = asked.sku
    LEFT JOIN allowances ON allowances.drop_slug = asked.slug AND allowances.sku = asked.sku
                        AND allowances.person_id = person;
    IF known.phase <> 'open' THEN
        RETURN QUERY SELECT known.phase, known.most, known.taken;
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM standbys JOIN reservations ON reservations.id = standbys.reservation_id
               WHERE standbys.drop_slug = asked_slug AND standbys.sku = asked_sku AND standbys.person_id = person
                 AND reservations.state = 'held' AND reservations.reserved_until > moment) THEN
        RETURN QUERY SELECT 'offered', known.most, known.taken;
        RETURN;
    END IF;
    IF wanted::bigint + known.taken > known.most THEN
        RETURN QUERY SELECT 'over_limit', known.most, known.taken;
        RETURN;
    END IF;
    IF known.sold_out THEN
        RETURN QUERY SELECT 'sold_out', known.most, known.taken;
        RETURN;
    END IF;
    INSERT INTO standbys (id, drop_slug, sku, person_id, quantity, position, waiting, asked_at, seen_at)
    VALUES (new_id, asked_slug, asked_sku, person, wanted, room_position, true, moment, moment)
    ON CONFLICT ON CONSTRAINT one_standby_a_person DO UPDATE
    SET quantity = excluded.quantity, position = excluded.position, waiting = true, reservation_id = NULL,
        asked_at = CASE WHEN standbys.waiting THEN standbys.asked_at ELSE moment END, seen_at = moment;
    PERFORM offer_units(asked_slug, asked_sku);
    RETURN QUERY SELECT 'waiting', known.most, known.taken;
END $$;


--
-- Name: take_back_order(uuid, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.take_back_order(paid uuid, wanted text, because text) RETURNS boolean
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
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


--
-- Name: allowances; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.allowances (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    taken integer NOT NULL,
    limit_per_person integer NOT NULL,
    CONSTRAINT allowances_taken_check CHECK ((taken >= 0)),
    CONSTRAINT never_over_limit CHECK ((taken <= limit_per_person))
);


--
-- Name: draws; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.draws (
    drop_slug text NOT NULL,
    seed bytea NOT NULL,
    commitment bytea NOT NULL,
    cohort integer,
    published_at timestamp with time zone,
    CONSTRAINT draws_check CHECK ((commitment = sha256(seed))),
    CONSTRAINT draws_check1 CHECK (((cohort IS NULL) = (published_at IS NULL))),
    CONSTRAINT draws_seed_check CHECK ((length(seed) = 32))
);


--
-- Name: drops; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.drops (
    slug text NOT NULL,
    name_ko text NOT NULL,
    name_en text NOT NULL,
    room_opens_at timestamp with time zone NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    hold_seconds integer NOT NULL,
    admission_seconds integer NOT NULL,
    rates jsonb DEFAULT '{}'::jsonb NOT NULL,
    zone text DEFAULT 'UTC'::text NOT NULL,
    CONSTRAINT drops_admission_seconds_check CHECK ((admission_seconds > 0)),
    CONSTRAINT drops_check CHECK (((room_opens_at <= opens_at) AND (opens_at < closes_at))),
    CONSTRAINT drops_hold_seconds_check CHECK ((hold_seconds > 0))
);


--
-- Name: ended_offers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ended_offers (
    drop_slug text NOT NULL
);


--
-- Name: entries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.entries (
    drop_slug text NOT NULL,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    admitted_at timestamp with time zone
);


--
-- Name: items; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.items (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    "position" integer NOT NULL,
    title_ko text NOT NULL,
    title_en text NOT NULL,
    body_html text DEFAULT ''::text NOT NULL,
    image text DEFAULT ''::text NOT NULL,
    price_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    limit_per_person integer NOT NULL,
    CONSTRAINT items_limit_per_person_check CHECK ((limit_per_person > 0)),
    CONSTRAINT items_price_minor_check CHECK ((price_minor >= 0))
);


--
-- Name: migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.migrations (
    name text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    sha256 text
);


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    drop_slug text NOT NULL,
    kind text NOT NULL,
    person_id uuid,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    relayed_at timestamp with time zone,
    people uuid[],
    CONSTRAINT about_somebody CHECK (((person_id IS NULL) <> (people IS NULL)))
);
ALTER TABLE ONLY public.outbox ALTER COLUMN people SET STORAGE EXTERNAL;


--
-- Name: outbox_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: rooms; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rooms (
    drop_slug text NOT NULL,
    kept boolean DEFAULT false NOT NULL,
    rejoins integer DEFAULT 0 NOT NULL,
    serving_number integer DEFAULT 0 NOT NULL,
    called_at timestamp with time zone,
    CONSTRAINT rooms_check CHECK (((called_at IS NULL) = (serving_number = 0))),
    CONSTRAINT rooms_rejoins_check CHECK ((rejoins >= 0)),
    CONSTRAINT rooms_serving_number_check CHECK ((serving_number >= 0))
);


--
-- Name: standbys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.standbys (
    id uuid NOT NULL,
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    quantity integer NOT NULL,
    "position" integer NOT NULL,
    offers integer DEFAULT 0 NOT NULL,
    waiting boolean NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    reservation_id uuid,
    CONSTRAINT standbys_check CHECK (((NOT waiting) OR (reservation_id IS NULL))),
    CONSTRAINT standbys_position_check CHECK (("position" >= 0)),
    CONSTRAINT standbys_quantity_check CHECK ((quantity > 0))
);


--
-- Name: stock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stock (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    total integer NOT NULL,
    reserved integer DEFAULT 0 NOT NULL,
    sold integer DEFAULT 0 NOT NULL,
    CONSTRAINT never_oversold CHECK (((reserved + sold) <= total)),
    CONSTRAINT stock_reserved_check CHECK ((reserved >= 0)),
    CONSTRAINT stock_sold_check CHECK ((sold >= 0)),
    CONSTRAINT stock_total_check CHECK ((total >= 0))
)
WITH (fillfactor='50');


--
-- Data for Name: allowances; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.allowances VALUES
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 1, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b200b960f157', 1, 2),
	('second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b201184d7b74', 1, 2),
	('second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b20282d2cc44', 1, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 0, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fff0a8f4ff', 0, 2);


--
-- Data for Name: draws; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.draws VALUES
	('second-drop', '\x1445f7ef57e9fa881c29f30e9fa2ead0e78afb625f17411462ea2cf06f522db7', '\xb5069554213d6d592d8a43f086a86f5a502e6a69d3a82488db96a1cf759411de', 0, '2026-11-29 12:42:28.04+00');


--
-- Data for Name: drops; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.drops VALUES
	('second-drop', '두 번째', 'Second Drop', '2026-11-29 12:41:53.84382+00', '2026-11-29 12:41:55.84382+00', '2036-11-26 12:41:51.84382+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul');


--
-- Data for Name: ended_offers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: entries; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.entries VALUES
	('second-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 0, '2026-11-29 12:42:32.493+00', '2026-11-29 12:42:32.992+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, '2026-11-29 12:42:33.14+00', '2026-11-29 12:42:33.441+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', 2, '2026-11-29 12:42:33.661+00', '2026-11-29 12:42:34.271+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b1fff0a8f4ff', 3, '2026-11-29 12:42:34.438+00', '2026-11-29 12:42:34.67+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b200b960f157', 4, '2026-11-29 12:42:34.933+00', '2026-11-29 12:42:35.48+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b201184d7b74', 5, '2026-11-29 12:42:35.853+00', '2026-11-29 12:42:36.38+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b20282d2cc44', 6, '2026-11-29 12:42:36.58+00', '2026-11-29 12:42:37.438+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b203e294c021', 7, '2026-11-29 12:42:37.665+00', '2026-11-29 12:42:38.324+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b2045df6a802', 8, '2026-11-29 12:42:38.58+00', '2026-11-29 12:42:39.217+00'),
	('second-drop', '01a22752-d4a9-74c9-b775-b205daa2dd10', 9, '2026-11-29 12:42:39.338+00', NULL),
	('second-drop', '01a22752-d4a9-74c9-b775-b2066cea7578', 10, '2026-11-29 12:42:39.469+00', NULL),
	('second-drop', '01a22752-d4a9-74c9-b775-b2074edf28a9', 11, '2026-11-29 12:42:39.619+00', NULL);


--
-- Data for Name: items; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.items VALUES
	('second-drop', 'DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2),
	('second-drop', 'DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2);


--
-- Data for Name: migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.migrations VALUES
	('0001_drop.sql', '2026-11-29 12:41:08.552071+00', '7603f9f44dd29a62817f5cf3f6d97d96182b984fdd6dcdb6af824ebc8f30ba69'),
	('0002_roles.sql', '2026-11-29 12:41:08.566834+00', 'b157d62d6bdb82ee449586a5303148634f1145232f54a5bfa519d763bbb1bd48'),
	('0003_reservations.sql', '2026-11-29 12:41:08.567638+00', '5a1fbf3b843cc293faf1895005cfe5bff85e3f8f430e28aa6f2403f763d221a1'),
	('0004_checkout.sql', '2026-11-29 12:41:08.570843+00', 'f271307d1d46a917d16f0c9de29935c7e2aa2ea0ca3f765e417d414dcb43e2ac'),
	('0006_one_key_two_items.sql', '2026-11-29 12:41:08.572107+00', 'a193e531682e7e0e0113901d4aa1d0d4507d68a5dc29dde980c2e1b17a71d080'),
	('0008_zone_and_turns.sql', '2026-11-29 12:41:08.572915+00', '4e1d67113e7a102c53b4f676e8bc6130f23b7d374a2626963360ee5c3e46db30'),
	('0009_gathered.sql', '2026-11-29 12:41:08.587179+00', '49bc2ca9982ac5e72c008cddccadeb9d3945503893a0a55141ba16d4d886f8b1'),
	('0010_standbys.sql', '2026-11-29 12:41:08.598374+00', '5cb08ef606da44773933db98fa45314094ea59e287f0bfaa7470859c9e28aec4'),
	('0012_rooms.sql', '2026-11-29 12:41:08.603298+00', 'fce68e72f47570b61c1882337012b283db83394a54bf49d265da210ce9ef2188'),
	('0013_lean_and_taken_back.sql', '2026-11-29 12:41:08.60664+00', 'ffb8b5a8ab375bdf498ffc1a3c196ecd5e0d03ef1898d7c1aa61f80762a974f6'),
	('0011_gathered.contract.sql', '2026-11-29 12:41:08.609001+00', '8927bd3692d35a5c9e374b5b722bb1271aab9212ea50dbca07dc8e277cf56205');


--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_lines VALUES
	('01a22754-36d7-7215-ae92-9752562a8938', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22754-3d6a-7435-b7a5-960a58f911d3', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES
	('01a22754-36d7-7215-ae92-9752562a8938', 'second-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22754-353a-72cd-8e46-07818608a8f1', 'paid', 'KRW', 32000, '2026-11-29 12:42:40.378267+00'),
	('01a22754-3d6a-7435-b7a5-960a58f911d3', 'second-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22754-3d46-76db-bfde-f03efa6acdd0', 'refunded', 'KRW', 32000, '2026-11-29 12:42:41.96194+00');


--
-- Data for Name: outbox; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES
	(1, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:40.134402+00', '2026-11-29 12:42:40.628527+00', '{01a22752-d4a9-74c9-b775-b1fc8af69cf3}'),
	(2, 'second-drop', 'order.confirmed', NULL, '{}', '2026-11-29 12:42:40.378267+00', '2026-11-29 12:42:40.628625+00', '{01a22752-d4a9-74c9-b775-b1fc8af69cf3}'),
	(3, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:40.785638+00', '2026-11-29 12:42:41.07517+00', '{01a22752-d4a9-74c9-b775-b1fd9c1e1309}'),
	(4, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:40.878745+00', '2026-11-29 12:42:41.075214+00', '{01a22752-d4a9-74c9-b775-b1fe58777875}'),
	(5, 'second-drop', 'reservation.released', NULL, '{}', '2026-11-29 12:42:41.034846+00', '2026-11-29 12:42:41.472852+00', '{01a22752-d4a9-74c9-b775-b1fe58777875}'),
	(6, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:41.211332+00', '2026-11-29 12:42:41.472897+00', '{01a22752-d4a9-74c9-b775-b1fff0a8f4ff}'),
	(7, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:41.277822+00', '2026-11-29 12:42:41.472901+00', '{01a22752-d4a9-74c9-b775-b200b960f157}'),
	(8, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:41.463311+00', '2026-11-29 12:42:41.881426+00', '{01a22752-d4a9-74c9-b775-b201184d7b74}'),
	(9, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:41.530162+00', '2026-11-29 12:42:41.881472+00', '{01a22752-d4a9-74c9-b775-b20282d2cc44}'),
	(10, 'second-drop', 'reservation.held', NULL, '{}', '2026-11-29 12:42:41.864213+00', '2026-11-29 12:42:42.380183+00', '{01a22752-d4a9-74c9-b775-b1fe58777875}'),
	(11, 'second-drop', 'order.confirmed', NULL, '{}', '2026-11-29 12:42:41.96194+00', '2026-11-29 12:42:42.380227+00', '{01a22752-d4a9-74c9-b775-b1fe58777875}'),
	(12, 'second-drop', 'order.refunded', NULL, '{}', '2026-11-29 12:42:44.290845+00', '2026-11-29 12:42:44.360966+00', '{01a22752-d4a9-74c9-b775-b1fe58777875}'),
	(13, 'second-drop', 'reservation.expired', NULL, '{}', '2026-11-29 12:42:46.563932+00', '2026-11-29 12:42:47.110214+00', '{01a22752-d4a9-74c9-b775-b1fff0a8f4ff}');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.payments VALUES
	('01a22754-36d7-7215-ae92-9752562a8938', 'second-drop', '01a22754-353a-72cd-8e46-07818608a8f1', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22754-36d7-7215-ae92-9752562a8938', 'captured', 32000, 'KRW', '', '01a2275436be76ee933a16cec1f2c83a', '\xcfda675ec14c1fbb32913728144d4d11a8878494d685b3ad31d6ad4a7443ca1b', '2026-11-29 12:42:40.215586+00', '2026-11-29 12:42:40.545903+00'),
	('01a22754-3b4e-72d9-89b9-e230b8ade7bd', 'second-drop', '01a22754-3afd-757e-b9d6-bb510c1ba922', '01a22752-d4a9-74c9-b775-b200b960f157', NULL, 'declined', 32000, 'KRW', 'declined by the card''s issuer', '01a227543b33761da275d55022a974cf', '\x98b749badac8ae5f9e16e526302124544339dcf6986a7b9c40b0c10d205ae826', '2026-11-29 12:42:41.358422+00', '2026-11-29 12:42:41.420951+00'),
	('01a22754-3d6a-7435-b7a5-960a58f911d3', 'second-drop', '01a22754-3d46-76db-bfde-f03efa6acdd0', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22754-3d6a-7435-b7a5-960a58f911d3', 'refunded', 32000, 'KRW', 'no-money-at-gateway', '01a227543d5072cd99017acbfe79a89d', '\x8ee4c9b7a0ec95cffbd554c8aaba445c47ab7219bb91ea83106c224e676cc497', '2026-11-29 12:42:41.900817+00', '2026-11-29 12:42:44.292381+00');


--
-- Data for Name: reservations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.reservations VALUES
	('01a22754-353a-72cd-8e46-07818608a8f1', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:42:40.135816+00', '01a2275434a7765cafce704f9182f206', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:40.135816+00', '2026-11-29 12:42:40.384175+00'),
	('01a22754-383d-7578-9c20-05fc8890849a', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:40.787049+00', '01a22754380f7306957f582c62b27f22', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:40.787049+00', NULL),
	('01a22754-396e-7789-9f54-b0bb363ce5ba', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 1, 32000, 'KRW', 'released', '2026-11-29 13:42:40.878994+00', '01a22754394277be98c28679a1577368', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:40.878994+00', '2026-11-29 12:42:41.066074+00'),
	('01a22754-3afd-757e-b9d6-bb510c1ba922', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b200b960f157', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:41.278058+00', '01a227543ad370c29585351195b529a9', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:41.278058+00', NULL),
	('01a22754-3bae-722e-a98c-b6a3de2ba321', 'second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b201184d7b74', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:41.463613+00', '01a227543b9e70ab98b843fcd83f83dc', '\xad54e4f182f2bc355fdb3082b88651a8cbdf1cee32f3a950500f82c49f472fa0', '2026-11-29 12:42:41.463613+00', NULL),
	('01a22754-3bf9-7250-a964-d6b4635f77c1', 'second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b20282d2cc44', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:41.530402+00', '01a227543bc770109819703058e54a89', '\xad54e4f182f2bc355fdb3082b88651a8cbdf1cee32f3a950500f82c49f472fa0', '2026-11-29 12:42:41.530402+00', NULL),
	('01a22754-3d46-76db-bfde-f03efa6acdd0', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:42:41.864407+00', '01a227543d28736ab649bea4179e7118', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:41.864407+00', '2026-11-29 12:42:41.97565+00'),
	('01a22754-3ab2-7269-9df7-c08ba2771a20', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fff0a8f4ff', 1, 32000, 'KRW', 'expired', '2026-11-29 12:42:45.785334+00', '01a227543a74755bbdd69dfd3f78db1e', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:41.211588+00', '2026-11-29 12:42:46.569665+00');


--
-- Data for Name: rooms; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rooms VALUES
	('second-drop', true, 3, 12, '2026-11-29 12:42:39.767815+00');


--
-- Data for Name: standbys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.standbys VALUES
	('01a22754-3c8c-71d1-9fdb-613bddba65df', 'second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b203e294c021', 1, 7, 0, true, '2026-11-29 12:42:41.705372+00', '2026-11-29 12:42:41.705372+00', NULL),
	('01a22754-3ce3-70ab-ac27-0a20984e62dc', 'second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b2045df6a802', 1, 8, 0, true, '2026-11-29 12:42:41.764935+00', '2026-11-29 12:42:41.764935+00', NULL);


--
-- Data for Name: stock; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.stock VALUES
	('second-drop', 'DAWN-FEW', 2, 2, 0),
	('second-drop', 'DAWN-MANY', 500, 2, 1);


--
-- Name: outbox_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.outbox_id_seq', 13, true);


--
-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (person_id, drop_slug, sku);


--
-- Name: draws draws_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (drop_slug);


--
-- Name: drops drops_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.drops
    ADD CONSTRAINT drops_pkey PRIMARY KEY (slug);


--
-- Name: ended_offers ended_offers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ended_offers
    ADD CONSTRAINT ended_offers_pkey PRIMARY KEY (drop_slug);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (drop_slug, index);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: migrations migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);


--
-- Name: payments one_payment_a_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT one_payment_a_key UNIQUE (person_id, idempotency_key);


--
-- Name: reservations one_reservation_a_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT one_reservation_a_key UNIQUE (person_id, idempotency_key);


--
-- Name: standbys one_standby_a_person; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.standbys
    ADD CONSTRAINT one_standby_a_person UNIQUE (drop_slug, sku, person_id);


--
-- Name: order_lines order_lines_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_number);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: orders orders_reservation_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_reservation_id_key UNIQUE (reservation_id);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: reservations reservations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);


--
-- Name: rooms rooms_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (drop_slug);


--
-- Name: standbys standbys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.standbys
    ADD CONSTRAINT standbys_pkey PRIMARY KEY (id);


--
-- Name: stock stock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: entries_person_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX entries_person_idx ON public.entries USING btree (drop_slug, person_id);


--
-- Name: orders_person_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_person_idx ON public.orders USING btree (person_id, drop_slug);


--
-- Name: outbox_waiting_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_waiting_idx ON public.outbox USING btree (id) WHERE (relayed_at IS NULL);


--
-- Name: payments_one_living_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX payments_one_living_key ON public.payments USING btree (reservation_id) WHERE (state = ANY (ARRAY['authorising'::text, 'unknown'::text, 'authorised'::text, 'captured'::text, 'voiding'::text]));


--
-- Name: payments_open_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payments_open_idx ON public.payments USING btree (updated_at) WHERE (state = ANY (ARRAY['authorising'::text, 'unknown'::text, 'authorised'::text, 'voiding'::text]));


--
-- Name: payments_reservation_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payments_reservation_idx ON public.payments USING btree (reservation_id, id);


--
-- Name: reservations_due_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reservations_due_idx ON public.reservations USING btree (reserved_until) WHERE (state = 'held'::text);


--
-- Name: standbys_order_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX standbys_order_idx ON public.standbys USING btree (drop_slug, sku, offers, "position") WHERE waiting;


--
-- Name: standbys_person_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX standbys_person_idx ON public.standbys USING btree (person_id, drop_slug);


--
-- Name: standbys_reservation_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX standbys_reservation_idx ON public.standbys USING btree (reservation_id);


--
-- Name: drops drop_has_a_room; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER drop_has_a_room AFTER INSERT ON public.drops FOR EACH ROW EXECUTE FUNCTION public.make_room();


--
-- Name: stock units_came_back; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER units_came_back AFTER UPDATE ON public.stock FOR EACH ROW WHEN ((((new.total - new.reserved) - new.sold) > ((old.total - old.reserved) - old.sold))) EXECUTE FUNCTION public.offer_what_came_back();


--
-- Name: draws draws_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.draws
    ADD CONSTRAINT draws_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: ended_offers ended_offers_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.ended_offers
    ADD CONSTRAINT ended_offers_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: entries entries_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: items items_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: order_lines order_lines_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE;


--
-- Name: orders orders_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: orders orders_reservation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_reservation_id_fkey FOREIGN KEY (reservation_id) REFERENCES public.reservations(id) ON DELETE CASCADE;


--
-- Name: outbox outbox_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: payments payments_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: payments payments_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE;


--
-- Name: payments payments_reservation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_reservation_id_fkey FOREIGN KEY (reservation_id) REFERENCES public.reservations(id) ON DELETE CASCADE;


--
-- Name: reservations reservations_drop_slug_sku_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_drop_slug_sku_fkey FOREIGN KEY (drop_slug, sku) REFERENCES public.items(drop_slug, sku) ON DELETE CASCADE;


--
-- Name: rooms rooms_drop_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_drop_slug_fkey FOREIGN KEY (drop_slug) REFERENCES public.drops(slug) ON DELETE CASCADE;


--
-- Name: standbys standbys_drop_slug_sku_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.standbys
    ADD CONSTRAINT standbys_drop_slug_sku_fkey FOREIGN KEY (drop_slug, sku) REFERENCES public.items(drop_slug, sku) ON DELETE CASCADE;


--
-- Name: standbys standbys_reservation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.standbys
    ADD CONSTRAINT standbys_reservation_id_fkey FOREIGN KEY (reservation_id) REFERENCES public.reservations(id) ON DELETE CASCADE;


--
-- Name: stock stock_drop_slug_sku_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_drop_slug_sku_fkey FOREIGN KEY (drop_slug, sku) REFERENCES public.items(drop_slug, sku) ON DELETE CASCADE;


--
-- Name: TABLE order_lines; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT ON TABLE public.order_lines TO store;
GRANT SELECT,INSERT ON TABLE public.order_lines TO worker;


--
-- Name: TABLE orders; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.orders TO store;
GRANT SELECT,INSERT,UPDATE ON TABLE public.orders TO worker;


--
-- Name: TABLE payments; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.payments TO store;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payments TO worker;


--
-- Name: TABLE reservations; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.reservations TO store;
GRANT SELECT,INSERT,UPDATE ON TABLE public.reservations TO worker;


--
-- Name: TABLE payment_facts; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.payment_facts TO store;
GRANT SELECT ON TABLE public.payment_facts TO worker;


--
-- Name: TABLE allowances; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.allowances TO store;
GRANT SELECT,INSERT,UPDATE ON TABLE public.allowances TO worker;


--
-- Name: TABLE draws; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.draws TO worker;


--
-- Name: COLUMN draws.cohort; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(cohort) ON TABLE public.draws TO worker;


--
-- Name: COLUMN draws.published_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(published_at) ON TABLE public.draws TO worker;


--
-- Name: TABLE drops; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.drops TO store;
GRANT SELECT ON TABLE public.drops TO worker;


--
-- Name: TABLE ended_offers; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.ended_offers TO store;
GRANT SELECT ON TABLE public.ended_offers TO worker;


--
-- Name: TABLE entries; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.entries TO worker;


--
-- Name: TABLE items; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.items TO store;
GRANT SELECT ON TABLE public.items TO worker;


--
-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: -
--

GRANT INSERT ON TABLE public.outbox TO store;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.outbox TO worker;


--
-- Name: TABLE rooms; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT ON TABLE public.rooms TO worker;


--
-- Name: COLUMN rooms.kept; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(kept) ON TABLE public.rooms TO worker;


--
-- Name: COLUMN rooms.rejoins; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(rejoins) ON TABLE public.rooms TO worker;


--
-- Name: COLUMN rooms.serving_number; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(serving_number) ON TABLE public.rooms TO worker;


--
-- Name: COLUMN rooms.called_at; Type: ACL; Schema: public; Owner: -
--

GRANT UPDATE(called_at) ON TABLE public.rooms TO worker;


--
-- Name: TABLE standbys; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.standbys TO store;
GRANT SELECT,INSERT,UPDATE ON TABLE public.standbys TO worker;


--
-- Name: TABLE stock; Type: ACL; Schema: public; Owner: -
--

GRANT SELECT,UPDATE ON TABLE public.stock TO store;
GRANT SELECT,UPDATE ON TABLE public.stock TO worker;


--
-- PostgreSQL database dump complete
--

\unrestrict marketday

