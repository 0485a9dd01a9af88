-- The drop database: stock, reservations, orders, payments of the drops that this environment sells
-- (the drop itself, and at build time the smoke test's). Filled once at build, emptied with the environment.

CREATE TABLE drops (
    slug              text PRIMARY KEY,
    name_ko           text NOT NULL,
    name_en           text NOT NULL,
    room_opens_at     timestamptz NOT NULL,
    opens_at          timestamptz NOT NULL,
    closes_at         timestamptz NOT NULL,
    hold_seconds      integer NOT NULL CHECK (hold_seconds > 0),
    admission_seconds integer NOT NULL CHECK (admission_seconds > 0),
    rates             jsonb NOT NULL DEFAULT '{}',     -- the definition's rate_limits table
    CHECK (room_opens_at <= opens_at AND opens_at < closes_at)
);

CREATE TABLE items (
    drop_slug        text NOT NULL REFERENCES drops ON DELETE CASCADE,
    sku              text NOT NULL,
    position         integer NOT NULL,
    title_ko         text NOT NULL,
    title_en         text NOT NULL,
    body_html        text NOT NULL DEFAULT '',
    image            text NOT NULL DEFAULT '',         -- a data: URL, so that no page needs the mall
    price_minor      bigint NOT NULL CHECK (price_minor >= 0),
    currency         char(3) NOT NULL,
    limit_per_person integer NOT NULL CHECK (limit_per_person > 0),
    PRIMARY KEY (drop_slug, sku)
);

-- The one truth about stock. The last check makes oversell impossible even if all code above it were wrong.
CREATE TABLE stock (
    drop_slug text NOT NULL,
    sku       text NOT NULL,
    total     integer NOT NULL CHECK (total >= 0),
    reserved  integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    sold      integer NOT NULL DEFAULT 0 CHECK (sold >= 0),
    PRIMARY KEY (drop_slug, sku),
    FOREIGN KEY (drop_slug, sku) REFERENCES items ON DELETE CASCADE,
    CONSTRAINT never_oversold CHECK (reserved + sold <= total)
) WITH (fillfactor = 50);

-- What a person has taken of an item: reserved and bought together. Guards the limit across reservations and orders.
CREATE TABLE allowances (
    drop_slug        text NOT NULL,
    sku              text NOT NULL,
    person_id        uuid NOT NULL,
    taken            integer NOT NULL CHECK (taken >= 0),
    limit_per_person integer NOT NULL,
    PRIMARY KEY (drop_slug, sku, person_id),
    FOREIGN KEY (drop_slug, sku) REFERENCES items ON DELETE CASCADE,
    CONSTRAINT never_over_limit CHECK (taken <= limit_per_person)
);

CREATE TABLE reservations (
    id               uuid PRIMARY KEY,
    drop_slug        text NOT NULL,
    sku              text NOT NULL,
    person_id        uuid NOT NULL,
    quantity         integer NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    currency         char(3) NOT NULL,
    state            text NOT NULL CHECK (state IN ('held', 'confirmed', 'expired', 'released')),
    reserved_until   timestamptz NOT NULL,
    idempotency_key  text NOT NULL,
    fingerprint      bytea NOT NULL,                   -- SHA-256 of drop, sku and quantity: the key's body
    created_at       timestamptz NOT NULL DEFAULT now(),
    settled_at       timestamptz,                      -- when it left 'held'
    FOREIGN KEY (drop_slug, sku) REFERENCES items ON DELETE CASCADE,
    CONSTRAINT one_reservation_a_key UNIQUE (person_id, idempotency_key)
);
CREATE INDEX reservations_due_idx ON reservations (reserved_until) WHERE state = 'held';
CREATE INDEX reservations_person_idx ON reservations (person_id, drop_slug);

CREATE TABLE orders (
    id             uuid PRIMARY KEY,
    drop_slug      text NOT NULL REFERENCES drops ON DELETE CASCADE,
    person_id      uuid NOT NULL,
    reservation_id uuid NOT NULL UNIQUE REFERENCES reservations ON DELETE CASCADE,
    state          text NOT NULL CHECK (state IN ('paid', 'refunded')),
    currency       char(3) NOT NULL,
    total_minor    bigint NOT NULL CHECK (total_minor >= 0),
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_person_idx ON orders (person_id, drop_slug);

CREATE TABLE order_lines (
    order_id         uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    line_number      integer NOT NULL,
    sku              text NOT NULL,
    title_ko         text NOT NULL,
    title_en         text NOT NULL,
    quantity         integer NOT NULL CHECK (quantity > 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    PRIMARY KEY (order_id, line_number)
);

-- id is the reference under which the payment gateway knows the payment. 'voiding' says that no order may be made of
-- it any more: it is written before the gateway is asked to void, so that a late confirmation cannot slip in between.
CREATE TABLE payments (
    id              uuid PRIMARY KEY,
    drop_slug       text NOT NULL REFERENCES drops ON DELETE CASCADE,
    reservation_id  uuid NOT NULL REFERENCES reservations ON DELETE CASCADE,
    person_id       uuid NOT NULL,
    order_id        uuid REFERENCES orders ON DELETE CASCADE,
    state           text NOT NULL CHECK (state IN
                    ('authorising', 'unknown', 'authorised', 'captured', 'voiding', 'declined', 'voided', 'refunded')),
    amount_minor    bigint NOT NULL CHECK (amount_minor >= 0),
    currency        char(3) NOT NULL,
    reason          text NOT NULL DEFAULT '',          -- why it was declined, voided or refunded
    idempotency_key text NOT NULL,
    fingerprint     bytea NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_payment_a_key UNIQUE (person_id, idempotency_key),
    CHECK ((state = 'captured') <= (order_id IS NOT NULL))
);
-- One payment at a time for a reservation, however often the button is pressed.
CREATE UNIQUE INDEX payments_one_living_key ON payments (reservation_id)
    WHERE state IN ('authorising', 'unknown', 'authorised', 'captured', 'voiding');
CREATE INDEX payments_open_idx ON payments (updated_at) WHERE state IN ('authorising', 'unknown', 'authorised', 'voiding');

-- Written in the transaction of what it tells; the worker relays it.
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    drop_slug  text NOT NULL REFERENCES drops ON DELETE CASCADE,
    kind       text NOT NULL,                          -- reservation.held/expired/released, order.confirmed/refunded, ...
    person_id  uuid NOT NULL,
    body       jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    relayed_at timestamptz
);
CREATE INDEX outbox_waiting_idx ON outbox (id) WHERE relayed_at IS NULL;

-- The draw: the seed is secret until published_at, its commitment is public from the start.
CREATE TABLE draws (
    drop_slug    text PRIMARY KEY REFERENCES drops ON DELETE CASCADE,
    seed         bytea NOT NULL CHECK (length(seed) = 32),
    commitment   bytea NOT NULL CHECK (commitment = sha256(seed)),
    cohort       integer,                              -- how many took part, set at opening
    published_at timestamptz,
    CHECK ((cohort IS NULL) = (published_at IS NULL))
);

-- The waiting room's entries, written by the worker at closing, so that the draw can be checked for ever.
CREATE TABLE entries (
    drop_slug   text NOT NULL REFERENCES drops ON DELETE CASCADE,
    person_id   uuid NOT NULL,
    index       integer NOT NULL,                      -- order of arrival, from 0
    joined_at   timestamptz NOT NULL,
    admitted_at timestamptz,
    PRIMARY KEY (drop_slug, person_id),
    UNIQUE (drop_slug, index)
);
