-- name: cart
-- An account's cart, in the order in which items were added.
SELECT sku, quantity FROM cart_lines WHERE account_id = $1 ORDER BY added_at, sku;

-- name: put_cart_line
-- Set a line, if the item exists and the cart has no other currency; RETURNING shows whether it was set.
INSERT INTO cart_lines (account_id, sku, quantity, added_at)
SELECT $1, v.sku, $3, $4 FROM variants v
WHERE v.sku = $2 AND NOT EXISTS (
    SELECT FROM cart_lines c JOIN variants o ON o.sku = c.sku
    WHERE c.account_id = $1 AND c.sku <> v.sku AND o.currency <> v.currency)
ON CONFLICT (account_id, sku) DO UPDATE SET quantity = excluded.quantity
RETURNING sku;

-- name: currency_of
-- The currency of an item's price.
SELECT currency FROM variants WHERE sku = $1;

-- name: remove_cart_line
-- Remove a line.
DELETE FROM cart_lines WHERE account_id = $1 AND sku = $2;

-- name: remove_other_cart_lines
-- Remove every line except the lines with the SKUs $2.
DELETE FROM cart_lines WHERE account_id = $1 AND sku <> ALL ($2::text[]);

-- name: put_cart_lines
-- Set many lines; items that do not exist are left out.
INSERT INTO cart_lines (account_id, sku, quantity, added_at)
SELECT $1, v.sku, l.quantity, $4
FROM unnest($2::text[], $3::integer[]) AS l (sku, quantity) JOIN variants v ON v.sku = l.sku
ON CONFLICT (account_id, sku) DO UPDATE SET quantity = excluded.quantity;

-- name: lock_account
-- Two checkouts of one account run one after the other, so that the second does not buy the items of the first again.
SELECT 1 FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- name: pending_order
-- The order of this account that waits for its payment; `orders_one_checkout_key` allows only one.
SELECT id FROM orders WHERE account_id = $1 AND state = 'pending' AND origin = 'mall';

-- name: lock_variants
-- Lock all variants of an order, in the order of the SKUs, so that two orders never wait for each other.
SELECT sku FROM variants WHERE sku = ANY ($1::text[]) ORDER BY sku FOR NO KEY UPDATE;

-- name: take_stock
-- A line takes its units only if enough are left, or if they are sold without limit; then the stock may fall below 0.
-- If there are fewer rows than lines, the order is not possible.
UPDATE variants v SET stock = v.stock - l.quantity
FROM unnest($1::text[], $2::integer[]) AS l (sku, quantity), products p
WHERE v.sku = l.sku AND p.id = v.product_id AND p.status = 'active' AND NOT v.archived
  AND (v.unlimited OR v.stock >= l.quantity)
RETURNING v.sku, p.title_ko, p.title_en, l.quantity, v.price_minor, v.currency;

-- name: what_is_left
-- The reason why a line could not be taken.
SELECT v.sku, greatest(v.stock, 0) AS stock, v.unlimited, p.status = 'active' AND NOT v.archived AS for_sale
FROM variants v JOIN products p ON p.id = v.product_id
WHERE v.sku = ANY ($1::text[]) ORDER BY v.sku;

-- name: insert_order
-- Insert an order before its payment.
INSERT INTO orders (id, account_id, state, currency, total_minor, created_at)
VALUES ($1, $2, 'pending', $3, $4, $5);

-- name: insert_order_lines
-- Insert the lines of an order, with copies of title and price.
INSERT INTO order_lines (order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor)
SELECT $1, n, sku, title_ko, title_en, quantity, price
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[])
     WITH ORDINALITY AS l (sku, title_ko, title_en, quantity, price, n);

-- name: insert_payment
-- Insert the payment of an order of the mall.
INSERT INTO payments (id, order_id, state, amount_minor, currency, created_at, updated_at)
VALUES ($1, $2, 'authorising', $3, $4, $5, $5);

-- name: confirm_order
-- Only if the order is still pending.
UPDATE orders SET state = 'paid' WHERE id = $1 AND state = 'pending' RETURNING account_id;

-- name: cancel_order
-- Only if the order is still pending.
UPDATE orders SET state = 'cancelled' WHERE id = $1 AND state = 'pending' RETURNING id;

-- name: put_stock_back
-- Put the units of a cancelled order back; call lock_variants first.
UPDATE variants v SET stock = v.stock + l.quantity
FROM order_lines l WHERE l.order_id = $1 AND l.sku = v.sku;

-- name: skus_of_order
-- The SKUs to lock for put_stock_back.
SELECT sku FROM order_lines WHERE order_id = $1;

-- name: set_payment_of_order
-- Set the state of a payment in the same transaction as its order.
UPDATE payments SET state = $2, updated_at = $3
WHERE order_id = $1 AND state IN ('authorising', 'unknown');

-- name: empty_bought
-- Remove the bought items from the cart.
DELETE FROM cart_lines c USING order_lines l
WHERE l.order_id = $1 AND c.account_id = $2 AND c.sku = l.sku;

-- name: record_payment
-- $3 are the states from which a payment may change to $2.
UPDATE payments SET state = $2, updated_at = $4 WHERE id = $1 AND state = ANY ($3::text[]);

-- name: postpone_payment
-- Set the time of the last check, so that the other payments come first.
UPDATE payments SET updated_at = $2 WHERE id = $1;

-- name: open_payments
-- Only the mall's own payments; payments of drops are settled before the hand-back.
SELECT p.id, p.order_id, p.state, o.state AS order_state
FROM payments p JOIN orders o ON o.id = p.order_id
WHERE p.state IN ('authorising', 'unknown', 'authorised', 'voiding') AND p.updated_at <= $1 AND o.origin = 'mall'
ORDER BY p.updated_at LIMIT $2;

-- name: find_order
-- An order with its last payment; lines_of_orders reads its lines.
SELECT o.id, o.account_id, o.origin, o.state, o.currency, o.total_minor, o.created_at, p.id AS payment_id, p.state AS payment_state
FROM orders o
LEFT JOIN LATERAL (SELECT id, state FROM payments WHERE order_id = o.id ORDER BY id DESC LIMIT 1) p ON true
WHERE o.id = $1;

-- name: orders_of_account
-- Newest first; ids are ordered by time.
SELECT o.id, o.account_id, o.origin, o.state, o.currency, o.total_minor, o.created_at, p.id AS payment_id, p.state AS payment_state
FROM orders o
LEFT JOIN LATERAL (SELECT id, state FROM payments WHERE order_id = o.id ORDER BY id DESC LIMIT 1) p ON true
WHERE o.account_id = $1 AND ($3::uuid IS NULL OR o.id < $3)
ORDER BY o.id DESC LIMIT $2;

-- name: all_orders
-- Newest first, of one origin or of all.
SELECT o.id, o.account_id, o.origin, o.state, o.currency, o.total_minor, o.created_at, p.id AS payment_id, p.state AS payment_state
FROM orders o
LEFT JOIN LATERAL (SELECT id, state FROM payments WHERE order_id = o.id ORDER BY id DESC LIMIT 1) p ON true
WHERE ($1::text IS NULL OR o.origin = $1) AND ($3::uuid IS NULL OR o.id < $3)
ORDER BY o.id DESC LIMIT $2;

-- name: lines_of_orders
-- The lines of many orders at once.
SELECT order_id, sku, title_ko, title_en, quantity, unit_price_minor FROM order_lines WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id, line_number;

-- name: origins
-- The mall, and each drop whose orders were handed back.
SELECT DISTINCT origin FROM orders ORDER BY origin;
