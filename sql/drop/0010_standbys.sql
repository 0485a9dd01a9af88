-- Standbys: people in the store who were refused because every unit was held, and wait for one that comes back.
-- Rule: no unit is free while somebody present waits for it. Whatever gives units back changes the stock's row, and the
-- trigger on that row offers them in the same transaction. So `reserve` needs no rule of its own: it never sees a unit that
-- belongs to a standby. Locks: stock, then reservations, then payments as before; standbys are changed under the lock of
-- their stock, except `seen_at`, for which nobody waits.

CREATE TABLE standbys (
    id             uuid PRIMARY KEY,
    drop_slug      text NOT NULL,
    sku            text NOT NULL,
    person_id      uuid NOT NULL,
    quantity       integer NOT NULL CHECK (quantity > 0),
    position       integer NOT NULL CHECK (position >= 0), -- in the waiting room, as the signed admission says
    offers         integer NOT NULL DEFAULT 0,             -- how many this person had; people without one come first
    waiting        boolean NOT NULL,                       -- false: has an offer, or left
    asked_at       timestamptz NOT NULL,
    seen_at        timestamptz NOT NULL,                   -- when the person last looked
    reservation_id uuid REFERENCES reservations ON DELETE CASCADE, -- the last offer
    FOREIGN KEY (drop_slug, sku) REFERENCES items ON DELETE CASCADE,
    CONSTRAINT one_standby_a_person UNIQUE (drop_slug, sku, person_id),
    CHECK (NOT waiting OR reservation_id IS NULL)
);
CREATE INDEX standbys_order_idx ON standbys (drop_slug, sku, offers, position) WHERE waiting;
CREATE INDEX standbys_person_idx ON standbys (person_id, drop_slug);
CREATE INDEX standbys_reservation_idx ON standbys (reservation_id);
GRANT SELECT, INSERT, UPDATE ON standbys TO store, worker;

-- Drops that were closed early, with all reservations released: nothing is offered any more.
CREATE TABLE ended_offers (drop_slug text PRIMARY KEY REFERENCES drops ON DELETE CASCADE);
GRANT SELECT ON ended_offers TO store, worker;

-- A new id in the order of creation, as those that the services make (UUIDv7).
CREATE FUNCTION id_at(moment timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(
        overlay(uuid_send(gen_random_uuid())
                PLACING substring(int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
        52, 1), 53, 1), 'hex')::uuid
$$;

-- Whether somebody who last looked at `seen` is still there. An offer to a person who is gone keeps a unit from all others
-- until it expires, so the one who does not look for this long is passed over, and keeps the place.
CREATE FUNCTION is_present(seen timestamptz, hold_seconds integer) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT seen > clock_timestamp() - make_interval(secs => least(greatest(hold_seconds, 15), 90))
$$;

-- Until when an offer that is made at `moment` is held; NULL if it is too late for one. Before the close it is held as any
-- reservation. After it, offers go on until a minute after the last ordinary reservation would have expired, so that units
-- which were held at the close are sold too. Each then gets half of the time that is left, so that there is time for
-- another person: at most a hold, and at least half a minute of it.
CREATE FUNCTION offered_until(moment timestamptz, closes_at timestamptz, hold_seconds integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN moment < closes_at THEN moment + hold
                WHEN moment + shortest <= ends THEN moment + least(hold, greatest((ends - moment) / 2, shortest)) END
    FROM (SELECT make_interval(secs => hold_seconds) AS hold,
                 make_interval(secs => least(hold_seconds, 30)) AS shortest,
                 closes_at + make_interval(secs => hold_seconds + 60) AS ends) AS times
$$;

-- Turn the free units of an item into reservations of the first who wait for one: those who had fewer offers first, then by
-- position. A person who wants more than is free gets what is free. The caller has locked the item's stock.
CREATE FUNCTION offer_units(asked_slug text, asked_sku text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

CREATE FUNCTION offer_what_came_back() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM offer_units(NEW.drop_slug, NEW.sku);
    RETURN NULL;
END $$;

CREATE TRIGGER units_came_back AFTER UPDATE ON stock FOR EACH ROW
WHEN (NEW.total - NEW.reserved - NEW.sold > OLD.total - OLD.reserved - OLD.sold)
EXECUTE FUNCTION offer_what_came_back();

-- Get in line for an item, as long as units are offered: after the close too, for people who were admitted before it.
-- Outcomes: waiting (or offered, if a unit is free now); unknown_drop, not_open, drop_closed, unknown_item; over_limit;
-- sold_out. Repeating it changes nothing but the quantity; a person whose offer is still held
-- keeps it. A person who had an offer and asks again comes after those who had none.
CREATE FUNCTION stand_by(
    new_id uuid, asked_slug text, asked_sku text, person uuid, wanted integer, room_position integer
) RETURNS TABLE (outcome text, limit_per_person integer, taken integer)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- Record that a person looked at what they wait for. If a unit is free for one who was away, it is offered now.
CREATE FUNCTION look_at_standbys(asked_slug text, person uuid) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- Stop waiting for an item; an offer that was made stays a reservation. Returns whether there is such a standby.
CREATE FUNCTION leave_standby(asked uuid, person uuid) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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
