-- name: make_role
-- Drop: the statement that makes the link's role; its password comes as a SCRAM verifier, and is valid for a
-- short time even if nobody drops it.
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT 2 '
              'PASSWORD %L VALID UNTIL %L', $1::text, $2::text, $3::text);

-- name: grant_read
-- Drop: the statement that lets the link's role read what is copied, and nothing else.
SELECT format('GRANT SELECT ON %s TO %I', string_agg(format('public.%I', name), ', '), $2::text)
FROM unnest($1::text[]) AS name;

-- name: end_sessions
-- Drop: whoever uses the link's role is put out; returns as many rows as there were sessions.
SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE usename = $1;

-- name: drop_role
-- Drop: the statements that remove the link's role, if it is there.
SELECT unnest(ARRAY[format('DROP OWNED BY %I', rolname), format('DROP ROLE %I', rolname)])
FROM pg_roles WHERE rolname = $1;

-- name: point
-- Drop: the point that this snapshot stands at.
SELECT pg_current_wal_lsn()::text AS lsn, now() AS at;

-- name: columns
-- Drop: a table's columns and their types, in order.
SELECT attname AS name, format_type(atttypid, atttypmod) AS type
FROM pg_attribute WHERE attrelid = ('public.' || $1)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

-- name: has_tables
-- Drop: whether the schema stands.
SELECT to_regclass('public.orders') IS NOT NULL AND to_regclass('public.payments') IS NOT NULL;

-- name: orders_of_drop
-- Drop: orders, and payments that are or may become money, of a drop.
SELECT (SELECT count(*) FROM orders WHERE drop_slug = $1)
     + (SELECT count(*) FROM payments
        WHERE drop_slug = $1 AND order_id IS NULL AND state NOT IN ('declined', 'voided', 'refunded'));

-- name: sums
-- Drop or staging (by search_path): rows and money of orders and payments by state and currency.
SELECT 'orders' AS "table", state, currency::text, count(*)::int AS rows, sum(total_minor)::bigint AS amount_minor
FROM orders WHERE drop_slug = $1 GROUP BY state, currency
UNION ALL
SELECT 'payments', state, currency::text, count(*)::int, sum(amount_minor)::bigint
FROM payments WHERE drop_slug = $1 GROUP BY state, currency
ORDER BY 1, 2, 3;

-- name: claim
-- Mall: the allocations of an environment, held until the transaction ends: one promotion at a time.
SELECT sku, quantity, returned FROM public.allocations WHERE environment_id = $1 ORDER BY sku FOR UPDATE;

-- name: promote_orders
-- Mall, search_path at the staging schema: the drop's orders become the mall's.
INSERT INTO public.orders (id, account_id, origin, environment_id, state, currency, total_minor, created_at)
SELECT id, person_id, drop_slug, $1, state, currency, total_minor, created_at FROM orders
ON CONFLICT (id) DO NOTHING;

-- name: promote_lines
-- Mall, search_path at the staging schema: their lines.
INSERT INTO public.order_lines (order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor)
SELECT order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor FROM order_lines
ON CONFLICT (order_id, line_number) DO NOTHING;

-- name: promote_payments
-- Mall, search_path at the staging schema: the payments that belong to an order.
INSERT INTO public.payments (id, order_id, state, amount_minor, currency, created_at, updated_at)
SELECT id, order_id, state, amount_minor, currency, created_at, updated_at FROM payments WHERE order_id IS NOT NULL
ON CONFLICT (id) DO NOTHING;

-- name: sold
-- Mall, search_path at the staging schema: units sold by SKU.
SELECT sku, sold FROM stock ORDER BY sku;

-- name: return_units
-- Mall: unsold units go back into the stock; locked in key order by `lock_variants` before.
UPDATE public.variants v SET stock = v.stock + r.units
FROM unnest($1::text[], $2::int[]) AS r (sku, units) WHERE v.sku = r.sku
RETURNING v.sku;

-- name: lock_variants
-- Mall: the stock rows, in key order.
SELECT sku FROM public.variants WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE;

-- name: note_returned
-- Mall: what came back, written down once.
UPDATE public.allocations a SET returned = r.units
FROM unnest($2::text[], $3::int[]) AS r (sku, units) WHERE a.environment_id = $1 AND a.sku = r.sku;

-- name: not_promoted
-- Mall, search_path at the staging schema: rows of the staged drop that the mall has not, or has otherwise.
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

-- name: receipt
-- Mall: an environment's receipt.
SELECT token, summary FROM receipts WHERE environment_id = $1;

-- name: put_receipt
-- Mall: one receipt an environment; the first stays.
INSERT INTO receipts (environment_id, issued_at, token, summary) VALUES ($1, $2, $3, $4)
ON CONFLICT (environment_id) DO NOTHING;
