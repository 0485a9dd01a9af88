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
-- Name: drop_first_drop_db7b060c; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA drop_first_drop_db7b060c;


--
-- Name: drop_second_drop_10c7f3a7; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA drop_second_drop_10c7f3a7;


--
-- Name: notify_catalogue(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.notify_catalogue() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('catalogue', '');
    RETURN NULL;
END $$;


--
-- Name: notify_variant(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.notify_variant() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    turned boolean := (OLD.stock > 0) <> (NEW.stock > 0);
BEGIN
    OLD.stock := NEW.stock;
    PERFORM pg_notify('catalogue', CASE
        WHEN OLD IS DISTINCT FROM NEW THEN ''
        WHEN turned THEN NEW.product_id || ' availability'
        ELSE NEW.product_id::text
    END);
    RETURN NULL;
END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: allowances; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.allowances (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    taken integer,
    limit_per_person integer
);


--
-- Name: draws; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.draws (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: drops; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.drops (
    slug text NOT NULL,
    name_ko text,
    name_en text,
    room_opens_at timestamp with time zone,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    hold_seconds integer,
    admission_seconds integer,
    rates jsonb,
    zone text
);


--
-- Name: entries; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.entries (
    drop_slug text NOT NULL,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: items; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.items (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    "position" integer,
    title_ko text,
    title_en text,
    body_html text,
    image text,
    price_minor bigint,
    currency character(3),
    limit_per_person integer
);


--
-- Name: known_accounts; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.known_accounts (
    id uuid NOT NULL
);


--
-- Name: known_draw; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.known_draw (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: known_drop; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.known_drop (
    slug text NOT NULL,
    name_ko text,
    name_en text,
    room_opens_at timestamp with time zone,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    hold_seconds integer,
    admission_seconds integer,
    rates jsonb,
    zone text,
    commitment text,
    payment_holder text
);


--
-- Name: known_entries; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.known_entries (
    drop_slug text,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: known_items; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.known_items (
    sku text NOT NULL,
    "position" integer,
    title_ko text,
    title_en text,
    shown bytea,
    price_minor bigint,
    currency text,
    limit_per_person integer,
    quantity integer
);


--
-- Name: known_payments; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.known_payments (
    id uuid NOT NULL,
    holder text,
    state text,
    amount_minor bigint,
    currency text,
    drop_slug text,
    person_id uuid,
    reservation_id uuid,
    goods text,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);


--
-- Name: order_lines; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.order_lines (
    order_id uuid NOT NULL,
    line_number integer NOT NULL,
    sku text,
    title_ko text,
    title_en text,
    quantity integer,
    unit_price_minor bigint
);


--
-- Name: orders; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.orders (
    id uuid NOT NULL,
    drop_slug text,
    person_id uuid,
    reservation_id uuid,
    state text,
    currency character(3),
    total_minor bigint,
    created_at timestamp with time zone
);


--
-- Name: payments; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.payments (
    id uuid NOT NULL,
    drop_slug text,
    reservation_id uuid,
    person_id uuid,
    order_id uuid,
    state text,
    amount_minor bigint,
    currency character(3),
    reason text,
    idempotency_key text,
    fingerprint bytea,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);


--
-- Name: reservations; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.reservations (
    id uuid NOT NULL,
    drop_slug text,
    sku text,
    person_id uuid,
    quantity integer,
    unit_price_minor bigint,
    currency character(3),
    state text,
    reserved_until timestamp with time zone,
    idempotency_key text,
    fingerprint bytea,
    created_at timestamp with time zone,
    settled_at timestamp with time zone
);


--
-- Name: stock; Type: TABLE; Schema: drop_first_drop_db7b060c; Owner: -
--

CREATE TABLE drop_first_drop_db7b060c.stock (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    total integer,
    reserved integer,
    sold integer
);


--
-- Name: allowances; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.allowances (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    taken integer,
    limit_per_person integer
);


--
-- Name: draws; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.draws (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: drops; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.drops (
    slug text NOT NULL,
    name_ko text,
    name_en text,
    room_opens_at timestamp with time zone,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    hold_seconds integer,
    admission_seconds integer,
    rates jsonb,
    zone text
);


--
-- Name: entries; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.entries (
    drop_slug text NOT NULL,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: items; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.items (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    "position" integer,
    title_ko text,
    title_en text,
    body_html text,
    image text,
    price_minor bigint,
    currency character(3),
    limit_per_person integer
);


--
-- Name: known_accounts; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.known_accounts (
    id uuid NOT NULL
);


--
-- Name: known_draw; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.known_draw (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: known_drop; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.known_drop (
    slug text NOT NULL,
    name_ko text,
    name_en text,
    room_opens_at timestamp with time zone,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    hold_seconds integer,
    admission_seconds integer,
    rates jsonb,
    zone text,
    commitment text,
    payment_holder text
);


--
-- Name: known_entries; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.known_entries (
    drop_slug text,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: known_items; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.known_items (
    sku text NOT NULL,
    "position" integer,
    title_ko text,
    title_en text,
    shown bytea,
    price_minor bigint,
    currency text,
    limit_per_person integer,
    quantity integer
);


--
-- Name: known_payments; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.known_payments (
    id uuid NOT NULL,
    holder text,
    state text,
    amount_minor bigint,
    currency text,
    drop_slug text,
    person_id uuid,
    reservation_id uuid,
    goods text,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);


--
-- Name: order_lines; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.order_lines (
    order_id uuid NOT NULL,
    line_number integer NOT NULL,
    sku text,
    title_ko text,
    title_en text,
    quantity integer,
    unit_price_minor bigint
);


--
-- Name: orders; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.orders (
    id uuid NOT NULL,
    drop_slug text,
    person_id uuid,
    reservation_id uuid,
    state text,
    currency character(3),
    total_minor bigint,
    created_at timestamp with time zone
);


--
-- Name: payments; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.payments (
    id uuid NOT NULL,
    drop_slug text,
    reservation_id uuid,
    person_id uuid,
    order_id uuid,
    state text,
    amount_minor bigint,
    currency character(3),
    reason text,
    idempotency_key text,
    fingerprint bytea,
    created_at timestamp with time zone,
    updated_at timestamp with time zone
);


--
-- Name: reservations; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.reservations (
    id uuid NOT NULL,
    drop_slug text,
    sku text,
    person_id uuid,
    quantity integer,
    unit_price_minor bigint,
    currency character(3),
    state text,
    reserved_until timestamp with time zone,
    idempotency_key text,
    fingerprint bytea,
    created_at timestamp with time zone,
    settled_at timestamp with time zone
);


--
-- Name: stock; Type: TABLE; Schema: drop_second_drop_10c7f3a7; Owner: -
--

CREATE TABLE drop_second_drop_10c7f3a7.stock (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    total integer,
    reserved integer,
    sold integer
);


--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    id uuid NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    name text NOT NULL,
    role text DEFAULT 'shopper'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['shopper'::text, 'viewer'::text, 'admin'::text])))
);


--
-- Name: allocations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.allocations (
    environment_id uuid NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    returned integer,
    "position" integer,
    item jsonb,
    CONSTRAINT allocations_check CHECK (((returned >= 0) AND (returned <= quantity))),
    CONSTRAINT allocations_quantity_check CHECK ((quantity >= 0))
);


--
-- Name: cart_lines; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.cart_lines (
    account_id uuid NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT cart_lines_quantity_check CHECK ((quantity > 0))
);


--
-- Name: categories; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.categories (
    slug text NOT NULL,
    title_ko text NOT NULL,
    title_en text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    search_text text DEFAULT ''::text NOT NULL
);


--
-- Name: environment_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.environment_steps (
    id bigint NOT NULL,
    environment_id uuid NOT NULL,
    step text NOT NULL,
    outcome text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT environment_steps_outcome_check CHECK ((outcome = ANY (ARRAY['started'::text, 'done'::text, 'failed'::text])))
);


--
-- Name: environment_steps_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.environment_steps ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.environment_steps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: environments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.environments (
    id uuid NOT NULL,
    drop_slug text NOT NULL,
    state text NOT NULL,
    definition jsonb NOT NULL,
    schedule jsonb NOT NULL,
    outputs jsonb DEFAULT '{}'::jsonb NOT NULL,
    failed_step text,
    failure text,
    failures integer DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    failed_at timestamp with time zone,
    windows integer DEFAULT 0 NOT NULL,
    told jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT environments_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'provisioning'::text, 'ready'::text, 'open'::text, 'draining'::text, 'handing_back'::text, 'verified'::text, 'destroying'::text, 'destroyed'::text, 'failed'::text])))
);


--
-- Name: hand_back_windows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.hand_back_windows (
    environment_id uuid NOT NULL,
    due timestamp with time zone,
    phase text NOT NULL,
    copies integer NOT NULL,
    brought jsonb,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT hand_back_windows_copies_check CHECK ((copies > 0)),
    CONSTRAINT hand_back_windows_phase_check CHECK ((phase = ANY (ARRAY['starting'::text, 'copying'::text, 'stopping'::text, 'restarting'::text, 'closing'::text, 'closed'::text])))
);


--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency_keys (
    owner_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    subject_id uuid NOT NULL,
    status integer,
    answer jsonb,
    claimed_at timestamp with time zone NOT NULL
);


--
-- Name: images; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.images (
    product_id uuid NOT NULL,
    "position" integer NOT NULL,
    source text NOT NULL,
    alt text DEFAULT ''::text NOT NULL
);


--
-- Name: known_browsers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_browsers (
    token_sha256 bytea NOT NULL,
    account_id uuid NOT NULL,
    used_at timestamp with time zone NOT NULL
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
    account_id uuid NOT NULL,
    origin text DEFAULT 'mall'::text NOT NULL,
    environment_id uuid,
    state text NOT NULL,
    currency character(3) NOT NULL,
    total_minor bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT orders_check CHECK (((origin = 'mall'::text) = (environment_id IS NULL))),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'paid'::text, 'cancelled'::text, 'refunded'::text]))),
    CONSTRAINT orders_total_minor_check CHECK ((total_minor >= 0))
);


