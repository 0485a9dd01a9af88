-- name: has_role
-- Drop or mall: whether a role exists.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1);

-- name: make_role
-- Drop or mall: the statement that makes a window's role; its password is given as a SCRAM verifier, and expires after
-- a short time even if nobody drops the role.
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT %s '
              'PASSWORD %L VALID UNTIL %L', $1::text, $4::int, $2::text, $3::text);

-- name: renew_role
-- Drop or mall: the statement that gives a window's role another password and time.
SELECT format('ALTER ROLE %I CONNECTION LIMIT %s PASSWORD %L VALID UNTIL %L', $1::text, $4::int, $2::text, $3::text);

-- name: grant_read
-- Drop: the statement that lets the link's role read what is copied, and nothing else.
SELECT format('GRANT SELECT ON %s TO %I', string_agg(format('public.%I', name), ', '), $2::text)
FROM unnest($1::text[]) AS name;

-- name: grant_replication
-- Drop: the statement that lets a role follow the changes on RDS, which gives that right to members of this role.
SELECT format('GRANT %I TO %I', rolname, $1::text) FROM pg_roles WHERE rolname = 'rds_replication';

-- name: drop_slots
-- Drop: drop the replication slots that nobody uses: each would keep the log of all changes for ever.
SELECT slot_name, pg_drop_replication_slot(slot_name) FROM pg_replication_slots
WHERE database = current_database() AND NOT active;

-- name: admit
-- Mall: the statements that let a role write into tables ($3) of a schema ($1), and make its own tables there.
SELECT ARRAY[format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', $1::text, $2::text),
             format('GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON %s TO %I',
                    string_agg(format('%I.%I', $1, name), ', '), $2)]
FROM unnest($3::text[]) AS name;

-- name: join_role
-- Drop or mall: the statement that makes the owner a member of a role.
SELECT format('GRANT %I TO %I', $1::text, current_user);

-- name: keep_owned
-- Mall: the statement that gives everything that a role owns to the mall.
SELECT format('REASSIGN OWNED BY %I TO CURRENT_USER', $1::text);

-- name: own_schema
-- Mall: the statements that make a schema ($1), if it is missing, and give it to a role ($2) with the tables ($3) in it.
SELECT ARRAY[format('CREATE SCHEMA IF NOT EXISTS %I', $1::text), format('ALTER SCHEMA %I OWNER TO %I', $1, $2::text)]
    || coalesce((SELECT array_agg(format('ALTER TABLE %I.%I OWNER TO %I', $1, tablename, $2))
                 FROM pg_tables WHERE schemaname = $1 AND tablename = ANY ($3::text[])), '{}');

-- name: not_plain
-- Mall: everything in a schema ($1) except plain tables with these names ($2): only such tables are read with the
-- mall's rights, because reading anything else could run foreign code.
SELECT format('%s %s', relkind, relname) FROM pg_class
WHERE relnamespace = $1::text::regnamespace AND relkind NOT IN ('i', 't')
  AND (relkind <> 'r' OR relname <> ALL ($2::text[]) OR relhasrules OR relhastriggers OR relrowsecurity OR relhassubclass)
UNION ALL
SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = $1::regnamespace
UNION ALL
SELECT 'operator ' || oprname FROM pg_operator WHERE oprnamespace = $1::regnamespace
UNION ALL
SELECT 'type ' || typname FROM pg_type WHERE typnamespace = $1::regnamespace AND typrelid = 0 AND typelem = 0
UNION ALL
SELECT 'default of ' || adrelid::regclass FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid
WHERE relnamespace = $1::regnamespace;

-- name: end_sessions
-- Drop or mall: end the sessions of a role; returns a row for each.
SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename = $1;

-- name: drop_role
-- Drop or mall: the statements that remove a role, with what it owns and may do.
SELECT ARRAY[format('DROP OWNED BY %I', $1::text), format('DROP ROLE %I', $1)];

-- name: point
-- Drop: the point of this snapshot.
SELECT pg_current_wal_lsn()::text AS lsn, now() AS at;

-- name: has_tables
-- Drop: whether the schema exists.
SELECT to_regclass('public.orders') IS NOT NULL AND to_regclass('public.payments') IS NOT NULL;

-- name: lock_stock_of_drop
-- Drop: until the transaction ends, nothing of a drop can be reserved, expired, released or confirmed.
SELECT FROM public.stock WHERE drop_slug = $1 ORDER BY drop_slug, sku FOR NO KEY UPDATE;

