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
-- Name: drop_first_drop_9f73c522; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA drop_first_drop_9f73c522;


--
-- Name: drop_second_drop_a5e729c6; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA drop_second_drop_a5e729c6;


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
-- Name: allowances; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.allowances (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    taken integer,
    limit_per_person integer
);


--
-- Name: draws; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.draws (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: drops; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.drops (
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
-- Name: entries; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.entries (
    drop_slug text NOT NULL,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: items; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.items (
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
-- Name: known_accounts; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.known_accounts (
    id uuid NOT NULL
);


--
-- Name: known_draw; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.known_draw (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: known_drop; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.known_drop (
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
-- Name: known_entries; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.known_entries (
    drop_slug text,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: known_items; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.known_items (
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
-- Name: known_payments; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.known_payments (
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
-- Name: order_lines; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.order_lines (
    order_id uuid NOT NULL,
    line_number integer NOT NULL,
    sku text,
    title_ko text,
    title_en text,
    quantity integer,
    unit_price_minor bigint
);


--
-- Name: orders; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.orders (
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
-- Name: payments; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.payments (
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
-- Name: reservations; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.reservations (
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
-- Name: stock; Type: TABLE; Schema: drop_first_drop_9f73c522; Owner: -
--

CREATE TABLE drop_first_drop_9f73c522.stock (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    total integer,
    reserved integer,
    sold integer
);


--
-- Name: allowances; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.allowances (
    drop_slug text NOT NULL,
    sku text NOT NULL,
    person_id uuid NOT NULL,
    taken integer,
    limit_per_person integer
);


--
-- Name: draws; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.draws (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: drops; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.drops (
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
-- Name: entries; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.entries (
    drop_slug text NOT NULL,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: items; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.items (
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
-- Name: known_accounts; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.known_accounts (
    id uuid NOT NULL
);


--
-- Name: known_draw; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.known_draw (
    drop_slug text NOT NULL,
    seed bytea,
    commitment bytea,
    cohort integer,
    published_at timestamp with time zone
);


--
-- Name: known_drop; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.known_drop (
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
-- Name: known_entries; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.known_entries (
    drop_slug text,
    person_id uuid NOT NULL,
    index integer NOT NULL,
    joined_at timestamp with time zone,
    admitted_at timestamp with time zone
);


--
-- Name: known_items; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.known_items (
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
-- Name: known_payments; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.known_payments (
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
-- Name: order_lines; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.order_lines (
    order_id uuid NOT NULL,
    line_number integer NOT NULL,
    sku text,
    title_ko text,
    title_en text,
    quantity integer,
    unit_price_minor bigint
);


--
-- Name: orders; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.orders (
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
-- Name: payments; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.payments (
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
-- Name: reservations; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.reservations (
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
-- Name: stock; Type: TABLE; Schema: drop_second_drop_a5e729c6; Owner: -
--

CREATE TABLE drop_second_drop_a5e729c6.stock (
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
-- Data for Name: allowances; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.allowances VALUES
	('first-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c271c737d06f', 1, 2),
	('first-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, 2),
	('first-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27316049bf1', 1, 2);


--
-- Data for Name: draws; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.draws VALUES
	('first-drop', '\x3fb85a0854a9d4092ffc9587201daea217085dd800cfc5d3aa3297f2e5b0e089', '\x4db751ff9d9494741ba2ca1681179424a3ce86795fa18538091bb3ee601654bc', 1, '2026-11-29 12:01:54.298+00');


--
-- Data for Name: drops; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.drops VALUES
	('first-drop', '두 번째', 'Second Drop', '2026-11-29 12:01:52.213884+00', '2026-11-29 12:01:54.213884+00', '2026-11-29 12:01:55.032364+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul');


--
-- Data for Name: entries; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.entries VALUES
	('first-drop', '01a2272e-d454-74ab-8801-c271c737d06f', 0, '2026-11-29 12:01:53.469+00', '2026-11-29 12:01:54.419+00'),
	('first-drop', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, '2026-11-29 12:01:54.465+00', '2026-11-29 12:01:54.678+00'),
	('first-drop', '01a2272e-d454-74ab-8801-c27316049bf1', 2, '2026-11-29 12:01:54.698+00', '2026-11-29 12:01:55.015+00');


--
-- Data for Name: items; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.items VALUES
	('first-drop', 'DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2),
	('first-drop', 'DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2);


--
-- Data for Name: known_accounts; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.known_accounts VALUES
	('01a2272e-d454-74ab-8801-c271c737d06f'),
	('01a2272e-d454-74ab-8801-c272b77ba77b'),
	('01a2272e-d454-74ab-8801-c27316049bf1');


--
-- Data for Name: known_draw; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.known_draw VALUES
	('first-drop', '\x3fb85a0854a9d4092ffc9587201daea217085dd800cfc5d3aa3297f2e5b0e089', '\x4db751ff9d9494741ba2ca1681179424a3ce86795fa18538091bb3ee601654bc', 1, '2026-11-29 12:01:54.298+00');


--
-- Data for Name: known_drop; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.known_drop VALUES
	('first-drop', '두 번째', 'Second Drop', '2026-11-29 12:01:52.213884+00', '2026-11-29 12:01:54.213884+00', '2026-11-29 12:01:55.032364+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul', '4db751ff9d9494741ba2ca1681179424a3ce86795fa18538091bb3ee601654bc', 'event-01a2272e-d485-7552-9d19-671f9f73c522');


--
-- Data for Name: known_entries; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.known_entries VALUES
	('first-drop', '01a2272e-d454-74ab-8801-c271c737d06f', 0, '2026-11-29 12:01:53.469+00', '2026-11-29 12:01:54.419+00'),
	('first-drop', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, '2026-11-29 12:01:54.465+00', '2026-11-29 12:01:54.678+00'),
	('first-drop', '01a2272e-d454-74ab-8801-c27316049bf1', 2, '2026-11-29 12:01:54.698+00', '2026-11-29 12:01:55.015+00');


--
-- Data for Name: known_items; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.known_items VALUES
	('DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '\xc3c53d425df7deb62a5d7c38f2d311e31c21493a2cd7b1ef472136160684b2d3', 32000, 'KRW', 2, 9),
	('DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '\xc3c53d425df7deb62a5d7c38f2d311e31c21493a2cd7b1ef472136160684b2d3', 32000, 'KRW', 2, 2);


--
-- Data for Name: known_payments; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.known_payments VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', 'event-01a2272e-d485-7552-9d19-671f9f73c522', 'captured', 32000, 'KRW', 'first-drop', '01a2272e-d454-74ab-8801-c271c737d06f', '01a2272e-e4fa-726a-a7c9-257e66daf7e0', 'DAWN-MANY x 1', '2026-11-29 12:01:54.451+00', '2026-11-29 12:01:54.457+00'),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 'event-01a2272e-d485-7552-9d19-671f9f73c522', 'captured', 32000, 'KRW', 'first-drop', '01a2272e-d454-74ab-8801-c272b77ba77b', '01a2272e-e5fc-71c5-af99-b4ab7e82f685', 'DAWN-MANY x 1', '2026-11-29 12:01:54.69+00', '2026-11-29 12:01:54.692+00'),
	('01a2272e-e753-743a-9aa0-288f29169f37', 'event-01a2272e-d485-7552-9d19-671f9f73c522', 'captured', 32000, 'KRW', 'first-drop', '01a2272e-d454-74ab-8801-c27316049bf1', '01a2272e-e750-74d0-9040-204e9074b326', 'DAWN-MANY x 1', '2026-11-29 12:01:55.028+00', '2026-11-29 12:01:55.03+00');


--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.order_lines VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a2272e-e753-743a-9aa0-288f29169f37', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.orders VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', 'first-drop', '01a2272e-d454-74ab-8801-c271c737d06f', '01a2272e-e4fa-726a-a7c9-257e66daf7e0', 'paid', 'KRW', 32000, '2026-11-29 12:01:54.452821+00'),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 'first-drop', '01a2272e-d454-74ab-8801-c272b77ba77b', '01a2272e-e5fc-71c5-af99-b4ab7e82f685', 'paid', 'KRW', 32000, '2026-11-29 12:01:54.690972+00'),
	('01a2272e-e753-743a-9aa0-288f29169f37', 'first-drop', '01a2272e-d454-74ab-8801-c27316049bf1', '01a2272e-e750-74d0-9040-204e9074b326', 'paid', 'KRW', 32000, '2026-11-29 12:01:55.029438+00');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.payments VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', 'first-drop', '01a2272e-e4fa-726a-a7c9-257e66daf7e0', '01a2272e-d454-74ab-8801-c271c737d06f', '01a2272e-e50d-77b5-b909-98108da16ba2', 'captured', 32000, 'KRW', '', '01a2272ee50c703093db9e9fe105aba2', '\x4509e6b3ec39ada37be39c40bcf0f6abaddb0857d26ce1d738d90a16d2d3b3fd', '2026-11-29 12:01:54.445704+00', '2026-11-29 12:01:54.460338+00'),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 'first-drop', '01a2272e-e5fc-71c5-af99-b4ab7e82f685', '01a2272e-d454-74ab-8801-c272b77ba77b', '01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 'captured', 32000, 'KRW', '', '01a2272ee5fe737fa9446ce7ccd67012', '\x8c2a12647c04ecb28b2de39138218852c3d310db6750c9c08fbf48c89db668b4', '2026-11-29 12:01:54.687562+00', '2026-11-29 12:01:54.6929+00'),
	('01a2272e-e753-743a-9aa0-288f29169f37', 'first-drop', '01a2272e-e750-74d0-9040-204e9074b326', '01a2272e-d454-74ab-8801-c27316049bf1', '01a2272e-e753-743a-9aa0-288f29169f37', 'captured', 32000, 'KRW', '', '01a2272ee7527075a5fb1615463310d1', '\xe19e5b236cefd4dfc5327cbeda280eda3b9f6ae7f18a873ea4f4dd3ffe27b76e', '2026-11-29 12:01:55.027607+00', '2026-11-29 12:01:55.031033+00');


--
-- Data for Name: reservations; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.reservations VALUES
	('01a2272e-e4fa-726a-a7c9-257e66daf7e0', 'first-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c271c737d06f', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:01:54.438876+00', '01a2272ee4f874e48aa0791b9918443d', '\x2aab819582ac5f383bf25fd2e621f4ba9e6903fd5948b414b36fcd8a81a5fc3f', '2026-11-29 12:01:54.438876+00', '2026-11-29 12:01:54.454223+00'),
	('01a2272e-e5fc-71c5-af99-b4ab7e82f685', 'first-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:01:54.684742+00', '01a2272ee5fa778d98da7b9a96b91075', '\x2aab819582ac5f383bf25fd2e621f4ba9e6903fd5948b414b36fcd8a81a5fc3f', '2026-11-29 12:01:54.684742+00', '2026-11-29 12:01:54.691186+00'),
	('01a2272e-e750-74d0-9040-204e9074b326', 'first-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27316049bf1', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:01:55.025128+00', '01a2272ee74f740da05bb59ae778c2c9', '\x2aab819582ac5f383bf25fd2e621f4ba9e6903fd5948b414b36fcd8a81a5fc3f', '2026-11-29 12:01:55.025128+00', '2026-11-29 12:01:55.029594+00');


--
-- Data for Name: stock; Type: TABLE DATA; Schema: drop_first_drop_9f73c522; Owner: -
--

INSERT INTO drop_first_drop_9f73c522.stock VALUES
	('first-drop', 'DAWN-MANY', 9, 0, 3),
	('first-drop', 'DAWN-FEW', 2, 0, 0);


--
-- Data for Name: allowances; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.allowances VALUES
	('second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c271c737d06f', 1, 2),
	('second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, 2),
	('second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27585cfd812', 1, 2),
	('second-drop', 'DAWN-FEW', '01a2272e-d454-74ab-8801-c2760f1ba8f0', 1, 2),
	('second-drop', 'DAWN-FEW', '01a2272e-d454-74ab-8801-c27717de50a8', 1, 2),
	('second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27316049bf1', 0, 2),
	('second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c274e4792e50', 0, 2);


--
-- Data for Name: draws; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.draws VALUES
	('second-drop', '\x2a258650035da88c2882bcff4a7c43f58f3468e9ade4691a2740de52f4cd6257', '\xe0241f67142341a30dec596c9562071aea7cfbdf09d4f95cef87d14e0ebc5a41', 1, '2026-11-29 12:02:01.786+00');


--
-- Data for Name: drops; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.drops VALUES
	('second-drop', '두 번째', 'Second Drop', '2026-11-29 12:01:59.598463+00', '2026-11-29 12:02:01.598463+00', '2036-11-26 12:01:57.598463+00', 3600, 7200, '{"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}', 'Asia/Seoul');


--
-- Data for Name: entries; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.entries VALUES
	('second-drop', '01a2272e-d454-74ab-8801-c271c737d06f', 0, '2026-11-29 12:02:00.14+00', '2026-11-29 12:02:02.173+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, '2026-11-29 12:02:02.183+00', '2026-11-29 12:02:02.394+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c27316049bf1', 2, '2026-11-29 12:02:02.407+00', '2026-11-29 12:02:02.729+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c274e4792e50', 3, '2026-11-29 12:02:02.745+00', '2026-11-29 12:02:02.96+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c27585cfd812', 4, '2026-11-29 12:02:02.972+00', '2026-11-29 12:02:03.187+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c2760f1ba8f0', 5, '2026-11-29 12:02:03.201+00', '2026-11-29 12:02:03.415+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c27717de50a8', 6, '2026-11-29 12:02:03.427+00', '2026-11-29 12:02:03.759+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c278bb428afe', 7, '2026-11-29 12:02:03.787+00', '2026-11-29 12:02:04.009+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c2793ce7ed99', 8, '2026-11-29 12:02:04.027+00', '2026-11-29 12:02:04.25+00'),
	('second-drop', '01a2272e-d454-74ab-8801-c27afaa6c736', 9, '2026-11-29 12:02:04.27+00', NULL),
	('second-drop', '01a2272e-d454-74ab-8801-c27b5218b492', 10, '2026-11-29 12:02:04.279+00', NULL),
	('second-drop', '01a2272e-d454-74ab-8801-c27c66e7fa24', 11, '2026-11-29 12:02:04.288+00', NULL);


--
-- Data for Name: items; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.items VALUES
	('second-drop', 'DAWN-MANY', 1, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2),
	('second-drop', 'DAWN-FEW', 2, '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', '', 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==', 32000, 'KRW', 2);


--
-- Data for Name: known_accounts; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--



--
-- Data for Name: known_draw; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--



--
-- Data for Name: known_drop; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--



--
-- Data for Name: known_entries; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--



--
-- Data for Name: known_items; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--



--
-- Data for Name: known_payments; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--



--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.order_lines VALUES
	('01a2272f-0ba4-7054-8011-478609c72928', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a2272f-0be1-75ef-9211-2971c35874b2', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.orders VALUES
	('01a2272f-0ba4-7054-8011-478609c72928', 'second-drop', '01a2272e-d454-74ab-8801-c271c737d06f', '01a2272f-0b8b-7548-8af9-821a9090a8b4', 'paid', 'KRW', 32000, '2026-11-29 12:02:04.333877+00'),
	('01a2272f-0be1-75ef-9211-2971c35874b2', 'second-drop', '01a2272e-d454-74ab-8801-c27316049bf1', '01a2272f-0bdf-7225-a80e-4d3a0ef85956', 'refunded', 'KRW', 32000, '2026-11-29 12:02:04.387914+00');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.payments VALUES
	('01a2272f-0ba4-7054-8011-478609c72928', 'second-drop', '01a2272f-0b8b-7548-8af9-821a9090a8b4', '01a2272e-d454-74ab-8801-c271c737d06f', '01a2272f-0ba4-7054-8011-478609c72928', 'captured', 32000, 'KRW', '', '01a2272f0ba270f7adfdd4007cf66dd9', '\xccff1fb53d2ce578f71744c439aad3941e3319f4a5b67bde6857e1e2d3b17fd4', '2026-11-29 12:02:04.324634+00', '2026-11-29 12:02:04.339679+00'),
	('01a2272f-0bc8-70dc-8764-9a881d894423', 'second-drop', '01a2272f-0bc5-70e7-b894-e4989e5c6283', '01a2272e-d454-74ab-8801-c27585cfd812', NULL, 'declined', 32000, 'KRW', 'declined by the card''s issuer', '01a2272f0bc770ba828b22967d8816c8', '\xa08f453b984385c27e950054a722b083c3f02d4e96b2afc84f2bab87f19d2dde', '2026-11-29 12:02:04.360671+00', '2026-11-29 12:02:04.362825+00'),
	('01a2272f-0be1-75ef-9211-2971c35874b2', 'second-drop', '01a2272f-0bdf-7225-a80e-4d3a0ef85956', '01a2272e-d454-74ab-8801-c27316049bf1', '01a2272f-0be1-75ef-9211-2971c35874b2', 'refunded', 32000, 'KRW', 'no-money-at-gateway', '01a2272f0be174829ec2c3608c606e53', '\x4b2336f4d507c5f5d45be02197716007685e6b060c5dc9fc5075ccc154b50ab2', '2026-11-29 12:02:04.386158+00', '2026-11-29 12:02:05.575736+00');


--
-- Data for Name: reservations; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.reservations VALUES
	('01a2272f-0b8b-7548-8af9-821a9090a8b4', 'second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c271c737d06f', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:02:04.314126+00', '01a2272f0b857081bef506890f147a14', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:02:04.314126+00', '2026-11-29 12:02:04.335227+00'),
	('01a2272f-0bb5-76a0-98b7-fadbdbd9f29a', 'second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c272b77ba77b', 1, 32000, 'KRW', 'held', '2026-11-29 13:02:04.342196+00', '01a2272f0bb475d5ac7744d53a4a62d6', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:02:04.342196+00', NULL),
	('01a2272f-0bb9-7505-b5e9-5bad6a5a635c', 'second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27316049bf1', 1, 32000, 'KRW', 'released', '2026-11-29 13:02:04.345518+00', '01a2272f0bb87099816c997e871a770e', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:02:04.345518+00', '2026-11-29 12:02:04.350957+00'),
	('01a2272f-0bc5-70e7-b894-e4989e5c6283', 'second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27585cfd812', 1, 32000, 'KRW', 'held', '2026-11-29 13:02:04.357913+00', '01a2272f0bc471efa6245397fc10c0f4', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:02:04.357913+00', NULL),
	('01a2272f-0bcd-708e-9529-f1bacf680660', 'second-drop', 'DAWN-FEW', '01a2272e-d454-74ab-8801-c2760f1ba8f0', 1, 32000, 'KRW', 'held', '2026-11-29 13:02:04.365981+00', '01a2272f0bcc76cea7bf281f78466a9f', '\xad54e4f182f2bc355fdb3082b88651a8cbdf1cee32f3a950500f82c49f472fa0', '2026-11-29 12:02:04.365981+00', NULL),
	('01a2272f-0bd0-74ea-92d7-cd67d6ebb435', 'second-drop', 'DAWN-FEW', '01a2272e-d454-74ab-8801-c27717de50a8', 1, 32000, 'KRW', 'held', '2026-11-29 13:02:04.36909+00', '01a2272f0bcf7763b2d9a72589574b78', '\xad54e4f182f2bc355fdb3082b88651a8cbdf1cee32f3a950500f82c49f472fa0', '2026-11-29 12:02:04.36909+00', NULL),
	('01a2272f-0bdf-7225-a80e-4d3a0ef85956', 'second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c27316049bf1', 1, 32000, 'KRW', 'confirmed', '2026-11-29 13:02:04.383664+00', '01a2272f0bdd7581b15673a67626643f', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:02:04.383664+00', '2026-11-29 12:02:04.388052+00'),
	('01a2272f-0bc2-7250-ba2a-f45bc2d91947', 'second-drop', 'DAWN-MANY', '01a2272e-d454-74ab-8801-c274e4792e50', 1, 32000, 'KRW', 'expired', '2026-11-29 12:02:05.664196+00', '01a2272f0bc173adae8e07e9eca67c15', '\xd208925e79227cf23dccdacd1634d870dc8cbaa9c8697e17c0278fec75914e7b', '2026-11-29 12:02:04.354697+00', '2026-11-29 12:02:06.574645+00');


--
-- Data for Name: stock; Type: TABLE DATA; Schema: drop_second_drop_a5e729c6; Owner: -
--

INSERT INTO drop_second_drop_a5e729c6.stock VALUES
	('second-drop', 'DAWN-MANY', 500, 2, 1),
	('second-drop', 'DAWN-FEW', 2, 2, 0);


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.accounts VALUES
	('01a2272e-d454-74ab-8801-c271c737d06f', '01a2272ed45474ab8801c271c737d06f@crowd.invalid', '!', 'Crowd 1', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c272b77ba77b', '01a2272ed45474ab8801c272b77ba77b@crowd.invalid', '!', 'Crowd 2', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c27316049bf1', '01a2272ed45474ab8801c27316049bf1@crowd.invalid', '!', 'Crowd 3', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c274e4792e50', '01a2272ed45474ab8801c274e4792e50@crowd.invalid', '!', 'Crowd 4', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c27585cfd812', '01a2272ed45474ab8801c27585cfd812@crowd.invalid', '!', 'Crowd 5', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c2760f1ba8f0', '01a2272ed45474ab8801c2760f1ba8f0@crowd.invalid', '!', 'Crowd 6', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c27717de50a8', '01a2272ed45474ab8801c27717de50a8@crowd.invalid', '!', 'Crowd 7', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c278bb428afe', '01a2272ed45474ab8801c278bb428afe@crowd.invalid', '!', 'Crowd 8', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c2793ce7ed99', '01a2272ed45474ab8801c2793ce7ed99@crowd.invalid', '!', 'Crowd 9', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c27afaa6c736', '01a2272ed45474ab8801c27afaa6c736@crowd.invalid', '!', 'Crowd 10', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c27b5218b492', '01a2272ed45474ab8801c27b5218b492@crowd.invalid', '!', 'Crowd 11', 'shopper', '2026-11-29 12:01:50.164499+00'),
	('01a2272e-d454-74ab-8801-c27c66e7fa24', '01a2272ed45474ab8801c27c66e7fa24@crowd.invalid', '!', 'Crowd 12', 'shopper', '2026-11-29 12:01:50.164499+00');


--
-- Data for Name: allocations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.allocations VALUES
	('01a2272e-d485-7552-9d19-671f9f73c522', 'DAWN-FEW', 2, 2, 2, '{"sku": "DAWN-FEW", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 2, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}'),
	('01a2272e-d485-7552-9d19-671f9f73c522', 'DAWN-MANY', 9, 6, 1, '{"sku": "DAWN-MANY", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 9, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}'),
	('01a2272e-f15e-764e-9063-d1d0a5e729c6', 'DAWN-MANY', 500, NULL, 1, '{"sku": "DAWN-MANY", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 500, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}'),
	('01a2272e-f15e-764e-9063-d1d0a5e729c6', 'DAWN-FEW', 2, NULL, 2, '{"sku": "DAWN-FEW", "image": "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCA0IDQiPjxjaXJjbGUgcj0iMiIvPjwvc3ZnPg==", "stock": 2, "currency": "KRW", "title_en": "Dawn Serum (30 ml)", "title_ko": "새벽 세럼 (30 ml)", "body_html": "", "price_minor": 32000, "limit_per_person": 2}');


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
	(1, '01a2272e-d485-7552-9d19-671f9f73c522', 'provision', 'started', '', '2026-11-29 12:01:50.232554+00'),
	(2, '01a2272e-d485-7552-9d19-671f9f73c522', 'provision', 'done', 'https://event.example', '2026-11-29 12:01:50.242976+00'),
	(3, '01a2272e-d485-7552-9d19-671f9f73c522', 'hand_over', 'started', '', '2026-11-29 12:01:50.24742+00'),
	(4, '01a2272e-d485-7552-9d19-671f9f73c522', 'hand_over', 'done', '11 units of 2 items', '2026-11-29 12:01:50.278894+00'),
	(5, '01a2272e-d485-7552-9d19-671f9f73c522', 'smoke', 'started', '', '2026-11-29 12:01:50.282569+00'),
	(6, '01a2272e-d485-7552-9d19-671f9f73c522', 'smoke', 'done', 'no smoke test here', '2026-11-29 12:01:50.289042+00'),
	(7, '01a2272e-d485-7552-9d19-671f9f73c522', 'open', 'started', '', '2026-11-29 12:01:53.243248+00'),
	(8, '01a2272e-d485-7552-9d19-671f9f73c522', 'open', 'done', 'the waiting room is open', '2026-11-29 12:01:53.245664+00'),
	(9, '01a2272e-d485-7552-9d19-671f9f73c522', 'drain', 'started', '', '2026-11-29 12:01:55.068256+00'),
	(10, '01a2272e-d485-7552-9d19-671f9f73c522', 'drain', 'done', 'everything is settled, 3 entries in the register', '2026-11-29 12:01:55.6252+00'),
	(11, '01a2272e-d485-7552-9d19-671f9f73c522', 'hand_back', 'started', '', '2026-11-29 12:01:56.156545+00'),
	(12, '01a2272e-d485-7552-9d19-671f9f73c522', 'hand_back', 'done', 'receipt handed-back: 3 orders, 3 units sold, 8 returned', '2026-11-29 12:01:56.364007+00'),
	(13, '01a2272e-d485-7552-9d19-671f9f73c522', 'destroy', 'started', '', '2026-11-29 12:01:56.870777+00'),
	(14, '01a2272e-d485-7552-9d19-671f9f73c522', 'destroy', 'done', 'nothing is left', '2026-11-29 12:01:56.873657+00'),
	(15, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'provision', 'started', '', '2026-11-29 12:01:57.613992+00'),
	(16, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'provision', 'done', 'https://event.example', '2026-11-29 12:01:57.61873+00'),
	(17, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'hand_over', 'started', '', '2026-11-29 12:01:57.622029+00'),
	(18, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'hand_over', 'done', '502 units of 2 items', '2026-11-29 12:01:57.648855+00'),
	(19, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'smoke', 'started', '', '2026-11-29 12:01:57.652064+00'),
	(20, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'smoke', 'done', 'no smoke test here', '2026-11-29 12:01:57.657319+00'),
	(21, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'open', 'started', '', '2026-11-29 12:01:59.916563+00'),
	(22, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'open', 'done', 'the waiting room is open', '2026-11-29 12:01:59.918625+00'),
	(23, '01a2272e-f15e-764e-9063-d1d0a5e729c6', 'window', 'done', 'Done(detail=''40 rows at 0/25699C8'', outputs={})', '2026-11-29 12:02:06.819917+00');


--
-- Data for Name: environments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.environments VALUES
	('01a2272e-d485-7552-9d19-671f9f73c522', 'first-drop', 'destroyed', '{"name": {"en": "Second Drop", "ko": "두 번째"}, "slug": "first-drop", "zone": "Asia/Seoul", "regions": ["ap-northeast-2"], "rejoins": 3, "forecast": {"people": null, "buying_share": 0.5, "waiting_share": 0.8, "arrival_minutes": 10.0}, "opens_at": "2026-11-29T12:01:54.213884Z", "products": [{"sku": "DAWN-MANY", "stock": 9, "limit_per_person": 2}, {"sku": "DAWN-FEW", "stock": 2, "limit_per_person": 2}], "schedule": {"build_at": "2026-11-29T12:01:50.213884Z", "destroy_at": "2036-11-26T12:01:50.213884Z", "room_opens_at": "2026-11-29T12:01:52.213884Z"}, "closes_at": "2026-11-29T12:01:55.032364Z", "rate_limits": {"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}, "hold_seconds": 3600, "admission_seconds": 7200}', '{"build_at": "2026-11-29T12:01:50.213939+00:00", "opens_at": "2026-11-29T12:01:54.213884+00:00", "closes_at": "2026-11-29T12:01:55.032364+00:00", "destroy_at": "2026-11-29T12:01:55.032364+00:00", "room_opens_at": "2026-11-29T12:01:52.213884+00:00"}', '{"receipt": "\u0065yJ0eXAiOiJtYXJrZXRkYXktcmVjZWlwdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImdNZS1peHhWR0tvWGR3TThBZmRqX29LemJhc3lwbUUtUWExMnB1Qzc5dkUifQ.\u0065yJpc3MiOiJodHRwczovL21hbGwuZXhhbXBsZSIsInN1YiI6IjAxYTIyNzJlLWQ0ODUtNzU1Mi05ZDE5LTY3MWY5ZjczYzUyMiIsImlhdCI6MTc5NTk1MzcxNiwia2luZCI6ImhhbmRlZC1iYWNrIiwiZHJvcCI6ImZpcnN0LWRyb3AiLCJzdGFnaW5nIjoiZHJvcF9maXJzdF9kcm9wXzlmNzNjNTIyIiwicG9pbnQiOnsibHNuIjoiMC8yNEU4RDAwIiwiYXQiOiIyMDI2LTExLTI5VDEyOjAxOjU2LjE4ODU3NyswMDowMCJ9LCJ0YWJsZXMiOnsiZHJvcHMiOnsicm93cyI6MSwic2hhMjU2IjoiMzNiZDhmOTY0ZDc5YzRlZjg0ZDQ5OGQwMjUwOTQ1NGY5YjU2ZWE1NWQ4MTU1Y2Q0ZTM0MjQ4NGYwNjI4ZTAyMCJ9LCJpdGVtcyI6\u0065yJyb3dzIjoyLCJzaGEyNTYiOiIyYmI1Y2JkMjRhNDVmNjM0NmY2YTU1OTQwODE0YTBkOWI5YTNjNmI3MTM2ZGI5NjgwZDkzODJkMzhlN2VlYTEyIn0sInN0b2NrIjp7InJvd3MiOjIsInNoYTI1NiI6IjkwOTdmNDUxOWJlODQwNGI2MWNjMzUwNzc4ZjA3OGZkM2MyNmJhZWU3MmZkNTFhZDM2NGY5MzlmNTU3YTY4MTcifSwiYWxsb3dhbmNlcyI6\u0065yJyb3dzIjozLCJzaGEyNTYiOiIxYWE1ZTVlMzFkMjUyMGY4YTE5MjExZjNjNDE5MDdjMjViNmU5ZDQ0Njg1NjE3NmQxNDNjNzJmOWMyZGU3N2EwIn0sInJlc2VydmF0aW9ucyI6\u0065yJyb3dzIjozLCJzaGEyNTYiOiIzYTRmOTk2NWY4NGExZDg4NzIwOTJjYjU2MjMxZGQ2NmI1NGJiMmY0MTc1ZjRkZmQ2NjE0OThjMTM3MzExMGJlIn0sIm9yZGVycyI6\u0065yJyb3dzIjozLCJzaGEyNTYiOiIwZTZmY2ExYTQyMjEzNjY4ZGJlMmVlZDQ2ZWI3NWQ2NDFmYzFhYjQ3NGU5YTk3YzcyODg2OTQzMTBhNjk3NmMyIn0sIm9yZGVyX2xpbmVzIjp7InJvd3MiOjMsInNoYTI1NiI6IjQwOGU2M2YxZjVlZmM4YTQ2ODk3Mzg2ZjE0ZTNlMzBlZjIyMjRiMjg3YmM3ZGU0ZmEwNjM5NTc5NjAzZDUwOGYifSwicGF5bWVudHMiOnsicm93cyI6Mywic2hhMjU2IjoiNWM0YTMyYzE1YmFhODRkNjRkYmQ2ZGNkMWUxM2ZiMmRkMTZkZWQ2NTA3NzUxYTJmY2U4NzI0YWQwYjIzMDZiNyJ9LCJkcmF3cyI6\u0065yJyb3dzIjoxLCJzaGEyNTYiOiI2NzA3MDhlN2ZjM2QxNWQxY2ZmZjA0YmQ4NGRkNWIyZjc3YzkzNDYyM2YyZmZkMTJjY2JlODk2MzM2Mjk1OGMwIn0sImVudHJpZXMiOnsicm93cyI6Mywic2hhMjU2IjoiMzdlY2E0YzI2ODczZmJiNDI1ZTc0NzFkYWJiNWI3NThjY2RiMmQ4NDIxNjkxY2RmNjhmNTM1ZWIyNTNjNzUyNiJ9fSwic3VtcyI6W3sidGFibGUiOiJvcmRlcnMiLCJzdGF0ZSI6InBhaWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9LHsidGFibGUiOiJwYXltZW50cyIsInN0YXRlIjoiY2FwdHVyZWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9XSwiZXZpZGVuY2UiOnsicGF5bWVudHMiOjMsImVudHJpZXMiOjN9LCJlcXVhdGlvbnMiOlsiYnV5ZXJzX3dlcmVfYWRtaXR0ZWQiLCJlbnRyaWVzX2hhdmVfb25lX3BsYWNlX2VhY2giLCJpdGVtc19hcmVfdGhvc2VfbGVudCIsImxpbmVzX2FyZV90aGVfaXRlbXMiLCJtb21lbnRzX2ZvbGxvd19lYWNoX290aGVyIiwibm9ib2R5X2lzX292ZXJfdGhlX2xpbWl0Iiwib3JkZXJzX2FyZV9wYWlkX2V4YWN0bHkiLCJwYXltZW50c19hcmVfc2V0dGxlZCIsInBheW1lbnRzX2FyZV90aGVfZ2F0ZXdheXMiLCJwYXltZW50c19hcmVfdGhlX29yZGVyc19vd24iLCJyZXNlcnZhdGlvbnNfYXJlX3NldHRsZWQiLCJyb3dzX2FyZV93aG9sZSIsInN0b2NrX2lzX3NvbGRfYW5kX2xlZnQiLCJ0aGVfZHJhd19pc190aGVfcHJvbWlzZWRfb25lIiwidGhlX2Ryb3BfaXNfdGhlX3Byb21pc2VkX29uZSIsInRoZV9yZWdpc3Rlcl9pc190aGVfcm9vbXMiLCJ0aGVyZV9hcmVfbm9fb3JwaGFucyIsInZhbHVlc19hcmVfcG9zc2libGUiXSwicHJvbW90aW9uIjp7Im9yZGVycyI6MywidW5pdHNfbGVudCI6MTEsInVuaXRzX3NvbGQiOjMsInVuaXRzX3JldHVybmVkIjo4fSwiY29tbWl0bWVudCI6IjRkYjc1MWZmOWQ5NDk0NzQxYmEyY2ExNjgxMTc5NDI0YTNjZTg2Nzk1ZmExODUzODA5MWJiM2VlNjAxNjU0YmMiLCJyZWxlYXNlZF9lYXJseSI6\u0065yJhdCI6IjIwMjYtMTEtMjlUMTI6MDE6NTUuMDUxMjI5KzAwOjAwIiwiYnkiOiJ0aGUgdGVzdCBvZiBhbiB1cGdyYWRlIiwicmVzZXJ2YXRpb25zIjowLCJ1bml0cyI6MH19.m3SKRv0kX4s8vL2GmH83P2F_vX5j0AL170yrsb9us53Fmvg3YcmJCWPIpc23CiQIXWBvycmm0yowO6hudFQPtJgJP1yRpvdarPoTgadnCo7aNWpPR3BytxIL-1UbwjgXPrER-cze8E0bzIXyOLCmMtwVrLcisfXZ-_ZBFV9ldCiBw-0zsImE5jSSezRJIGq-Goa4LCgxvWlnQ78B1SPbBL7uOehXdesFwfQpdhjvYKGr46k7sHs7nHii7CNa0LxpSNJGlnwXhMyB0MGwz1hsm-F3n1mS7zwKBwkZpYGTbNU-SjGC_qSw9cbnQeMNrlpdeKHGQuytkWk5BVMPR3-XVA", "commitment": "4db751ff9d9494741ba2ca1681179424a3ce86795fa18538091bb3ee601654bc", "public_url": "https://event.example", "payment_holder": "event-01a2272e-d485-7552-9d19-671f9f73c522", "released_early": "{\"at\": \"2026-11-29T12:01:55.051229+00:00\", \"by\": \"the test of an upgrade\", \"reservations\": 0, \"units\": 0}"}', NULL, NULL, 0, 19, '2026-11-29 12:01:50.220361+00', '2026-11-29 12:01:56.873748+00', NULL, 0, '[]'),
	('01a2272e-f15e-764e-9063-d1d0a5e729c6', 'second-drop', 'open', '{"name": {"en": "Second Drop", "ko": "두 번째"}, "slug": "second-drop", "zone": "Asia/Seoul", "regions": ["ap-northeast-2"], "rejoins": 3, "forecast": {"people": null, "buying_share": 0.5, "waiting_share": 0.8, "arrival_minutes": 10.0}, "opens_at": "2026-11-29T12:02:01.598463Z", "products": [{"sku": "DAWN-MANY", "stock": 500, "limit_per_person": 2}, {"sku": "DAWN-FEW", "stock": 2, "limit_per_person": 2}], "schedule": {"build_at": "2026-11-29T12:01:57.598463Z", "destroy_at": "2036-11-26T12:01:57.598463Z", "room_opens_at": "2026-11-29T12:01:59.598463Z"}, "closes_at": "2036-11-26T12:01:57.598463Z", "rate_limits": {"inside": 400, "requests_per_second": 100.0, "admissions_per_second": 50.0}, "hold_seconds": 3600, "admission_seconds": 7200}', '{"build_at": "2026-11-29T12:01:57.598495+00:00", "opens_at": "2026-11-29T12:02:01.598463+00:00", "closes_at": "2036-11-26T12:01:57.598463+00:00", "destroy_at": "2036-11-26T12:01:57.598463+00:00", "room_opens_at": "2026-11-29T12:01:59.598463+00:00"}', '{"commitment": "e0241f67142341a30dec596c9562071aea7cfbdf09d4f95cef87d14e0ebc5a41", "public_url": "https://event.example", "payment_holder": "event-01a2272e-f15e-764e-9063-d1d0a5e729c6"}', NULL, NULL, 0, 10, '2026-11-29 12:01:57.604109+00', '2026-11-29 12:02:06.820247+00', NULL, 1, '[]');


--
-- Data for Name: hand_back_windows; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.hand_back_windows VALUES
	('01a2272e-d485-7552-9d19-671f9f73c522', NULL, 'closed', 1, '{"rows": {"draws": 1, "drops": 1, "items": 2, "stock": 2, "orders": 3, "entries": 3, "payments": 3, "allowances": 3, "order_lines": 3, "reservations": 3}, "point": {"at": "2026-11-29T12:01:56.188577+00:00", "lsn": "0/24E8D00"}, "behind": {}}', '2026-11-29 12:01:56.363717+00'),
	('01a2272e-f15e-764e-9063-d1d0a5e729c6', '2026-11-29 13:02:01.598463+00', 'closed', 1, '{"rows": {"draws": 1, "drops": 1, "items": 2, "stock": 2, "orders": 2, "entries": 12, "payments": 3, "allowances": 7, "order_lines": 2, "reservations": 8}, "point": {"at": "2026-11-29T12:02:06.655631+00:00", "lsn": "0/25699C8"}, "behind": {}}', '2026-11-29 12:02:06.759469+00');


--
-- Data for Name: idempotency_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.idempotency_keys VALUES
	('01a2272e-d454-74ab-8801-c271c737d06f', '01a2272f10c07768849de8a469629d4f', '\xeb97d319518c8ca96b9c855833f9384e6b615e0981d3c134a24d57348b1f443a', '01a2272f-10c2-724b-93d6-86f726e41a6c', 201, '{"body": "{\"id\": \"01a2272f-10c2-724b-93d6-86f726e41a6c\", \"origin\": \"mall\", \"state\": \"paid\", \"payment_state\": \"captured\", \"currency\": \"KRW\", \"total_minor\": 32000, \"created_at\": \"2026-11-29T12:02:05.635635Z\", \"lines\": [{\"sku\": \"DAWN-MANY\", \"title_ko\": \"\\uc0c8\\ubcbd \\uc138\\ub7fc\", \"title_en\": \"Dawn Serum\", \"quantity\": 1, \"unit_price_minor\": 32000, \"total_minor\": 32000}]}", "refused": false}', '2026-11-29 12:02:05.63498+00');


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
	('0001_shop.sql', '2026-11-29 12:01:49.690808+00', '5e13918bcdf4c6f94ff3b39f6ee6dc859b419b814edc053e7f3c5ff2d03bcd40'),
	('0002_environments.sql', '2026-11-29 12:01:49.713261+00', 'f983f1bcd5af7594f1a3d275d1c643aa80ddb1b0691b11cb7f9b0b224b37874b'),
	('0003_catalogue_import.sql', '2026-11-29 12:01:49.722565+00', '6280c76b20ceead7e42345cffdf4ffbe734440295f5b8bf3aff9b6e55f9ca3e3'),
	('0004_one_checkout.sql', '2026-11-29 12:01:49.726744+00', '3be13fe9f95fdc995886d69fa7ef228bced99897dbd4bf17b406485e37cd3be5'),
	('0005_told.sql', '2026-11-29 12:01:49.728028+00', 'f79b0c421f8f8b90730f5ed46fb87aa8e205539ddda4289baf1f018566ce5d47'),
	('0006_windows.sql', '2026-11-29 12:01:49.729909+00', '5e1fd7b2c97e0f2a7f3c9f3ed6f38bcc09c34aa55b716534167f9e017dd141b4'),
	('0007_shop.sql', '2026-11-29 12:01:49.732439+00', 'f0880dcf71f7bdf5aba03ea2faafcd8fdc03fbc6193f667b1a2cb5483a5c7d13'),
	('0008_walls.sql', '2026-11-29 12:01:49.745265+00', '0ec95fbad47963895f96cc7f89fd018f996b432a011ad269860877fed76140ba'),
	('0009_lent_items.sql', '2026-11-29 12:01:49.754715+00', '604dfb935acceec7b786f5ccbb9c7c1956f66cbb86189e91ad6f221243e37b61'),
	('0010_sold_in_drops.sql', '2026-11-29 12:01:49.755818+00', 'b13bd14b5fbcdc8ebd65c5a4bfbd5680db837de0fae8dcd5ea8139ec9e281030'),
	('0011_catalogue_changes.sql', '2026-11-29 12:01:49.759151+00', '0e2e193f1556b2064697d887a0e7fb1692bae0692736236515e2b04f8e571b18');


--
-- Data for Name: order_lines; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.order_lines VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a2272e-e753-743a-9aa0-288f29169f37', 1, 'DAWN-MANY', '새벽 세럼 (30 ml)', 'Dawn Serum (30 ml)', 1, 32000),
	('01a2272f-10c2-724b-93d6-86f726e41a6c', 1, 'DAWN-MANY', '새벽 세럼', 'Dawn Serum', 1, 32000);


--
-- Data for Name: orders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.orders VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', '01a2272e-d454-74ab-8801-c271c737d06f', 'first-drop', '01a2272e-d485-7552-9d19-671f9f73c522', 'paid', 'KRW', 32000, '2026-11-29 12:01:54.452821+00'),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', '01a2272e-d454-74ab-8801-c272b77ba77b', 'first-drop', '01a2272e-d485-7552-9d19-671f9f73c522', 'paid', 'KRW', 32000, '2026-11-29 12:01:54.690972+00'),
	('01a2272e-e753-743a-9aa0-288f29169f37', '01a2272e-d454-74ab-8801-c27316049bf1', 'first-drop', '01a2272e-d485-7552-9d19-671f9f73c522', 'paid', 'KRW', 32000, '2026-11-29 12:01:55.029438+00'),
	('01a2272f-10c2-724b-93d6-86f726e41a6c', '01a2272e-d454-74ab-8801-c271c737d06f', 'mall', NULL, 'paid', 'KRW', 32000, '2026-11-29 12:02:05.635635+00');


--
-- Data for Name: payments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.payments VALUES
	('01a2272e-e50d-77b5-b909-98108da16ba2', '01a2272e-e50d-77b5-b909-98108da16ba2', 'captured', 32000, 'KRW', '2026-11-29 12:01:54.445704+00', '2026-11-29 12:01:54.460338+00'),
	('01a2272e-e5ff-7598-8c5c-df0e5a771eb4', '01a2272e-e5ff-7598-8c5c-df0e5a771eb4', 'captured', 32000, 'KRW', '2026-11-29 12:01:54.687562+00', '2026-11-29 12:01:54.6929+00'),
	('01a2272e-e753-743a-9aa0-288f29169f37', '01a2272e-e753-743a-9aa0-288f29169f37', 'captured', 32000, 'KRW', '2026-11-29 12:01:55.027607+00', '2026-11-29 12:01:55.031033+00'),
	('01a2272f-10c3-72b1-b286-0c3dc3ebfc50', '01a2272f-10c2-724b-93d6-86f726e41a6c', 'captured', 32000, 'KRW', '2026-11-29 12:02:05.635635+00', '2026-11-29 12:02:05.656368+00');


--
-- Data for Name: products; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.products VALUES
	('01a2272e-d449-70c2-acc8-78953986db98', 'dawn-many', '새벽 세럼', 'Dawn Serum', '', '', NULL, '{}', 'active', '2026-11-29 12:01:50.159352+00', '2026-11-29 12:01:50.159352+00', ''),
	('01a2272e-d453-72ec-889f-23c0466d97f0', 'dawn-few', '새벽 세럼', 'Dawn Serum', '', '', NULL, '{}', 'active', '2026-11-29 12:01:50.163807+00', '2026-11-29 12:01:50.163807+00', '');


--
-- Data for Name: receipts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.receipts VALUES
	('01a2272e-d485-7552-9d19-671f9f73c522', '2026-11-29 12:01:56+00', E'\x65yJ0eXAiOiJtYXJrZXRkYXktcmVjZWlwdCtqd3QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImdNZS1peHhWR0tvWGR3TThBZmRqX29LemJhc3lwbUUtUWExMnB1Qzc5dkUifQ.\x65yJpc3MiOiJodHRwczovL21hbGwuZXhhbXBsZSIsInN1YiI6IjAxYTIyNzJlLWQ0ODUtNzU1Mi05ZDE5LTY3MWY5ZjczYzUyMiIsImlhdCI6MTc5NTk1MzcxNiwia2luZCI6ImhhbmRlZC1iYWNrIiwiZHJvcCI6ImZpcnN0LWRyb3AiLCJzdGFnaW5nIjoiZHJvcF9maXJzdF9kcm9wXzlmNzNjNTIyIiwicG9pbnQiOnsibHNuIjoiMC8yNEU4RDAwIiwiYXQiOiIyMDI2LTExLTI5VDEyOjAxOjU2LjE4ODU3NyswMDowMCJ9LCJ0YWJsZXMiOnsiZHJvcHMiOnsicm93cyI6MSwic2hhMjU2IjoiMzNiZDhmOTY0ZDc5YzRlZjg0ZDQ5OGQwMjUwOTQ1NGY5YjU2ZWE1NWQ4MTU1Y2Q0ZTM0MjQ4NGYwNjI4ZTAyMCJ9LCJpdGVtcyI6\x65yJyb3dzIjoyLCJzaGEyNTYiOiIyYmI1Y2JkMjRhNDVmNjM0NmY2YTU1OTQwODE0YTBkOWI5YTNjNmI3MTM2ZGI5NjgwZDkzODJkMzhlN2VlYTEyIn0sInN0b2NrIjp7InJvd3MiOjIsInNoYTI1NiI6IjkwOTdmNDUxOWJlODQwNGI2MWNjMzUwNzc4ZjA3OGZkM2MyNmJhZWU3MmZkNTFhZDM2NGY5MzlmNTU3YTY4MTcifSwiYWxsb3dhbmNlcyI6\x65yJyb3dzIjozLCJzaGEyNTYiOiIxYWE1ZTVlMzFkMjUyMGY4YTE5MjExZjNjNDE5MDdjMjViNmU5ZDQ0Njg1NjE3NmQxNDNjNzJmOWMyZGU3N2EwIn0sInJlc2VydmF0aW9ucyI6\x65yJyb3dzIjozLCJzaGEyNTYiOiIzYTRmOTk2NWY4NGExZDg4NzIwOTJjYjU2MjMxZGQ2NmI1NGJiMmY0MTc1ZjRkZmQ2NjE0OThjMTM3MzExMGJlIn0sIm9yZGVycyI6\x65yJyb3dzIjozLCJzaGEyNTYiOiIwZTZmY2ExYTQyMjEzNjY4ZGJlMmVlZDQ2ZWI3NWQ2NDFmYzFhYjQ3NGU5YTk3YzcyODg2OTQzMTBhNjk3NmMyIn0sIm9yZGVyX2xpbmVzIjp7InJvd3MiOjMsInNoYTI1NiI6IjQwOGU2M2YxZjVlZmM4YTQ2ODk3Mzg2ZjE0ZTNlMzBlZjIyMjRiMjg3YmM3ZGU0ZmEwNjM5NTc5NjAzZDUwOGYifSwicGF5bWVudHMiOnsicm93cyI6Mywic2hhMjU2IjoiNWM0YTMyYzE1YmFhODRkNjRkYmQ2ZGNkMWUxM2ZiMmRkMTZkZWQ2NTA3NzUxYTJmY2U4NzI0YWQwYjIzMDZiNyJ9LCJkcmF3cyI6\x65yJyb3dzIjoxLCJzaGEyNTYiOiI2NzA3MDhlN2ZjM2QxNWQxY2ZmZjA0YmQ4NGRkNWIyZjc3YzkzNDYyM2YyZmZkMTJjY2JlODk2MzM2Mjk1OGMwIn0sImVudHJpZXMiOnsicm93cyI6Mywic2hhMjU2IjoiMzdlY2E0YzI2ODczZmJiNDI1ZTc0NzFkYWJiNWI3NThjY2RiMmQ4NDIxNjkxY2RmNjhmNTM1ZWIyNTNjNzUyNiJ9fSwic3VtcyI6W3sidGFibGUiOiJvcmRlcnMiLCJzdGF0ZSI6InBhaWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9LHsidGFibGUiOiJwYXltZW50cyIsInN0YXRlIjoiY2FwdHVyZWQiLCJjdXJyZW5jeSI6IktSVyIsInJvd3MiOjMsImFtb3VudF9taW5vciI6OTYwMDB9XSwiZXZpZGVuY2UiOnsicGF5bWVudHMiOjMsImVudHJpZXMiOjN9LCJlcXVhdGlvbnMiOlsiYnV5ZXJzX3dlcmVfYWRtaXR0ZWQiLCJlbnRyaWVzX2hhdmVfb25lX3BsYWNlX2VhY2giLCJpdGVtc19hcmVfdGhvc2VfbGVudCIsImxpbmVzX2FyZV90aGVfaXRlbXMiLCJtb21lbnRzX2ZvbGxvd19lYWNoX290aGVyIiwibm9ib2R5X2lzX292ZXJfdGhlX2xpbWl0Iiwib3JkZXJzX2FyZV9wYWlkX2V4YWN0bHkiLCJwYXltZW50c19hcmVfc2V0dGxlZCIsInBheW1lbnRzX2FyZV90aGVfZ2F0ZXdheXMiLCJwYXltZW50c19hcmVfdGhlX29yZGVyc19vd24iLCJyZXNlcnZhdGlvbnNfYXJlX3NldHRsZWQiLCJyb3dzX2FyZV93aG9sZSIsInN0b2NrX2lzX3NvbGRfYW5kX2xlZnQiLCJ0aGVfZHJhd19pc190aGVfcHJvbWlzZWRfb25lIiwidGhlX2Ryb3BfaXNfdGhlX3Byb21pc2VkX29uZSIsInRoZV9yZWdpc3Rlcl9pc190aGVfcm9vbXMiLCJ0aGVyZV9hcmVfbm9fb3JwaGFucyIsInZhbHVlc19hcmVfcG9zc2libGUiXSwicHJvbW90aW9uIjp7Im9yZGVycyI6MywidW5pdHNfbGVudCI6MTEsInVuaXRzX3NvbGQiOjMsInVuaXRzX3JldHVybmVkIjo4fSwiY29tbWl0bWVudCI6IjRkYjc1MWZmOWQ5NDk0NzQxYmEyY2ExNjgxMTc5NDI0YTNjZTg2Nzk1ZmExODUzODA5MWJiM2VlNjAxNjU0YmMiLCJyZWxlYXNlZF9lYXJseSI6\x65yJhdCI6IjIwMjYtMTEtMjlUMTI6MDE6NTUuMDUxMjI5KzAwOjAwIiwiYnkiOiJ0aGUgdGVzdCBvZiBhbiB1cGdyYWRlIiwicmVzZXJ2YXRpb25zIjowLCJ1bml0cyI6MH19.m3SKRv0kX4s8vL2GmH83P2F_vX5j0AL170yrsb9us53Fmvg3YcmJCWPIpc23CiQIXWBvycmm0yowO6hudFQPtJgJP1yRpvdarPoTgadnCo7aNWpPR3BytxIL-1UbwjgXPrER-cze8E0bzIXyOLCmMtwVrLcisfXZ-_ZBFV9ldCiBw-0zsImE5jSSezRJIGq-Goa4LCgxvWlnQ78B1SPbBL7uOehXdesFwfQpdhjvYKGr46k7sHs7nHii7CNa0LxpSNJGlnwXhMyB0MGwz1hsm-F3n1mS7zwKBwkZpYGTbNU-SjGC_qSw9cbnQeMNrlpdeKHGQuytkWk5BVMPR3-XVA', '{"iat": 1795953716, "iss": "https://mall.example", "sub": "01a2272e-d485-7552-9d19-671f9f73c522", "drop": "first-drop", "kind": "handed-back", "sums": [{"rows": 3, "state": "paid", "table": "orders", "currency": "KRW", "amount_minor": 96000}, {"rows": 3, "state": "captured", "table": "payments", "currency": "KRW", "amount_minor": 96000}], "point": {"at": "2026-11-29T12:01:56.188577+00:00", "lsn": "0/24E8D00"}, "tables": {"draws": {"rows": 1, "sha256": "670708e7fc3d15d1cfff04bd84dd5b2f77c934623f2ffd12ccbe8963362958c0"}, "drops": {"rows": 1, "sha256": "33bd8f964d79c4ef84d498d02509454f9b56ea55d8155cd4e342484f0628e020"}, "items": {"rows": 2, "sha256": "2bb5cbd24a45f6346f6a55940814a0d9b9a3c6b7136db9680d9382d38e7eea12"}, "stock": {"rows": 2, "sha256": "9097f4519be8404b61cc350778f078fd3c26baee72fd51ad364f939f557a6817"}, "orders": {"rows": 3, "sha256": "0e6fca1a42213668dbe2eed46eb75d641fc1ab474e9a97c7288694310a6976c2"}, "entries": {"rows": 3, "sha256": "37eca4c26873fbb425e7471dabb5b758ccdb2d8421691cdf68f535eb253c7526"}, "payments": {"rows": 3, "sha256": "5c4a32c15baa84d64dbd6dcd1e13fb2dd16ded6507751a2fce8724ad0b2306b7"}, "allowances": {"rows": 3, "sha256": "1aa5e5e31d2520f8a19211f3c41907c25b6e9d446856176d143c72f9c2de77a0"}, "order_lines": {"rows": 3, "sha256": "408e63f1f5efc8a46897386f14e3e30ef2224b287bc7de4fa0639579603d508f"}, "reservations": {"rows": 3, "sha256": "3a4f9965f84a1d8872092cb56231dd66b54bb2f4175f4dfd661498c1373110be"}}, "staging": "drop_first_drop_9f73c522", "evidence": {"entries": 3, "payments": 3}, "equations": ["buyers_were_admitted", "entries_have_one_place_each", "items_are_those_lent", "lines_are_the_items", "moments_follow_each_other", "nobody_is_over_the_limit", "orders_are_paid_exactly", "payments_are_settled", "payments_are_the_gateways", "payments_are_the_orders_own", "reservations_are_settled", "rows_are_whole", "stock_is_sold_and_left", "the_draw_is_the_promised_one", "the_drop_is_the_promised_one", "the_register_is_the_rooms", "there_are_no_orphans", "values_are_possible"], "promotion": {"orders": 3, "units_lent": 11, "units_sold": 3, "units_returned": 8}, "commitment": "4db751ff9d9494741ba2ca1681179424a3ce86795fa18538091bb3ee601654bc", "released_early": {"at": "2026-11-29T12:01:55.051229+00:00", "by": "the test of an upgrade", "units": 0, "reservations": 0}}');


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES
	('\x4165c0f5171f6c1a0a752e8160248f6b81788994610f8391ea613e66260c7ad3', '01a2272e-d454-74ab-8801-c271c737d06f', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\x9dddc26ce8a507dfeea75a5d65a69389676d7f42aa650ee20efe2fc232acd15f', '01a2272e-d454-74ab-8801-c272b77ba77b', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\x72877eab0f4a40bd283b2c238f8d077722d103e9bce0d86ee86a971af96edeb2', '01a2272e-d454-74ab-8801-c27316049bf1', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\xfe367984053d118b939bd0b0595b219ffbede938a606872cc35213890f10cbff', '01a2272e-d454-74ab-8801-c274e4792e50', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\x7ef5cb899cdfb5ed04184509a7e951308044f9362a7cc92b13a24f46a964e271', '01a2272e-d454-74ab-8801-c27585cfd812', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\xdea51f31ac49d13995b89333afb21ebd518c6ebc8d3e2fb8e6918432dce42428', '01a2272e-d454-74ab-8801-c2760f1ba8f0', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\xa6adea62e0ccc4b0e7b5644aba590c32dad5d0b85fd0ed66d38c70ad5470d5af', '01a2272e-d454-74ab-8801-c27717de50a8', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\x863f098652ba26595c3b2dd4689ad073bb146e3a9ba34846c519d9076de6a58e', '01a2272e-d454-74ab-8801-c278bb428afe', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\xf57c677e72b2b2448d5e6003eb60ef71253745c136c3bd10a8a542bdd457016c', '01a2272e-d454-74ab-8801-c2793ce7ed99', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\x742900464e70dbf373b3fa8510c0180e1f205eba2aa24e62a77debfcb39016ed', '01a2272e-d454-74ab-8801-c27afaa6c736', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\xfabdb0898a0504ed13623b259256cca8337e58505a21a460fc932b0a94ee2a17', '01a2272e-d454-74ab-8801-c27b5218b492', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00'),
	('\x7efb25b9bf1cb228567ec79bc94b3bb09220100919a094c793b5768f8e7c1e16', '01a2272e-d454-74ab-8801-c27c66e7fa24', '2026-11-29 12:01:50.164499+00', '2026-12-13 12:01:50.164499+00');


--
-- Data for Name: variants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.variants VALUES
	('DAWN-FEW', '01a2272e-d453-72ec-889f-23c0466d97f0', 1, '[["Size", "30 ml"]]', 32000, NULL, 'KRW', 998, 0, '', 'picture.svg', NULL, false, false),
	('DAWN-MANY', '01a2272e-d449-70c2-acc8-78953986db98', 1, '[["Size", "30 ml"]]', 32000, NULL, 'KRW', 496, 0, '', 'picture.svg', NULL, false, false);


--
-- Name: environment_steps_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.environment_steps_id_seq', 23, true);


--
-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (drop_slug, sku, person_id);


--
-- Name: draws draws_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (drop_slug);


--
-- Name: drops drops_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.drops
    ADD CONSTRAINT drops_pkey PRIMARY KEY (slug);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (drop_slug, index, person_id);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: known_accounts known_accounts_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.known_accounts
    ADD CONSTRAINT known_accounts_pkey PRIMARY KEY (id);


--
-- Name: known_draw known_draw_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.known_draw
    ADD CONSTRAINT known_draw_pkey PRIMARY KEY (drop_slug);


--
-- Name: known_drop known_drop_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.known_drop
    ADD CONSTRAINT known_drop_pkey PRIMARY KEY (slug);


--
-- Name: known_entries known_entries_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.known_entries
    ADD CONSTRAINT known_entries_pkey PRIMARY KEY (index, person_id);


--
-- Name: known_items known_items_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.known_items
    ADD CONSTRAINT known_items_pkey PRIMARY KEY (sku);


--
-- Name: known_payments known_payments_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.known_payments
    ADD CONSTRAINT known_payments_pkey PRIMARY KEY (id);


--
-- Name: order_lines order_lines_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_number);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: reservations reservations_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);


--
-- Name: stock stock_pkey; Type: CONSTRAINT; Schema: drop_first_drop_9f73c522; Owner: -
--

ALTER TABLE ONLY drop_first_drop_9f73c522.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (drop_slug, sku, person_id);


--
-- Name: draws draws_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.draws
    ADD CONSTRAINT draws_pkey PRIMARY KEY (drop_slug);


--
-- Name: drops drops_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.drops
    ADD CONSTRAINT drops_pkey PRIMARY KEY (slug);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (drop_slug, index, person_id);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (drop_slug, sku);


--
-- Name: known_accounts known_accounts_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.known_accounts
    ADD CONSTRAINT known_accounts_pkey PRIMARY KEY (id);


--
-- Name: known_draw known_draw_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.known_draw
    ADD CONSTRAINT known_draw_pkey PRIMARY KEY (drop_slug);


--
-- Name: known_drop known_drop_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.known_drop
    ADD CONSTRAINT known_drop_pkey PRIMARY KEY (slug);


--
-- Name: known_entries known_entries_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.known_entries
    ADD CONSTRAINT known_entries_pkey PRIMARY KEY (index, person_id);


--
-- Name: known_items known_items_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.known_items
    ADD CONSTRAINT known_items_pkey PRIMARY KEY (sku);


--
-- Name: known_payments known_payments_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.known_payments
    ADD CONSTRAINT known_payments_pkey PRIMARY KEY (id);


--
-- Name: order_lines order_lines_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (order_id, line_number);


--
-- Name: orders orders_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);


--
-- Name: payments payments_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (id);


--
-- Name: reservations reservations_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (id);


--
-- Name: stock stock_pkey; Type: CONSTRAINT; Schema: drop_second_drop_a5e729c6; Owner: -
--

ALTER TABLE ONLY drop_second_drop_a5e729c6.stock
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

