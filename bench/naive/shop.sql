-- The ordinary shop's tables. Its guards are as good as ours: a lock on the stock, a limit, unique keys.
CREATE TABLE entries (
    position  bigint GENERATED ALWAYS AS IDENTITY,
    person_id uuid PRIMARY KEY,
    joined_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE admissions (
    person_id  uuid PRIMARY KEY REFERENCES entries,
    token      text NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '1 hour'
);
CREATE TABLE stock (
    sku            text PRIMARY KEY,
    total          integer NOT NULL,
    reserved       integer NOT NULL DEFAULT 0,
    sold           integer NOT NULL DEFAULT 0,
    price_minor    bigint NOT NULL,
    most_a_person  integer NOT NULL,
    CHECK (reserved + sold <= total)
);
CREATE TABLE reservations (
    id              uuid PRIMARY KEY,
    person_id       uuid NOT NULL,
    sku             text NOT NULL REFERENCES stock,
    quantity        integer NOT NULL,
    state           text NOT NULL DEFAULT 'held',
    reserved_until  timestamptz NOT NULL DEFAULT now() + interval '1 hour',
    idempotency_key text NOT NULL,
    UNIQUE (person_id, idempotency_key)
);
CREATE TABLE orders (
    id             uuid PRIMARY KEY,
    person_id      uuid NOT NULL,
    reservation_id uuid NOT NULL UNIQUE REFERENCES reservations,
    total_minor    bigint NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE payments (
    id             uuid PRIMARY KEY,
    person_id      uuid NOT NULL,
    reservation_id uuid NOT NULL REFERENCES reservations,
    order_id       uuid REFERENCES orders,
    state          text NOT NULL,
    amount_minor   bigint NOT NULL
);
INSERT INTO stock (sku, total, price_minor, most_a_person) VALUES ('DAWN-30', 1000000000, 32000, 1);