-- name: taken_of_drop
-- Drop: held reservations, payments that are or may become money, and orders of a drop. Without a held
-- reservation no payment can begin, and without an open payment no order can be made.
SELECT (SELECT count(*) FROM public.reservations WHERE drop_slug = $1 AND state = 'held')
     + (SELECT count(*) FROM public.payments
        WHERE drop_slug = $1 AND order_id IS NULL AND state NOT IN ('declined', 'voided', 'refunded'))
     + (SELECT count(*) FROM public.orders WHERE drop_slug = $1);

-- name: end_offers
-- Drop: offer nothing any more to people who wait.
INSERT INTO public.ended_offers SELECT slug FROM public.drops WHERE slug = $1 ON CONFLICT DO NOTHING;

-- name: close_drop
-- Drop: close it now, by the clock that decides about reservations; if it would open later, it opens just before.
UPDATE public.drops d
SET room_opens_at = least(d.room_opens_at, n.moment - interval '1 millisecond'),
    opens_at = least(d.opens_at, n.moment - interval '1 millisecond'),
    closes_at = n.moment
FROM (SELECT clock_timestamp() AS moment) AS n
WHERE d.slug = $1 AND d.closes_at > n.moment;

-- name: sums
-- Drop or staging, by its schema: rows and money of orders and payments by state and currency; the limit is somewhat
-- higher than the number of rows that there can be.
SELECT "table", state, currency, rows, amount_minor FROM (
    SELECT 'orders' AS "table", left(state, 20) AS state, currency::text, count(*)::int AS rows,
           least(sum(total_minor), 9223372036854775807)::bigint AS amount_minor
    FROM {schema}.orders WHERE drop_slug = $1 GROUP BY 2, 3
    UNION ALL
    SELECT 'payments', left(state, 20), currency::text, count(*)::int,
           least(sum(amount_minor), 9223372036854775807)::bigint
    FROM {schema}.payments WHERE drop_slug = $1 GROUP BY 2, 3
) AS found ORDER BY "table", state COLLATE "C", currency COLLATE "C" LIMIT 200;

-- name: bounded_problems
-- Staging: what the query of an equation finds: at most $1 lines, each cut to a short length.
SELECT left(problem, 1000) FROM ({query}
) AS found (problem) LIMIT $1;

-- name: claim
-- Mall: the allocations of an environment, locked until the transaction ends, so that one promotion runs at a time.
SELECT sku, quantity, returned FROM public.allocations WHERE environment_id = $1 ORDER BY sku FOR UPDATE;

-- name: promote_orders
-- Mall, search_path at the staging schema: the drop's orders become the mall's.
INSERT INTO public.orders (id, account_id, origin, environment_id, state, currency, total_minor, created_at)
SELECT id, person_id, drop_slug, $1, state, currency, total_minor, created_at FROM orders
ON CONFLICT (id) DO NOTHING;

-- name: promote_lines
-- Mall, search_path at the staging schema: the lines of these orders become the mall's.
INSERT INTO public.order_lines (order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor)
SELECT order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor FROM order_lines
ON CONFLICT (order_id, line_number) DO NOTHING;

-- name: promote_payments
-- Mall, search_path at the staging schema: the payments that belong to an order become the mall's.
INSERT INTO public.payments (id, order_id, state, amount_minor, currency, created_at, updated_at)
SELECT id, order_id, state, amount_minor, currency, created_at, updated_at FROM payments WHERE order_id IS NOT NULL
ON CONFLICT (id) DO NOTHING;

-- name: sold
-- Mall, search_path at the staging schema: units sold by SKU.
SELECT sku, sold FROM stock ORDER BY sku;

-- name: payments_of_orders
-- Mall: the payments of an environment's orders, which the mall has after promotion alone.
SELECT p.id FROM public.payments p JOIN public.orders o ON o.id = p.order_id WHERE o.environment_id = $1;

-- name: promoted
-- Mall: how many orders the mall has of an environment.
SELECT count(*) FROM public.orders WHERE environment_id = $1;

-- name: return_units
-- Mall: unsold units go back into the stock; locked in key order by `lock_variants` before.
UPDATE public.variants v SET stock = v.stock + r.units
FROM unnest($1::text[], $2::int[]) AS r (sku, units) WHERE v.sku = r.sku
RETURNING v.sku;

-- name: lock_variants
-- Mall: the stock rows, in key order.
SELECT sku FROM public.variants WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE;