--
-- Name: payments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payments (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    state text NOT NULL,
    amount_minor bigint NOT NULL,
    currency character(3) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT payments_amount_minor_check CHECK ((amount_minor >= 0)),
    CONSTRAINT payments_state_check CHECK ((state = ANY (ARRAY['authorising'::text, 'unknown'::text, 'authorised'::text, 'captured'::text, 'voiding'::text, 'declined'::text, 'voided'::text, 'refunded'::text])))
);


--
-- Name: products; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.products (
    id uuid NOT NULL,
    handle text NOT NULL,
    title_ko text NOT NULL,
    title_en text NOT NULL,
    body_html text DEFAULT ''::text NOT NULL,
    vendor text DEFAULT ''::text NOT NULL,
    category_slug text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    search_text text DEFAULT ''::text NOT NULL,
    CONSTRAINT products_status_check CHECK ((status = ANY (ARRAY['active'::text, 'drop'::text, 'draft'::text, 'archived'::text])))
);


--
-- Name: receipts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.receipts (
    environment_id uuid NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    token text NOT NULL,
    summary jsonb NOT NULL
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    token_sha256 bytea NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: variants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.variants (
    sku text NOT NULL,
    product_id uuid NOT NULL,
    "position" integer NOT NULL,
    options jsonb DEFAULT '[]'::jsonb NOT NULL,
    price_minor bigint NOT NULL,
    compare_at_minor bigint,
    currency character(3) NOT NULL,
    stock integer DEFAULT 0 NOT NULL,
    grams integer DEFAULT 0 NOT NULL,
    barcode text DEFAULT ''::text NOT NULL,
    image_source text DEFAULT ''::text NOT NULL,
    imported_quantity integer,
    archived boolean DEFAULT false NOT NULL,
    unlimited boolean DEFAULT false NOT NULL,
    CONSTRAINT variants_compare_at_minor_check CHECK ((compare_at_minor >= 0)),
    CONSTRAINT variants_grams_check CHECK ((grams >= 0)),
    CONSTRAINT variants_imported_quantity_check CHECK ((imported_quantity >= 0)),
    CONSTRAINT variants_price_minor_check CHECK ((price_minor >= 0))
);


--
-- Data for Name: allowances; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.allowances VALUES
	('first-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 1, 2),
	('first-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, 2),
	('first-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 1, 2);


--
-- Data for Name: draws; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.draws VALUES
	('first-drop', '\x532a91288eb3984bd7468e27b1463055f27c24f43e226365d29ef7527ebb9e6d', '\x8356055564d12b84260d55b392ffe42926d3a9e49910cd66af43752217b04d8d', 0, '2026-11-29 12:41:34.514+00');


--
-- Data for Name: drops; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.drops VALUES
	('first-drop', '두 번째', 'Second Drop', '2026-11-29 12:41:11.95449+00', '2026-11-29 12:41:13.95449+00', '2026-11-29 12:41:39.658318+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul');


--
-- Data for Name: entries; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.entries VALUES
	('first-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 0, '2026-11-29 12:41:38.179+00', '2026-11-29 12:41:38.412+00'),
	('first-drop', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, '2026-11-29 12:41:38.749+00', '2026-11-29 12:41:39.199+00'),
	('first-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', 2, '2026-11-29 12:41:39.308+00', '2026-11-29 12:41:39.57+00');


--
-- Data for Name: items; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.items VALUES
	('first-drop', 'DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2),
	('first-drop', 'DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2);


--
-- Data for Name: known_accounts; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.known_accounts VALUES
	('01a22752-d4a9-74c9-b775-b1fc8af69cf3'),
	('01a22752-d4a9-74c9-b775-b1fd9c1e1309'),
	('01a22752-d4a9-74c9-b775-b1fe58777875');


--
-- Data for Name: known_draw; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.known_draw VALUES
	('first-drop', '\x532a91288eb3984bd7468e27b1463055f27c24f43e226365d29ef7527ebb9e6d', '\x8356055564d12b84260d55b392ffe42926d3a9e49910cd66af43752217b04d8d', 0, '2026-11-29 12:41:34.514+00');


--
-- Data for Name: known_drop; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.known_drop VALUES
	('first-drop', '두 번째', 'Second Drop', '2026-11-29 12:41:11.95449+00', '2026-11-29 12:41:13.95449+00', '2026-11-29 12:41:39.658318+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul', '8356055564d12b84260d55b392ffe42926d3a9e49910cd66af43752217b04d8d', 'event-01a22752-d642-763a-ac5e-5bcddb7b060c');


--
-- Data for Name: known_entries; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.known_entries VALUES
	('first-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 0, '2026-11-29 12:41:38.179+00', '2026-11-29 12:41:38.412+00'),
	('first-drop', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, '2026-11-29 12:41:38.749+00', '2026-11-29 12:41:39.199+00'),
	('first-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', 2, '2026-11-29 12:41:39.308+00', '2026-11-29 12:41:39.57+00');


--
-- Data for Name: known_items; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.known_items VALUES
	('DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '\xc3c53d425df7deb62a5d7c38f2d311e31c21493a2cd7b1ef472136160684b2d3', 32000, 'KRW', 2, 9),
	('DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '\xc3c53d425df7deb62a5d7c38f2d311e31c21493a2cd7b1ef472136160684b2d3', 32000, 'KRW', 2, 2);


--
-- Data for Name: known_payments; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.known_payments VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', 'event-01a22752-d642-763a-ac5e-5bcddb7b060c', 'captured', 32000, 'KRW', 'first-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22753-45ab-71c2-81ad-01869384fa58', 'DAWN-MANY x 1', '2026-11-29 12:41:38.604+00', '2026-11-29 12:41:38.65+00'),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', 'event-01a22752-d642-763a-ac5e-5bcddb7b060c', 'captured', 32000, 'KRW', 'first-drop', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', '01a22753-4895-7281-8ac9-4f3e987d5a61', 'DAWN-MANY x 1', '2026-11-29 12:41:39.253+00', '2026-11-29 12:41:39.276+00'),
	('01a22753-4a31-7674-aa68-6db18fda342d', 'event-01a22752-d642-763a-ac5e-5bcddb7b060c', 'captured', 32000, 'KRW', 'first-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22753-4a1c-7187-b7da-b3dbb4f7904b', 'DAWN-MANY x 1', '2026-11-29 12:41:39.637+00', '2026-11-29 12:41:39.646+00');


--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.order_lines VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22753-4a31-7674-aa68-6db18fda342d', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.orders VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', 'first-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22753-45ab-71c2-81ad-01869384fa58', 'paid', 'KRW', 32000, '2026-11-29 12:41:38.618267+00'),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', 'first-drop', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', '01a22753-4895-7281-8ac9-4f3e987d5a61', 'paid', 'KRW', 32000, '2026-11-29 12:41:39.266275+00'),
	('01a22753-4a31-7674-aa68-6db18fda342d', 'first-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22753-4a1c-7187-b7da-b3dbb4f7904b', 'paid', 'KRW', 32000, '2026-11-29 12:41:39.64503+00');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.payments VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', 'first-drop', '01a22753-45ab-71c2-81ad-01869384fa58', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22753-4613-757b-a2fb-4cc889be9d57', 'captured', 32000, 'KRW', '', '01a22753460373cd8c931babd9ec1261', '\xc989634dcc9e730cadc8c33356ed795c509145baf4b0a3e90431a0c60911b6b6', '2026-11-29 12:41:38.579752+00', '2026-11-29 12:41:38.6835+00'),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', 'first-drop', '01a22753-4895-7281-8ac9-4f3e987d5a61', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', '01a22753-48a7-71ba-a04e-6f02e52161c6', 'captured', 32000, 'KRW', '', '01a2275348a57772b978d2fdd09ae59b', '\x0aa3d3d05dec493108411795f8f88de900d08dab5184649c237780b2e1ca24ad', '2026-11-29 12:41:39.247275+00', '2026-11-29 12:41:39.285033+00'),
	('01a22753-4a31-7674-aa68-6db18fda342d', 'first-drop', '01a22753-4a1c-7187-b7da-b3dbb4f7904b', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22753-4a31-7674-aa68-6db18fda342d', 'captured', 32000, 'KRW', '', '01a227534a2270e488740f14f0557ce4', '\xe84e914e2ca5f8ed49b451f2d1394de98acba3c6e6147ed40a2e1a8ff85a330e', '2026-11-29 12:41:39.635781+00', '2026-11-29 12:41:39.648979+00');


--
-- Data for Name: reservations; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.reservations VALUES
	('01a22753-45ab-71c2-81ad-01869384fa58', 'first-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:41:38.544437+00', '01a2275345967433af76bdc010cbd47f', '\x2aab819582ac5f383bf25fd2e621f4ba9e6903fd5948b414b36fcd8a81a5fc3f', '2026-11-29 12:41:38.544437+00', '2026-11-29 12:41:38.634751+00'),
	('01a22753-4895-7281-8ac9-4f3e987d5a61', 'first-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:41:39.222187+00', '01a22753489277d9b55f9e39a28c4d10', '\x2aab819582ac5f383bf25fd2e621f4ba9e6903fd5948b414b36fcd8a81a5fc3f', '2026-11-29 12:41:39.222187+00', '2026-11-29 12:41:39.266617+00'),
	('01a22753-4a1c-7187-b7da-b3dbb4f7904b', 'first-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:41:39.612579+00', '01a227534a1270fc9be615d7e6e72d97', '\x2aab819582ac5f383bf25fd2e621f4ba9e6903fd5948b414b36fcd8a81a5fc3f', '2026-11-29 12:41:39.612579+00', '2026-11-29 12:41:39.6453+00');


--
-- Data for Name: stock; Type: TABLE DATA; Schema: drop_first_drop_db7b060c; Owner: -
--

INSERT INTO drop_first_drop_db7b060c.stock VALUES
	('first-drop', 'DAWN-MANY', 9, 0, 3),
	('first-drop', 'DAWN-FEW', 2, 0, 0);


--
-- Data for Name: allowances; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.allowances VALUES
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 1, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b200b960f157', 1, 2),
	('second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b201184d7b74', 1, 2),
	('second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b20282d2cc44', 1, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 0, 2),
	('second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fff0a8f4ff', 0, 2);


--
-- Data for Name: draws; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.draws VALUES
	('second-drop', '\x1445f7ef57e9fa881c29f30e9fa2ead0e78afb625f17411462ea2cf06f522db7', '\xb5069554213d6d592d8a43f086a86f5a502e6a69d3a82488db96a1cf759411de', 0, '2026-11-29 12:42:28.04+00');


--
-- Data for Name: drops; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.drops VALUES
	('second-drop', '두 번째', 'Second Drop', '2026-11-29 12:41:53.84382+00', '2026-11-29 12:41:55.84382+00', '2036-11-26 12:41:51.84382+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul');


--
-- Data for Name: entries; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.entries VALUES
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
-- Data for Name: items; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.items VALUES
	('second-drop', 'DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2),
	('second-drop', 'DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2);


--
-- Data for Name: known_accounts; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--



--
-- Data for Name: known_draw; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--



--
-- Data for Name: known_drop; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--



--
-- Data for Name: known_entries; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--



--
-- Data for Name: known_items; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--



--
-- Data for Name: known_payments; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--



--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.order_lines VALUES
	('01a22754-36d7-7215-ae92-9752562a8938', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22754-3d6a-7435-b7a5-960a58f911d3', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.orders VALUES
	('01a22754-36d7-7215-ae92-9752562a8938', 'second-drop', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22754-353a-72cd-8e46-07818608a8f1', 'paid', 'KRW', 32000, '2026-11-29 12:42:40.378267+00'),
	('01a22754-3d6a-7435-b7a5-960a58f911d3', 'second-drop', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22754-3d46-76db-bfde-f03efa6acdd0', 'refunded', 'KRW', 32000, '2026-11-29 12:42:41.96194+00');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.payments VALUES
	('01a22754-36d7-7215-ae92-9752562a8938', 'second-drop', '01a22754-353a-72cd-8e46-07818608a8f1', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22754-36d7-7215-ae92-9752562a8938', 'captured', 32000, 'KRW', '', '01a2275436be76ee933a16cec1f2c83a', '\xcfda675ec14c1fbb32913728144d4d11a8878494d685b3ad31d6ad4a7443ca1b', '2026-11-29 12:42:40.215586+00', '2026-11-29 12:42:40.545903+00'),
	('01a22754-3b4e-72d9-89b9-e230b8ade7bd', 'second-drop', '01a22754-3afd-757e-b9d6-bb510c1ba922', '01a22752-d4a9-74c9-b775-b200b960f157', NULL, 'declined', 32000, 'KRW', 'declined by the card''s issuer', '01a227543b33761da275d55022a974cf', '\x98b749badac8ae5f9e16e526302124544339dcf6986a7b9c40b0c10d205ae826', '2026-11-29 12:42:41.358422+00', '2026-11-29 12:42:41.420951+00'),
	('01a22754-3d6a-7435-b7a5-960a58f911d3', 'second-drop', '01a22754-3d46-76db-bfde-f03efa6acdd0', '01a22752-d4a9-74c9-b775-b1fe58777875', '01a22754-3d6a-7435-b7a5-960a58f911d3', 'refunded', 32000, 'KRW', 'no-money-at-gateway', '01a227543d5072cd99017acbfe79a89d', '\x8ee4c9b7a0ec95cffbd554c8aaba445c47ab7219bb91ea83106c224e676cc497', '2026-11-29 12:42:41.900817+00', '2026-11-29 12:42:44.292381+00');


--
-- Data for Name: reservations; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.reservations VALUES
	('01a22754-353a-72cd-8e46-07818608a8f1', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:42:40.135816+00', '01a2275434a7765cafce704f9182f206', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:40.135816+00', '2026-11-29 12:42:40.384175+00'),
	('01a22754-383d-7578-9c20-05fc8890849a', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:40.787049+00', '01a22754380f7306957f582c62b27f22', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:40.787049+00', NULL),
	('01a22754-396e-7789-9f54-b0bb363ce5ba', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 1, 32000, 'KRW', 'released', '2026-11-29 13:42:40.878994+00', '01a22754394277be98c28679a1577368', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:40.878994+00', '2026-11-29 12:42:41.066074+00'),
	('01a22754-3afd-757e-b9d6-bb510c1ba922', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b200b960f157', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:41.278058+00', '01a227543ad370c29585351195b529a9', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:41.278058+00', NULL),
	('01a22754-3bae-722e-a98c-b6a3de2ba321', 'second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b201184d7b74', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:41.463613+00', '01a227543b9e70ab98b843fcd83f83dc', '\xad54e4f182f2bc355fdb3082b88651a8cbdf1cee32f3a950500f82c49f472fa0', '2026-11-29 12:42:41.463613+00', NULL),
	('01a22754-3bf9-7250-a964-d6b4635f77c1', 'second-drop', 'DAWN-FEW', '01a22752-d4a9-74c9-b775-b20282d2cc44', 1, 32000, 'KRW', 'held', '2026-11-29 13:42:41.530402+00', '01a227543bc770109819703058e54a89', '\xad54e4f182f2bc355fdb3082b88651a8cbdf1cee32f3a950500f82c49f472fa0', '2026-11-29 12:42:41.530402+00', NULL),
	('01a22754-3d46-76db-bfde-f03efa6acdd0', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fe58777875', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:42:41.864407+00', '01a227543d28736ab649bea4179e7118', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:41.864407+00', '2026-11-29 12:42:41.97565+00'),
	('01a22754-3ab2-7269-9df7-c08ba2771a20', 'second-drop', 'DAWN-MANY', '01a22752-d4a9-74c9-b775-b1fff0a8f4ff', 1, 32000, 'KRW', 'expired', '2026-11-29 12:42:45.785334+00', '01a227543a74755bbdd69dfd3f78db1e', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:42:41.211588+00', '2026-11-29 12:42:46.569665+00');


--
-- Data for Name: stock; Type: TABLE DATA; Schema: drop_second_drop_10c7f3a7; Owner: -
--

INSERT INTO drop_second_drop_10c7f3a7.stock VALUES
	('second-drop', 'DAWN-MANY', 500, 2, 1),
	('second-drop', 'DAWN-FEW', 2, 2, 0);


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.accounts VALUES
	('01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22752d4a974c9b775b1fc8af69cf3@crowd.invalid', '!', 'Crowd 1', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b1fd9c1e1309', '01a22752d4a974c9b775b1fd9c1e1309@crowd.invalid', '!', 'Crowd 2', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b1fe58777875', '01a22752d4a974c9b775b1fe58777875@crowd.invalid', '!', 'Crowd 3', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b1fff0a8f4ff', '01a22752d4a974c9b775b1fff0a8f4ff@crowd.invalid', '!', 'Crowd 4', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b200b960f157', '01a22752d4a974c9b775b200b960f157@crowd.invalid', '!', 'Crowd 5', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b201184d7b74', '01a22752d4a974c9b775b201184d7b74@crowd.invalid', '!', 'Crowd 6', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b20282d2cc44', '01a22752d4a974c9b775b20282d2cc44@crowd.invalid', '!', 'Crowd 7', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b203e294c021', '01a22752d4a974c9b775b203e294c021@crowd.invalid', '!', 'Crowd 8', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b2045df6a802', '01a22752d4a974c9b775b2045df6a802@crowd.invalid', '!', 'Crowd 9', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b205daa2dd10', '01a22752d4a974c9b775b205daa2dd10@crowd.invalid', '!', 'Crowd 10', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b2066cea7578', '01a22752d4a974c9b775b2066cea7578@crowd.invalid', '!', 'Crowd 11', 'shopper', '2026-11-29 12:41:09.545461+00'),
	('01a22752-d4a9-74c9-b775-b2074edf28a9', '01a22752d4a974c9b775b2074edf28a9@crowd.invalid', '!', 'Crowd 12', 'shopper', '2026-11-29 12:41:09.545461+00');


--
-- Data for Name: allocations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.allocations VALUES
	('01a22752-d642-763a-ac5e-5bcddb7b060c', 'DAWN-FEW', 2, 2, 2, '{"sku": "DAWN-FEW", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 2, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}'),
	('01a22752-d642-763a-ac5e-5bcddb7b060c', 'DAWN-MANY', 9, 6, 1, '{"sku": "DAWN-MANY", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 9, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}'),
	('01a22753-79e3-7603-895c-6ee410c7f3a7', 'DAWN-MANY', 500, NULL, 1, '{"sku": "DAWN-MANY", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 500, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}'),
	('01a22753-79e3-7603-895c-6ee410c7f3a7', 'DAWN-FEW', 2, NULL, 2, '{"sku": "DAWN-FEW", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 2, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}');


--
-- Data for Name: cart_lines; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: categories; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: environment_steps; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.environment_steps OVERRIDING SYSTEM VALUE VALUES
	(1, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'provision', 'started', '', '2026-11-29 12:41:10.893542+00'),
	(2, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'provision', 'done', 'https://event.example', '2026-11-29 12:41:10.958931+00'),
	(3, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'hand_over', 'started', '', '2026-11-29 12:41:11.035054+00'),
	(4, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'hand_over', 'done', '11 units of 2 items', '2026-11-29 12:41:11.234151+00'),
	(5, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'smoke', 'started', '', '2026-11-29 12:41:11.27748+00'),
	(6, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'smoke', 'done', 'no smoke test here', '2026-11-29 12:41:11.337803+00'),
	(7, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'open', 'started', '', '2026-11-29 12:41:37.798319+00'),
	(8, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'open', 'done', 'the waiting room is open', '2026-11-29 12:41:37.812813+00'),
	(9, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'drain', 'started', '', '2026-11-29 12:41:39.79407+00'),
	(10, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'drain', 'done', 'everything is settled, 3 entries in the register', '2026-11-29 12:41:40.510394+00'),
	(11, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'hand_back', 'started', '', '2026-11-29 12:41:41.109877+00'),
	(12, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'hand_back', 'done', 'receipt handed-back: 3 orders, 3 units sold, 8 returned', '2026-11-29 12:41:46.879386+00'),
	(13, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'destroy', 'started', '', '2026-11-29 12:41:47.633579+00'),
	(14, '01a22752-d642-763a-ac5e-5bcddb7b060c', 'destroy', 'done', 'nothing is left', '2026-11-29 12:41:47.845828+00'),
	(15, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'provision', 'started', '', '2026-11-29 12:41:52.213389+00'),
	(16, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'provision', 'done', 'https://event.example', '2026-11-29 12:41:52.552863+00'),
	(17, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'hand_over', 'started', '', '2026-11-29 12:41:52.808256+00'),
	(18, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'hand_over', 'done', '502 units of 2 items', '2026-11-29 12:41:53.813378+00'),
	(19, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'smoke', 'started', '', '2026-11-29 12:41:53.97751+00'),
	(20, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'smoke', 'done', 'no smoke test here', '2026-11-29 12:41:54.141508+00'),
	(21, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'open', 'started', '', '2026-11-29 12:42:32.073955+00'),
	(22, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'open', 'done', 'the waiting room is open', '2026-11-29 12:42:32.106049+00'),
	(23, '01a22753-79e3-7603-895c-6ee410c7f3a7', 'window', 'done', 'Done(detail=''40 rows at 0/25B4F88'', outputs={})', '2026-11-29 12:42:52.832676+00');


--
-- Data for Name: environments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.environments VALUES
	('01a22752-d642-763a-ac5e-5bcddb7b060c', 'first-drop', 'destroyed', '{"name": {"en": "Second Drop", "ko": "두 번째"}, "slug": "first-drop", "zone": "Asia/Seoul", "regions": ["ap-northeast-2"], "rejoins": 3, "forecast": {"people": null, "buying_share": 0.5, "waiting_share": 0.8, "arrival_minutes": 10.0}, "opens_at": "2026-11-29T12:41:13.954490Z", "products": [{"sku": "DAWN-MANY", "stock": 9, "limit_per_person": 2}, {"sku": "DAWN-FEW", "stock": 2, "limit_per_person": 2}], "schedule": {"build_at": "2026-11-29T12:41:09.954490Z", "destroy_at": "2036-11-26T12:41:09.954490Z", "room_opens_at": "2026-11-29T12:41:11.954490Z"}, "closes_at": "2026-11-29T12:41:39.658318Z", "rate_limits": {"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}, "hold_seconds": 3600, "admission_seconds": 7200}', '{"build_at": "2026-11-29T12:41:09.954540+00:00", "opens_at": "2026-11-29T12:41:13.954490+00:00", "closes_at": "2026-11-29T12:41:39.658318+00:00", "destroy_at": "2026-11-29T12:41:39.658318+00:00", "room_opens_at": "2026-11-29T12:41:11.954490+00:00"}', '{"receipt": "\u0065yJ0eXAiOiJtYXJrZXRkYXktcmVjZWlwdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6Ik1GRWxpb3ZWaWpyaWpSVWxwMlJJNUVLSVpCdlY0NjRfbVF1RURkOGZuV2MifQ.\u0065yJpc3MiOiJodHRwczovL21hbGwuZXhhbXBsZSIsInN1YiI6IjAxYTIyNzUyLWQ2NDItNzYzYS1hYzVlLTViY2RkYjdiMDYwYyIsImlhdCI6MTc5NTk1NjEwNiwia2luZCI6ImhhbmRlZC1iYWNrIiwiZHJvcCI6ImZpcnN0LWRyb3AiLCJzdGFnaW5nIjoiZHJvcF9maXJzdF9kcm9wX2RiN2IwNjBjIiwicG9pbnQiOnsibHNuIjoiMC8yNEU4REMwIiwiYXQiOiIyMDI2LTExLTI5VDEyOjQxOjQxLjI0OTE5NSswMDowMCJ9LCJ0YWJsZXMiOnsiZHJvcHMiOnsicm93cyI6MSwic2hhMjU2IjoiN2FhODlkNDlkZmM4NTUxYzNmOGE5NjJiM2M2ODcyMGU1YmFjODg1YmMwMzZjM2I0MzJjZGNkN2Y4N2NlMjY2NCJ9LCJpdGVtcyI6\u0065yJyb3dzIjoyLCJzaGEyNTYiOiIyYmI1Y2JkMjRhNDVmNjM0NmY2YTU1OTQwODE0YTBkOWI5YTNjNmI3MTM2ZGI5NjgwZDkzODJkMzhlN2VlYTEyIn0sInN0b2NrIjp7InJvd3MiOjIsInNoYTI1NiI6IjkwOTdmNDUxOWJlODQwNGI2MWNjMzUwNzc4ZjA3OGZkM2MyNmJhZWU3MmZkNTFhZDM2NGY5MzlmNTU3YTY4MTcifSwiYWxsb3dhbmNlcyI6\u0065yJyb3dzIjozLCJzaGEyNTYiOiIxNDNjMmViYWYyZjQ1MjNhNTI1OTJhMzlhYjg1MTY0M2I5ZjU3YzczNzdkZWE4Y2ViNzgxY2RmOTJjMTAwMTcwIn0sInJlc2VydmF0aW9ucyI6\u0065yJyb3dzIjozLCJzaGEyNTYiOiIzY2JlOGI2MGIyODc0Y2E4NDM3N2NiNDlmMGU5ZmZlYTI3MDc3YzFlZmQ1MjFmY2RhYjk3YWJiNWUyOGY5NDBlIn0sIm9yZGVycyI6\u0065yJyb3dzIjozLCJzaGEyNTYiOiJlMzlmMTVlNWQ4NDUzYTQ5NjIyM2IxZjFkYzQ3OTI0Yjg3ODRlNWY1YjcwOTdkMDc4Njg5YjFjMTcwYzJkMGVhIn0sIm9yZGVyX2xpbmVzIjp7InJvd3MiOjMsInNoYTI1NiI6IjhmMzNmZTFjYzMwMGU2NDc2MTBhYmFkMWFhY2QyN2RmZjg5NGI5ZTZhMDQ1NTkxMGZhYzE0MjZhOGFkNWJkYzMifSwicGF5bWVudHMiOnsicm93cyI6Mywic2hhMjU2IjoiNmU4M2RhOGQzZGJlOWRhYjcwYThhYWQwNWUyMmRhY2RmNTYxYjA1YzAzZTYwNGU3M2M0MWE2MWQ3ZmU4NmVlZCJ9LCJkcmF3cyI6\u0065yJyb3dzIjoxLCJzaGEyNTYiOiIxNTRkM2RkYWU2ZDQxNzEyNDhmNDJjMzUyNjA4YWEzZWJkOTM4ZmEwOGM1YjUwMjdkNWNkMzMzNmU1NDk2Yjg4In0sImVudHJpZXMiOnsicm93cyI6Mywic2hhMjU2IjoiNTUxYWYzM2UzMzE5M2E2MWY5ZTVlYzcwMGUwOTUzMGQxY2Y5M2U3Y2Y0M2Q2MjY5NzBiMTg0MTgyYTE4OGVhZSJ9fSwic3VtcyI6W3sidGFibGUiOiJvcmRlcnMiLCJzdGF0ZSI6InBhaWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9LHsidGFibGUiOiJwYXltZW50cyIsInN0YXRlIjoiY2FwdHVyZWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9XSwiZXZpZGVuY2UiOnsicGF5bWVudHMiOjMsImVudHJpZXMiOjN9LCJlcXVhdGlvbnMiOlsiYnV5ZXJzX3dlcmVfYWRtaXR0ZWQiLCJlbnRyaWVzX2hhdmVfb25lX3BsYWNlX2VhY2giLCJpdGVtc19hcmVfdGhvc2VfbGVudCIsImxpbmVzX2FyZV90aGVfaXRlbXMiLCJtb21lbnRzX2ZvbGxvd19lYWNoX290aGVyIiwibm9ib2R5X2lzX292ZXJfdGhlX2xpbWl0Iiwib3JkZXJzX2FyZV9wYWlkX2V4YWN0bHkiLCJwYXltZW50c19hcmVfc2V0dGxlZCIsInBheW1lbnRzX2FyZV90aGVfZ2F0ZXdheXMiLCJwYXltZW50c19hcmVfdGhlX29yZGVyc19vd24iLCJyZXNlcnZhdGlvbnNfYXJlX3NldHRsZWQiLCJyb3dzX2FyZV93aG9sZSIsInN0b2NrX2lzX3NvbGRfYW5kX2xlZnQiLCJ0aGVfZHJhd19pc190aGVfcHJvbWlzZWRfb25lIiwidGhlX2Ryb3BfaXNfdGhlX3Byb21pc2VkX29uZSIsInRoZV9yZWdpc3Rlcl9pc190aGVfcm9vbXMiLCJ0aGVyZV9hcmVfbm9fb3JwaGFucyIsInZhbHVlc19hcmVfcG9zc2libGUiXSwicHJvbW90aW9uIjp7Im9yZGVycyI6MywidW5pdHNfbGVudCI6MTEsInVuaXRzX3NvbGQiOjMsInVuaXRzX3JldHVybmVkIjo4fSwiY29tbWl0bWVudCI6IjgzNTYwNTU1NjRkMTJiODQyNjBkNTViMzkyZmZlNDI5MjZkM2E5ZTQ5OTEwY2Q2NmFmNDM3NTIyMTdiMDRkOGQiLCJyZWxlYXNlZF9lYXJseSI6\u0065yJhdCI6IjIwMjYtMTEtMjlUMTI6NDE6MzkuNzQxNDY0KzAwOjAwIiwiYnkiOiJ0aGUgdGVzdCBvZiBhbiB1cGdyYWRlIiwicmVzZXJ2YXRpb25zIjowLCJ1bml0cyI6MH19.of-bXbrZE4At34PZksTX0ZTanPBYMcvMrB3F_EeKdD9nc5HwpTYTPJsmCZy08SSIHolJFR4SgiMnrSBOq796XTNe6kRLa68KrjShJv0CAYEBqPaLTTrfdwytRNr4xNEaDFcy68DkJSt6Pa6xDLRBcWIlO6NiXkfDqC2sRHdnE9DppW-yaM3wHSCS2dyYi4ipr8sZdb44A3-YCRxCruCFFhZXSAqMr1Hfd1h4qDsAEBZaggD8E-gdpl3kZL91Na23jgy2jlcqjaVBz9jNxWwUlUA5M9zYHplw5Sr1PWcdc0QyuuKoV19ehpOreG93PZcwRd_uxAkdJmUNkvyvw5tyeQ", "commitment": "8356055564d12b84260d55b392ffe42926d3a9e49910cd66af43752217b04d8d", "public_url": "https://event.example", "payment_holder": "event-01a22752-d642-763a-ac5e-5bcddb7b060c", "released_early": "{\"at\": \"2026-11-29T12:41:39.741464+00:00\", \"by\": \"the test of an upgrade\", \"reservations\": 0, \"units\": 0}"}', NULL, NULL, 0, 19, '2026-11-29 12:41:10.837292+00', '2026-11-29 12:41:47.846005+00', NULL, 0, '[]'),
	('01a22753-79e3-7603-895c-6ee410c7f3a7', 'second-drop', 'open', '{"name": {"en": "Second Drop", "ko": "두 번째"}, "slug": "second-drop", "zone": "Asia/Seoul", "regions": ["ap-northeast-2"], "rejoins": 3, "forecast": {"people": null, "buying_share": 0.5, "waiting_share": 0.8, "arrival_minutes": 10.0}, "opens_at": "2026-11-29T12:41:55.843820Z", "products": [{"sku": "DAWN-MANY", "stock": 500, "limit_per_person": 2}, {"sku": "DAWN-FEW", "stock": 2, "limit_per_person": 2}], "schedule": {"build_at": "2026-11-29T12:41:51.843820Z", "destroy_at": "2036-11-26T12:41:51.843820Z", "room_opens_at": "2026-11-29T12:41:53.843820Z"}, "closes_at": "2036-11-26T12:41:51.843820Z", "rate_limits": {"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}, "hold_seconds": 3600, "admission_seconds": 7200}', '{"build_at": "2026-11-29T12:41:51.843863+00:00", "opens_at": "2026-11-29T12:41:55.843820+00:00", "closes_at": "2036-11-26T12:41:51.843820+00:00", "destroy_at": "2036-11-26T12:41:51.843820+00:00", "room_opens_at": "2026-11-29T12:41:53.843820+00:00"}', '{"commitment": "b5069554213d6d592d8a43f086a86f5a502e6a69d3a82488db96a1cf759411de", "public_url": "https://event.example", "payment_holder": "event-01a22753-79e3-7603-895c-6ee410c7f3a7"}', NULL, NULL, 0, 10, '2026-11-29 12:41:52.000841+00', '2026-11-29 12:42:52.832973+00', NULL, 1, '[]');


--
-- Data for Name: hand_back_windows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.hand_back_windows VALUES
	('01a22752-d642-763a-ac5e-5bcddb7b060c', NULL, 'closed', 1, '{"rows": {"draws": 1, "drops": 1, "items": 2, "stock": 2, "orders": 3, "entries": 3, "payments": 3, "allowances": 3, "order_lines": 3, "reservations": 3}, "point": {"at": "2026-11-29T12:41:41.249195+00:00", "lsn": "0/24E8DC0"}, "behind": {}}', '2026-11-29 12:41:46.860877+00'),
	('01a22753-79e3-7603-895c-6ee410c7f3a7', '2026-11-29 13:41:55.84382+00', 'closed', 1, '{"rows": {"draws": 1, "drops": 1, "items": 2, "stock": 2, "orders": 2, "entries": 12, "payments": 3, "allowances": 7, "order_lines": 2, "reservations": 8}, "point": {"at": "2026-11-29T12:42:48.088611+00:00", "lsn": "0/25B4F88"}, "behind": {}}', '2026-11-29 12:42:51.526845+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES
	('01a22752-d4a9-74c9-b775-b1fc8af69cf3', '01a22754487872b2a262085395f2ee03', '\x1a0fcc0ba6a981e920a10a5f9021c1446d6220839f93024a9fa6be000a848169', '01a22754-48f1-71c0-8493-01289fb1a714', 201, '{"body": "{\"id\": \"01a22754-48f1-71c0-8493-01289fb1a714\", \"origin\": \"mall\", \"state\": \"paid\", \"payment_state\": \"captured\", \"currency\": \"KRW\", \"total_minor\": 32000, \"created_at\": \"2026-11-29T12:42:44.876350Z\", \"lines\": [{\"sku\": \"DAWN-MANY\", \"title_ko\": \"\\uc0c8\\ubcbd \\uc138\\ub7fc\", \"title_en\": \"Dawn Serum\", \"quantity\": 1, \"unit_price_minor\": 32000, \"total_minor\": 32000}]}", "refused": false}', '2026-11-29 12:42:44.849859+00');


--
-- Data for Name: images; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.migrations VALUES
	('0001_shop.sql', '2026-11-29 12:41:07.949675+00', '5e13918bcdf4c6f94ff3b39f6ee6dc859b419b814edc053e7f3c5ff2d03bcd40'),
	('0002_environments.sql', '2026-11-29 12:41:07.993785+00', 'f983f1bcd5af7594f1a3d275d1c643aa80ddb1b0691b11cb7f9b0b224b37874b'),
	('0003_catalogue_import.sql', '2026-11-29 12:41:08.009366+00', '6280c76b20ceead7e42345cffdf4ffbe734440295f5b8bf3aff9b6e55f9ca3e3'),
	('0004_one_checkout.sql', '2026-11-29 12:41:08.025619+00', '3be13fe9f95fdc995886d69fa7ef228bced99897dbd4bf17b406485e37cd3be5'),
	('0005_told.sql', '2026-11-29 12:41:08.029175+00', 'f79b0c421f8f8b90730f5ed46fb87aa8e205539ddda4289baf1f018566ce5d47'),
	('0006_windows.sql', '2026-11-29 12:41:08.030104+00', '5e1fd7b2c97e0f2a7f3c9f3ed6f38bcc09c34aa55b716534167f9e017dd141b4'),
	('0007_shop.sql', '2026-11-29 12:41:08.037187+00', 'f0880dcf71f7bdf5aba03ea2faafcd8fdc03fbc6193f667b1a2cb5483a5c7d13'),
	('0008_walls.sql', '2026-11-29 12:41:08.057754+00', '0ec95fbad47963895f96cc7f89fd018f996b432a011ad269860877fed76140ba'),
	('0009_lent_items.sql', '2026-11-29 12:41:08.060851+00', '604dfb935acceec7b786f5ccbb9c7c1956f66cbb86189e91ad6f221243e37b61'),
	('0010_sold_in_drops.sql', '2026-11-29 12:41:08.067376+00', 'b13bd14b5fbcdc8ebd65c5a4bfbd5680db837de0fae8dcd5ea8139ec9e281030'),
	('0011_catalogue_changes.sql', '2026-11-29 12:41:08.083123+00', '0e2e193f1556b2064697d887a0e7fb1692bae0692736236515e2b04f8e571b18');


--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_lines VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22753-4a31-7674-aa68-6db18fda342d', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a22754-48f1-71c0-8493-01289fb1a714', 1, 'DAWN-MANY', '새벽 세럼', 'Dawn Serum', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 'first-drop', '01a22752-d642-763a-ac5e-5bcddb7b060c', 'paid', 'KRW', 32000, '2026-11-29 12:41:38.618267+00'),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', 'first-drop', '01a22752-d642-763a-ac5e-5bcddb7b060c', 'paid', 'KRW', 32000, '2026-11-29 12:41:39.266275+00'),
	('01a22753-4a31-7674-aa68-6db18fda342d', '01a22752-d4a9-74c9-b775-b1fe58777875', 'first-drop', '01a22752-d642-763a-ac5e-5bcddb7b060c', 'paid', 'KRW', 32000, '2026-11-29 12:41:39.64503+00'),
	('01a22754-48f1-71c0-8493-01289fb1a714', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', 'mall', NULL, 'paid', 'KRW', 32000, '2026-11-29 12:42:44.87635+00');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.payments VALUES
	('01a22753-4613-757b-a2fb-4cc889be9d57', '01a22753-4613-757b-a2fb-4cc889be9d57', 'captured', 32000, 'KRW', '2026-11-29 12:41:38.579752+00', '2026-11-29 12:41:38.6835+00'),
	('01a22753-48a7-71ba-a04e-6f02e52161c6', '01a22753-48a7-71ba-a04e-6f02e52161c6', 'captured', 32000, 'KRW', '2026-11-29 12:41:39.247275+00', '2026-11-29 12:41:39.285033+00'),
	('01a22753-4a31-7674-aa68-6db18fda342d', '01a22753-4a31-7674-aa68-6db18fda342d', 'captured', 32000, 'KRW', '2026-11-29 12:41:39.635781+00', '2026-11-29 12:41:39.648979+00'),
	('01a22754-490c-7540-b3f3-5850581685f0', '01a22754-48f1-71c0-8493-01289fb1a714', 'captured', 32000, 'KRW', '2026-11-29 12:42:44.87635+00', '2026-11-29 12:42:45.665119+00');


--
-- Data for Name: products; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.products VALUES
	('01a22752-d46b-7486-87b6-205d821da377', 'dawn-many', '새벽 세럼', 'Dawn Serum', '', '', NULL, '{}', 'active', '2026-11-29 12:41:09.509936+00', '2026-11-29 12:41:09.509936+00', ''),
	('01a22752-d49e-70ca-b8a9-d8d5b54e097c', 'dawn-few', '새벽 세럼', 'Dawn Serum', '', '', NULL, '{}', 'active', '2026-11-29 12:41:09.534696+00', '2026-11-29 12:41:09.534696+00', '');


--
-- Data for Name: receipts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.receipts VALUES
	('01a22752-d642-763a-ac5e-5bcddb7b060c', '2026-11-29 12:41:46+00', E'\x65yJ0eXAiOiJtYXJrZXRkYXktcmVjZWlwdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6Ik1GRWxpb3ZWaWpyaWpSVWxwMlJJNUVLSVpCdlY0NjRfbVF1RURkOGZuV2MifQ.\x65yJpc3MiOiJodHRwczovL21hbGwuZXhhbXBsZSIsInN1YiI6IjAxYTIyNzUyLWQ2NDItNzYzYS1hYzVlLTViY2RkYjdiMDYwYyIsImlhdCI6MTc5NTk1NjEwNiwia2luZCI6ImhhbmRlZC1iYWNrIiwiZHJvcCI6ImZpcnN0LWRyb3AiLCJzdGFnaW5nIjoiZHJvcF9maXJzdF9kcm9wX2RiN2IwNjBjIiwicG9pbnQiOnsibHNuIjoiMC8yNEU4REMwIiwiYXQiOiIyMDI2LTExLTI5VDEyOjQxOjQxLjI0OTE5NSswMDowMCJ9LCJ0YWJsZXMiOnsiZHJvcHMiOnsicm93cyI6MSwic2hhMjU2IjoiN2FhODlkNDlkZmM4NTUxYzNmOGE5NjJiM2M2ODcyMGU1YmFjODg1YmMwMzZjM2I0MzJjZGNkN2Y4N2NlMjY2NCJ9LCJpdGVtcyI6\x65yJyb3dzIjoyLCJzaGEyNTYiOiIyYmI1Y2JkMjRhNDVmNjM0NmY2YTU1OTQwODE0YTBkOWI5YTNjNmI3MTM2ZGI5NjgwZDkzODJkMzhlN2VlYTEyIn0sInN0b2NrIjp7InJvd3MiOjIsInNoYTI1NiI6IjkwOTdmNDUxOWJlODQwNGI2MWNjMzUwNzc4ZjA3OGZkM2MyNmJhZWU3MmZkNTFhZDM2NGY5MzlmNTU3YTY4MTcifSwiYWxsb3dhbmNlcyI6\x65yJyb3dzIjozLCJzaGEyNTYiOiIxNDNjMmViYWYyZjQ1MjNhNTI1OTJhMzlhYjg1MTY0M2I5ZjU3YzczNzdkZWE4Y2ViNzgxY2RmOTJjMTAwMTcwIn0sInJlc2VydmF0aW9ucyI6\x65yJyb3dzIjozLCJzaGEyNTYiOiIzY2JlOGI2MGIyODc0Y2E4NDM3N2NiNDlmMGU5ZmZlYTI3MDc3YzFlZmQ1MjFmY2RhYjk3YWJiNWUyOGY5NDBlIn0sIm9yZGVycyI6\x65yJyb3dzIjozLCJzaGEyNTYiOiJlMzlmMTVlNWQ4NDUzYTQ5NjIyM2IxZjFkYzQ3OTI0Yjg3ODRlNWY1YjcwOTdkMDc4Njg5YjFjMTcwYzJkMGVhIn0sIm9yZGVyX2xpbmVzIjp7InJvd3MiOjMsInNoYTI1NiI6IjhmMzNmZTFjYzMwMGU2NDc2MTBhYmFkMWFhY2QyN2RmZjg5NGI5ZTZhMDQ1NTkxMGZhYzE0MjZhOGFkNWJkYzMifSwicGF5bWVudHMiOnsicm93cyI6Mywic2hhMjU2IjoiNmU4M2RhOGQzZGJlOWRhYjcwYThhYWQwNWUyMmRhY2RmNTYxYjA1YzAzZTYwNGU3M2M0MWE2MWQ3ZmU4NmVlZCJ9LCJkcmF3cyI6\x65yJyb3dzIjoxLCJzaGEyNTYiOiIxNTRkM2RkYWU2ZDQxNzEyNDhmNDJjMzUyNjA4YWEzZWJkOTM4ZmEwOGM1YjUwMjdkNWNkMzMzNmU1NDk2Yjg4In0sImVudHJpZXMiOnsicm93cyI6Mywic2hhMjU2IjoiNTUxYWYzM2UzMzE5M2E2MWY5ZTVlYzcwMGUwOTUzMGQxY2Y5M2U3Y2Y0M2Q2MjY5NzBiMTg0MTgyYTE4OGVhZSJ9fSwic3VtcyI6W3sidGFibGUiOiJvcmRlcnMiLCJzdGF0ZSI6InBhaWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9LHsidGFibGUiOiJwYXltZW50cyIsInN0YXRlIjoiY2FwdHVyZWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9XSwiZXZpZGVuY2UiOnsicGF5bWVudHMiOjMsImVudHJpZXMiOjN9LCJlcXVhdGlvbnMiOlsiYnV5ZXJzX3dlcmVfYWRtaXR0ZWQiLCJlbnRyaWVzX2hhdmVfb25lX3BsYWNlX2VhY2giLCJpdGVtc19hcmVfdGhvc2VfbGVudCIsImxpbmVzX2FyZV90aGVfaXRlbXMiLCJtb21lbnRzX2ZvbGxvd19lYWNoX290aGVyIiwibm9ib2R5X2lzX292ZXJfdGhlX2xpbWl0Iiwib3JkZXJzX2FyZV9wYWlkX2V4YWN0bHkiLCJwYXltZW50c19hcmVfc2V0dGxlZCIsInBheW1lbnRzX2FyZV90aGVfZ2F0ZXdheXMiLCJwYXltZW50c19hcmVfdGhlX29yZGVyc19vd24iLCJyZXNlcnZhdGlvbnNfYXJlX3NldHRsZWQiLCJyb3dzX2FyZV93aG9sZSIsInN0b2NrX2lzX3NvbGRfYW5kX2xlZnQiLCJ0aGVfZHJhd19pc190aGVfcHJvbWlzZWRfb25lIiwidGhlX2Ryb3BfaXNfdGhlX3Byb21pc2VkX29uZSIsInRoZV9yZWdpc3Rlcl9pc190aGVfcm9vbXMiLCJ0aGVyZV9hcmVfbm9fb3JwaGFucyIsInZhbHVlc19hcmVfcG9zc2libGUiXSwicHJvbW90aW9uIjp7Im9yZGVycyI6MywidW5pdHNfbGVudCI6MTEsInVuaXRzX3NvbGQiOjMsInVuaXRzX3JldHVybmVkIjo4fSwiY29tbWl0bWVudCI6IjgzNTYwNTU1NjRkMTJiODQyNjBkNTViMzkyZmZlNDI5MjZkM2E5ZTQ5OTEwY2Q2NmFmNDM3NTIyMTdiMDRkOGQiLCJyZWxlYXNlZF9lYXJseSI6\x65yJhdCI6IjIwMjYtMTEtMjlUMTI6NDE6MzkuNzQxNDY0KzAwOjAwIiwiYnkiOiJ0aGUgdGVzdCBvZiBhbiB1cGdyYWRlIiwicmVzZXJ2YXRpb25zIjowLCJ1bml0cyI6MH19.of-bXbrZE4At34PZksTX0ZTanPBYMcvMrB3F_EeKdD9nc5HwpTYTPJsmCZy08SSIHolJFR4SgiMnrSBOq796XTNe6kRLa68KrjShJv0CAYEBqPaLTTrfdwytRNr4xNEaDFcy68DkJSt6Pa6xDLRBcWIlO6NiXkfDqC2sRHdnE9DppW-yaM3wHSCS2dyYi4ipr8sZdb44A3-YCRxCruCFFhZXSAqMr1Hfd1h4qDsAEBZaggD8E-gdpl3kZL91Na23jgy2jlcqjaVBz9jNxWwUlUA5M9zYHplw5Sr1PWcdc0QyuuKoV19ehpOreG93PZcwRd_uxAkdJmUNkvyvw5tyeQ', '{"iat": 1795956106, "iss": "https://mall.example", "sub": "01a22752-d642-763a-ac5e-5bcddb7b060c", "drop": "first-drop", "kind": "handed-back", "sums": [{"rows": 3, "state": "paid", "table": "orders", "currency": "KRW", "amount_minor": 96000}, {"rows": 3, "state": "captured", "table": "payments", "currency": "KRW", "amount_minor": 96000}], "point": {"at": "2026-11-29T12:41:41.249195+00:00", "lsn": "0/24E8DC0"}, "tables": {"draws": {"rows": 1, "sha256": "154d3ddae6d4171248f42c352608aa3ebd938fa08c5b5027d5cd3336e5496b88"}, "drops": {"rows": 1, "sha256": "7aa89d49dfc8551c3f8a962b3c68720e5bac885bc036c3b432cdcd7f87ce2664"}, "items": {"rows": 2, "sha256": "2bb5cbd24a45f6346f6a55940814a0d9b9a3c6b7136db9680d9382d38e7eea12"}, "stock": {"rows": 2, "sha256": "9097f4519be8404b61cc350778f078fd3c26baee72fd51ad364f939f557a6817"}, "orders": {"rows": 3, "sha256": "e39f15e5d8453a496223b1f1dc47924b8784e5f5b7097d078689b1c170c2d0ea"}, "entries": {"rows": 3, "sha256": "551af33e33193a61f9e5ec700e09530d1cf93e7cf43d626970b184182a188eae"}, "payments": {"rows": 3, "sha256": "6e83da8d3dbe9dab70a8aad05e22dacdf561b05c03e604e73c41a61d7fe86eed"}, "allowances": {"rows": 3, "sha256": "143c2ebaf2f4523a52592a39ab851643b9f57c7377dea8ceb781cdf92c100170"}, "order_lines": {"rows": 3, "sha256": "8f33fe1cc300e647610abad1aacd27dff894b9e6a0455910fac1426a8ad5bdc3"}, "reservations": {"rows": 3, "sha256": "3cbe8b60b2874ca84377cb49f0e9ffea27077c1efd521fcdab97abb5e28f940e"}}, "staging": "drop_first_drop_db7b060c", "evidence": {"entries": 3, "payments": 3}, "equations": ["buyers_were_admitted", "entries_have_one_place_each", "items_are_those_lent", "lines_are_the_items", "moments_follow_each_other", "nobody_is_over_the_limit", "orders_are_paid_exactly", "payments_are_settled", "payments_are_the_gateways", "payments_are_the_orders_own", "reservations_are_settled", "rows_are_whole", "stock_is_sold_and_left", "the_draw_is_the_promised_one", "the_drop_is_the_promised_one", "the_register_is_the_rooms", "there_are_no_orphans", "values_are_possible"], "promotion": {"orders": 3, "units_lent": 11, "units_sold": 3, "units_returned": 8}, "commitment": "8356055564d12b84260d55b392ffe42926d3a9e49910cd66af43752217b04d8d", "released_early": {"at": "2026-11-29T12:41:39.741464+00:00", "by": "the test of an upgrade", "units": 0, "reservations": 0}}');


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES
	('\x345c4e19cf2954f1c3be710a2a1e9524c8df76400805474ca716b3ff964f7250', '01a22752-d4a9-74c9-b775-b1fc8af69cf3', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\xf2d17ebbfc8fcd7801ec0aa9876a07875ad1de4313790238bf4a8a1993696843', '01a22752-d4a9-74c9-b775-b1fd9c1e1309', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x2dadecadfc626824156b8686b03b836ff427e099be3d5f55546d893e4e9c329f', '01a22752-d4a9-74c9-b775-b1fe58777875', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x2ce362f21d817a8871ce470373d0c4c6626741bd9879d9c9eadbc5637e288e68', '01a22752-d4a9-74c9-b775-b1fff0a8f4ff', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\xbf5471658b05843e59e1c0174d6f6c4139ec6b0aec75ca1fea127462589a14b8', '01a22752-d4a9-74c9-b775-b200b960f157', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\xece406e50b6b7d1d6d8c8386dd988a764d70d4033a2d325e55068a296688fde5', '01a22752-d4a9-74c9-b775-b201184d7b74', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x72bab413627ba7e6c3655afe7ca1b0e950536f485579357e81acee2eb029718a', '01a22752-d4a9-74c9-b775-b20282d2cc44', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x54b99ca7ca8203bcb66f4bcb3d5f044f53251b41599a0cb7493cc73bba73638a', '01a22752-d4a9-74c9-b775-b203e294c021', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\xa88ea35308f729c8904e0a07b97ae90e963ad75f7b20d47957b5e9b4b5683a77', '01a22752-d4a9-74c9-b775-b2045df6a802', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x8fb3c513986572a47f44280ae678ebb86ab18760bea1dc0172343bf5d984fd45', '01a22752-d4a9-74c9-b775-b205daa2dd10', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x4fc7eecd67760e0b56ed0a175730d4f4aced0b94f02e9e40e2873de74b4869dc', '01a22752-d4a9-74c9-b775-b2066cea7578', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00'),
	('\x2debce502b4e38f85ff935f3fa651d82b31cd7c252d1b1bf61d14e420c66a3c8', '01a22752-d4a9-74c9-b775-b2074edf28a9', '2026-11-29 12:41:09.545461+00', '2026-12-13 12:41:09.545461+00');


--
-- Data for Name: variants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.variants VALUES
	('DAWN-FEW', '01a22752-d49e-70ca-b8a9-d8d5b54e097c', 1, '[["Size", "30 ml"]]', 32000, NULL, 'KRW', 998, 0, '', 'picture.svg', NULL, false, false),
	('DAWN-MANY', '01a22752-d46b-7486-87b6-205d821da377', 1, '[["Size", "30 ml"]]', 32000, NULL, 'KRW', 496, 0, '', 'picture.svg', NULL, false, false);


--
-- Name: environment_steps_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.environment_steps_id_seq', 23, true);


--
-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (drop_slug, sku, person_id);


--
-- Name: draws draws_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (drop_slug);


--
-- Name: drops drops_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.drops
    ADD CONSTRAINT drops_pkey PRIMARY KEY (slug);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (drop_slug, index, person_id);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: known_accounts known_accounts_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.known_accounts
    ADD CONSTRAINT known_accounts_pkey PRIMARY KEY (id);


--
-- Name: known_draw known_draw_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.known_draw
    ADD CONSTRAINT known_draw_pkey PRIMARY KEY (drop_slug);


--
-- Name: known_drop known_drop_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.known_drop
    ADD CONSTRAINT known_drop_pkey PRIMARY KEY (slug);


--
-- Name: known_entries known_entries_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.known_entries
    ADD CONSTRAINT known_entries_pkey PRIMARY KEY (index, person_id);


--
-- Name: known_items known_items_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.known_items
    ADD CONSTRAINT known_items_pkey PRIMARY KEY (sku);


--
-- Name: known_payments known_payments_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.known_payments
    ADD CONSTRAINT known_payments_pkey PRIMARY KEY (id);


--
-- Name: order_lines order_lines_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_number);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: reservations reservations_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);


--
-- Name: stock stock_pkey; Type: CONSTRAINT; Schema: drop_first_drop_db7b060c; Owner: -
--

ALTER TABLE ONLY drop_first_drop_db7b060c.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (drop_slug, sku, person_id);


--
-- Name: draws draws_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (drop_slug);


--
-- Name: drops drops_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.drops
    ADD CONSTRAINT drops_pkey PRIMARY KEY (slug);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (drop_slug, index, person_id);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: known_accounts known_accounts_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.known_accounts
    ADD CONSTRAINT known_accounts_pkey PRIMARY KEY (id);


--
-- Name: known_draw known_draw_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.known_draw
    ADD CONSTRAINT known_draw_pkey PRIMARY KEY (drop_slug);


--
-- Name: known_drop known_drop_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.known_drop
    ADD CONSTRAINT known_drop_pkey PRIMARY KEY (slug);


--
-- Name: known_entries known_entries_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.known_entries
    ADD CONSTRAINT known_entries_pkey PRIMARY KEY (index, person_id);


--
-- Name: known_items known_items_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.known_items
    ADD CONSTRAINT known_items_pkey PRIMARY KEY (sku);


--
-- Name: known_payments known_payments_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.known_payments
    ADD CONSTRAINT known_payments_pkey PRIMARY KEY (id);


--
-- Name: order_lines order_lines_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_number);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: reservations reservations_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);


--
-- Name: stock stock_pkey; Type: CONSTRAINT; Schema: drop_second_drop_10c7f3a7; Owner: -
--

ALTER TABLE ONLY drop_second_drop_10c7f3a7.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: accounts accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);


--
-- Name: allocations allocations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_pkey PRIMARY KEY (environment_id, sku);


--
-- Name: cart_lines cart_lines_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cart_lines
    ADD CONSTRAINT cart_lines_pkey PRIMARY KEY (account_id, sku);


--
-- Name: categories categories_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (slug);


--
-- Name: environment_steps environment_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.environment_steps
    ADD CONSTRAINT environment_steps_pkey PRIMARY KEY (id);


--
-- Name: environments environments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.environments
    ADD CONSTRAINT environments_pkey PRIMARY KEY (id);


--
-- Name: hand_back_windows hand_back_windows_environment_id_due_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_back_windows
    ADD CONSTRAINT hand_back_windows_environment_id_due_key UNIQUE NULLS NOT DISTINCT (environment_id, due);


--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner_id, key);


--
-- Name: images images_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_pkey PRIMARY KEY (product_id, "position");


--
-- Name: known_browsers known_browsers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_browsers
    ADD CONSTRAINT known_browsers_pkey PRIMARY KEY (token_sha256);


--
-- Name: migrations migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);


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
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: products products_handle_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_handle_key UNIQUE (handle);


--
-- Name: products products_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);


--
-- Name: receipts receipts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (environment_id);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_sha256);


--
-- Name: variants variants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_pkey PRIMARY KEY (sku);


--
-- Name: variants variants_product_id_position_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_product_id_position_key UNIQUE (product_id, "position") DEFERRABLE INITIALLY DEFERRED;


--
-- Name: accounts_email_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX accounts_email_key ON public.accounts USING btree (lower(email));


--
-- Name: allocations_lent_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX allocations_lent_idx ON public.allocations USING btree (sku) WHERE (returned IS NULL);


--
-- Name: environment_steps_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX environment_steps_idx ON public.environment_steps USING btree (environment_id, id);


--
-- Name: environments_living_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX environments_living_key ON public.environments USING btree (drop_slug) WHERE (state <> 'destroyed'::text);


--
-- Name: idempotency_keys_age_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX idempotency_keys_age_idx ON public.idempotency_keys USING btree (claimed_at);


--
-- Name: known_browsers_account_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX known_browsers_account_idx ON public.known_browsers USING btree (account_id);


--
-- Name: known_browsers_used_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX known_browsers_used_idx ON public.known_browsers USING btree (used_at);


--
-- Name: orders_account_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_account_idx ON public.orders USING btree (account_id, id DESC);


--
-- Name: orders_environment_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_environment_idx ON public.orders USING btree (environment_id) WHERE (environment_id IS NOT NULL);


--
-- Name: orders_one_checkout_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX orders_one_checkout_key ON public.orders USING btree (account_id) WHERE ((state = 'pending'::text) AND (origin = 'mall'::text));


--
-- Name: orders_origin_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_origin_idx ON public.orders USING btree (origin, id DESC);


--
-- Name: orders_pending_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX orders_pending_idx ON public.orders USING btree (created_at) WHERE (state = 'pending'::text);


--
-- Name: payments_open_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payments_open_idx ON public.payments USING btree (updated_at) WHERE (state = ANY (ARRAY['authorising'::text, 'unknown'::text, 'authorised'::text, 'voiding'::text]));


--
-- Name: payments_order_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payments_order_idx ON public.payments USING btree (order_id);


--
-- Name: products_category_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX products_category_idx ON public.products USING btree (category_slug, status);


--
-- Name: products_newest_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX products_newest_idx ON public.products USING btree (created_at DESC, id) WHERE (status = 'active'::text);


--
-- Name: sessions_account_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_account_idx ON public.sessions USING btree (account_id);


--
-- Name: sessions_expiry_idx; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_expiry_idx ON public.sessions USING btree (expires_at);


--
-- Name: categories categories_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER categories_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.categories FOR EACH STATEMENT EXECUTE FUNCTION public.notify_catalogue();


--
-- Name: images images_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER images_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.images FOR EACH STATEMENT EXECUTE FUNCTION public.notify_catalogue();


--
-- Name: products products_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER products_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.products FOR EACH STATEMENT EXECUTE FUNCTION public.notify_catalogue();


--
-- Name: variants variant_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER variant_changed AFTER UPDATE ON public.variants FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.notify_variant();


--
-- Name: variants variants_changed; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER variants_changed AFTER INSERT OR DELETE OR TRUNCATE ON public.variants FOR EACH STATEMENT EXECUTE FUNCTION public.notify_catalogue();


--
-- Name: allocations allocations_environment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_environment_id_fkey FOREIGN KEY (environment_id) REFERENCES public.environments(id);


--
-- Name: cart_lines cart_lines_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cart_lines
    ADD CONSTRAINT cart_lines_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;


--
-- Name: cart_lines cart_lines_sku_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cart_lines
    ADD CONSTRAINT cart_lines_sku_fkey FOREIGN KEY (sku) REFERENCES public.variants(sku) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: environment_steps environment_steps_environment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.environment_steps
    ADD CONSTRAINT environment_steps_environment_id_fkey FOREIGN KEY (environment_id) REFERENCES public.environments(id);


--
-- Name: hand_back_windows hand_back_windows_environment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.hand_back_windows
    ADD CONSTRAINT hand_back_windows_environment_id_fkey FOREIGN KEY (environment_id) REFERENCES public.environments(id);


--
-- Name: images images_product_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.images
    ADD CONSTRAINT images_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id) ON DELETE CASCADE;


--
-- Name: known_browsers known_browsers_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_browsers
    ADD CONSTRAINT known_browsers_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;


--
-- Name: order_lines order_lines_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.order_lines
    ADD CONSTRAINT order_lines_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id) ON DELETE CASCADE;


--
-- Name: orders orders_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: payments payments_order_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);


--
-- Name: products products_category_slug_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.products
    ADD CONSTRAINT products_category_slug_fkey FOREIGN KEY (category_slug) REFERENCES public.categories(slug);


--
-- Name: receipts receipts_environment_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_environment_id_fkey FOREIGN KEY (environment_id) REFERENCES public.environments(id);


--
-- Name: sessions sessions_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;


--
-- Name: variants variants_product_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.variants
    ADD CONSTRAINT variants_product_id_fkey FOREIGN KEY (product_id) REFERENCES public.products(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--

\unrestrict marketday

