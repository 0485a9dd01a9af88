-- The mall: catalogue, accounts, carts, orders. Money is integer minor units with its currency; time is UTC.

CREATE TABLE accounts (
    id            uuid PRIMARY KEY,
    email         text NOT NULL,
    password_hash text NOT NULL,
    name          text NOT NULL,
    role          text NOT NULL DEFAULT 'shopper' CHECK (role IN ('shopper', 'admin')),
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (lower(email));

-- A session is known by the SHA-256 of its cookie: a leaked table opens no door.
CREATE TABLE sessions (
    token_sha256 bytea PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_account_idx ON sessions (account_id);
CREATE INDEX sessions_expiry_idx ON sessions (expires_at);

CREATE TABLE categories (
    slug     text PRIMARY KEY,
    title_ko text NOT NULL,
    title_en text NOT NULL,
    position integer NOT NULL DEFAULT 0
);

CREATE TABLE products (
    id            uuid PRIMARY KEY,
    handle        text NOT NULL UNIQUE,
    title_ko      text NOT NULL,
    title_en      text NOT NULL,
    body_html     text NOT NULL DEFAULT '',
    vendor        text NOT NULL DEFAULT '',
    category_slug text REFERENCES categories,
    tags          text[] NOT NULL DEFAULT '{}',
    status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'draft', 'archived')),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX products_category_idx ON products (category_slug, status);

CREATE TABLE variants (
    sku              text PRIMARY KEY,
    product_id       uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    position         integer NOT NULL,
    options          jsonb NOT NULL DEFAULT '[]',      -- [["Size", "Small"], ...]
    price_minor      bigint NOT NULL CHECK (price_minor >= 0),
    compare_at_minor bigint CHECK (compare_at_minor >= 0),
    currency         char(3) NOT NULL,
    stock            integer NOT NULL DEFAULT 0 CHECK (stock >= 0),
    grams            integer NOT NULL DEFAULT 0 CHECK (grams >= 0),
    barcode          text NOT NULL DEFAULT '',
    image_source     text NOT NULL DEFAULT '',
    UNIQUE (product_id, position)
);

CREATE TABLE images (
    product_id uuid NOT NULL REFERENCES products ON DELETE CASCADE,
    position   integer NOT NULL,
    source     text NOT NULL,                          -- a URL, or a path below the mall's /media/
    alt        text NOT NULL DEFAULT '',
    PRIMARY KEY (product_id, position)
);

CREATE TABLE cart_lines (
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    sku        text NOT NULL REFERENCES variants ON DELETE CASCADE,
    quantity   integer NOT NULL CHECK (quantity > 0),
    added_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, sku)
);

-- origin 'mall' is an ordinary order; a hand-back promotes orders with the drop's slug and its environment.
CREATE TABLE orders (
    id             uuid PRIMARY KEY,
    account_id     uuid NOT NULL REFERENCES accounts,
    origin         text NOT NULL DEFAULT 'mall',
    environment_id uuid,
    state          text NOT NULL CHECK (state IN ('pending', 'paid', 'cancelled', 'refunded')),
    currency       char(3) NOT NULL,
    total_minor    bigint NOT NULL CHECK (total_minor >= 0),
    created_at     timestamptz NOT NULL DEFAULT now(),
    CHECK ((origin = 'mall') = (environment_id IS NULL))
);
-- Ids are UUIDv7, so that the newest order is the one with the greatest id: lists are paged by it.
CREATE INDEX orders_account_idx ON orders (account_id, id DESC);
CREATE INDEX orders_origin_idx ON orders (origin, id DESC);
CREATE INDEX orders_pending_idx ON orders (created_at) WHERE state = 'pending';
CREATE INDEX orders_environment_idx ON orders (environment_id) WHERE environment_id IS NOT NULL;

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

-- id is the reference under which the payment gateway knows the payment. 'voiding': no order rests on it any more,
-- and the gateway has yet to hear that.
CREATE TABLE payments (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL REFERENCES orders,
    state        text NOT NULL CHECK (state IN
                 ('authorising', 'unknown', 'authorised', 'captured', 'voiding', 'declined', 'voided', 'refunded')),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency     char(3) NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX payments_order_idx ON payments (order_id);
CREATE INDEX payments_open_idx ON payments (updated_at) WHERE state IN ('authorising', 'unknown', 'authorised', 'voiding');

-- What was answered to a write, so that its repetition is answered the same.
CREATE TABLE idempotency_keys (
    owner_id    uuid NOT NULL,                         -- the account; all zeros for a write of nobody signed in
    key         text NOT NULL,
    fingerprint bytea NOT NULL,                        -- HMAC-SHA256 of method, path and body: bodies hold passwords
    subject_id  uuid NOT NULL,                         -- the id of what the write makes, whoever finishes it
    status      integer,                               -- NULL while the first request is being answered
    answer      jsonb,
    claimed_at  timestamptz NOT NULL,
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (claimed_at);