-- name: note_returned
-- Mall: record once what was returned.
UPDATE public.allocations a SET returned = r.units
FROM unnest($2::text[], $3::int[]) AS r (sku, units) WHERE a.environment_id = $1 AND a.sku = r.sku;

-- name: not_promoted
-- Mall, search_path at the staging schema: rows of the staged drop that are missing or different in the mall.
(SELECT 'order ' || id FROM (
    SELECT id, person_id, drop_slug, $1::uuid, state, currency, total_minor, created_at FROM orders
    EXCEPT SELECT id, account_id, origin, environment_id, state, currency, total_minor, created_at FROM public.orders
    WHERE environment_id = $1) AS orders_missing)
UNION ALL
(SELECT 'line ' || order_id || ' ' || line_number FROM (
    SELECT order_id, line_number, sku, quantity, unit_price_minor FROM order_lines
    EXCEPT SELECT l.order_id, l.line_number, l.sku, l.quantity, l.unit_price_minor
    FROM public.order_lines l JOIN public.orders o ON o.id = l.order_id WHERE o.environment_id = $1) AS lines_missing)
UNION ALL
(SELECT 'payment ' || id FROM (
    SELECT id, order_id, state, amount_minor, currency FROM payments WHERE order_id IS NOT NULL
    EXCEPT SELECT p.id, p.order_id, p.state, p.amount_minor, p.currency
    FROM public.payments p JOIN public.orders o ON o.id = p.order_id WHERE o.environment_id = $1) AS payments_missing)
UNION ALL
(SELECT 'order ' || id || ', which was not handed back' FROM public.orders o
 WHERE environment_id = $1 AND NOT EXISTS (SELECT FROM orders s WHERE s.id = o.id));

-- name: sequences
-- Mall: the sequences of the promoted tables ($1) and of the staging schema ($2), each with the query for the furthest
-- value of its column, the query whether it is behind that value, and the statement that locks it until the transaction
-- ends. Only ALTER SEQUENCE takes that lock; this one changes nothing.
SELECT d.objid::regclass::text AS sequence,
       format('SELECT %s(%I)::bigint FROM %I.%I', CASE WHEN s.seqincrement > 0 THEN 'max' ELSE 'min' END,
              a.attname, n.nspname, c.relname) AS furthest,
       format('SELECT CASE WHEN is_called THEN last_value %1$s $1 ELSE last_value %1$s= $1 END FROM %2$s',
              CASE WHEN s.seqincrement > 0 THEN '<' ELSE '>' END, d.objid::regclass) AS behind,
       format('ALTER SEQUENCE %s INCREMENT BY %s', d.objid::regclass, s.seqincrement) AS hold
FROM pg_depend d
JOIN pg_sequence s ON s.seqrelid = d.objid
JOIN pg_class c ON c.oid = d.refobjid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  AND ((n.nspname = 'public' AND c.relname = ANY($1::text[])) OR n.nspname = $2)
ORDER BY 1;

-- name: set_sequence
-- Mall: a sequence continues after this value.
SELECT setval($1::text::regclass, $2);

-- name: staged_columns
-- Mall: the columns of the staging schema, by table.
SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname = ANY($2::text[]);

-- name: lent_items
-- Mall: the items that an environment was lent, as they were at that time.
SELECT sku, position, quantity, item FROM allocations WHERE environment_id = $1 ORDER BY position, sku;

-- name: known_accounts
-- Mall: which of these people have an account.
SELECT id FROM accounts WHERE id = ANY ($1::uuid[]);

-- name: progress
-- Mall: the progress of a window.
SELECT phase, copies, brought FROM hand_back_windows
WHERE environment_id = $1 AND due IS NOT DISTINCT FROM $2::timestamptz;

-- name: note_progress
-- Mall: record the progress of a window.
INSERT INTO hand_back_windows (environment_id, due, phase, copies, brought) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (environment_id, due) DO UPDATE
SET phase = excluded.phase, copies = excluded.copies, brought = excluded.brought, updated_at = now();

-- name: receipt
-- Mall: an environment's receipt.
SELECT token, summary FROM receipts WHERE environment_id = $1;

-- name: put_receipt
-- Mall: one receipt for each environment; the first one stays.
INSERT INTO receipts (environment_id, issued_at, token, summary) VALUES ($1, $2, $3, $4)
ON CONFLICT (environment_id) DO NOTHING;
