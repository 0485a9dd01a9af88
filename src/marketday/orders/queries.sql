-- name: cart
-- An account's cart, in the order of adding.
SELECT sku, quantity FROM cart_lines WHERE account_id = $1 ORDER BY added_at, sku;

-- name: put_cart_line
-- Set a line, if there is such an item, and no other line in another currency; RETURNING tells whether.
INSERT INTO cart_lines (account_id, sku, quantity, added_at)
SELECT $1, v.sku, $3, $4 FROM variants v
WHERE v.sku = $2 AND NOT EXISTS (
    SELECT FROM cart_lines c JOIN variants o ON o.sku = c.sku
    WHERE c.account_id = $1 AND c.sku <> v.sku AND o.currency <> v.currency)
ON CONFLICT (account_id, sku) DO UPDATE SET quantity = excluded.quantity
RETURNING sku;

-- name: currency_of
-- What an item is priced in.
SELECT currency FROM variants WHERE sku = $1;

-- name: remove_cart_line
-- Take a line out.
DELETE FROM cart_lines WHERE account_id = $1 AND sku = $2;

-- name: remove_other_cart_lines
-- Take out every line but those of $2.
DELETE FROM cart_lines WHERE account_id = $1 AND sku <> ALL ($2::text[]);

-- name: put_cart_lines
-- Set many lines, of items that there are.
INSERT INTO cart_lines (account_id, sku, quantity, added_at)
SELECT $1, v.sku, l.quantity, $4
FROM unnest($2::text[], $3::integer[]) AS l (sku, quantity) JOIN variants v ON v.sku = l.sku
ON CONFLICT (account_id, sku) DO UPDATE SET quantity = excluded.quantity;

-- name: lock_account
-- Two checkouts of one account go one after the other: what the first one buys has left the cart for the second.
SELECT 1 FROM accounts WHERE id = $1 FOR NO KEY UPDATE;

-- name: pending_order
-- The order of this account that waits for its payment; `orders_one_checkout_key` lets there be one.
SELECT id FROM orders WHERE account_id = $1 AND state = 'pending' AND origin = 'mall';

-- name: lock_variants
-- All locks of an order, taken in the order of the SKUs, so that two orders never wait for each other.
SELECT sku FROM variants WHERE sku = ANY ($1::text[]) ORDER BY sku FOR NO KEY UPDATE;

-- name: take_stock
-- The guard: a line takes its units only where that many are left, or where they are sold without limit: then the stock
-- may fall below 0. Fewer rows than lines: the order must not be.
UPDATE variants v SET stock = v.stock - l.quantity
FROM unnest($1::text[], $2::integer[]) AS l (sku, quantity), products p
WHERE v.sku = l.sku AND p.id = v.product_id AND p.status = 'active' AND NOT v.archived
  AND (v.unlimited OR v.stock >= l.quantity)
RETURNING v.sku, p.title_ko, p.title_en, l.quantity, v.price_minor, v.currency;

-- name: what_is_left
-- Why a line could not be taken.
SELECT v.sku, greatest(v.stock, 0) AS stock, v.unlimited, p.status = 'active' AND NOT v.archived AS for_sale
FROM variants v JOIN products p ON p.id = v.product_id
WHERE v.sku = ANY ($1::text[]) ORDER BY v.sku;

-- name: insert_order
-- Before its payment was asked for.
INSERT INTO orders (id, account_id, state, currency, total_minor, created_at)
VALUES ($1, $2, 'pending', $3, $4, $5);

-- name: insert_order_lines
-- As they were sold: title and price are copied.
INSERT INTO order_lines (order_id, line_number, sku, title_ko, title_en, quantity, unit_price_minor)
SELECT $1, n, sku, title_ko, title_en, quantity, price
FROM unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::bigint[])
     WITH ORDINALITY AS l (sku, title_ko, title_en, quantity, price, n);

-- name: insert_payment
-- One payment for an order of the mall.
INSERT INTO payments (id, order_id, state, amount_minor, currency, created_at, updated_at)
VALUES ($1, $2, 'authorising', $3, $4, $5, $5);

-- name: confirm_order
-- Only where nobody was faster.
UPDATE orders SET state = 'paid' WHERE id = $1 AND state = 'pending' RETURNING account_id;

-- name: cancel_order
-- Only where nobody was faster.
UPDATE orders SET state = 'cancelled' WHERE id = $1 AND state = 'pending' RETURNING id;

-- name: put_stock_back
-- What a cancelled order had taken; lock_variants goes before.
UPDATE variants v SET stock = v.stock + l.quantity
FROM order_lines l WHERE l.order_id = $1 AND l.sku = v.sku;

-- name: skus_of_order
-- For the locks of put_stock_back.
SELECT sku FROM order_lines WHERE order_id = $1;

-- name: set_payment_of_order
-- The state that a payment gets in the same transaction as its order.
UPDATE payments SET state = $2, updated_at = $3
WHERE order_id = $1 AND state IN ('authorising', 'unknown');

-- name: empty_bought
-- What was bought leaves the cart.
DELETE FROM cart_lines c USING order_lines l
WHERE l.order_id = $1 AND c.account_id = $2 AND c.sku = l.sku;

-- name: record_payment
-- $3 are the states from which a payment can come to $2.
UPDATE payments SET state = $2, updated_at = $4 WHERE id = $1 AND state = ANY ($3::text[]);

-- name: postpone_payment
-- Put a payment behind the others.
UPDATE payments SET updated_at = $2 WHERE id = $1;

-- name: open_payments
-- The mall's own; those of drops are settled before they are handed back.
SELECT p.id, p.order_id, p.state, o.state AS order_state
FROM payments p JOIN orders o ON o.id = p.order_id
WHERE p.state IN ('authorising', 'unknown', 'authorised', 'voiding') AND p.updated_at <= $1 AND o.origin = 'mall'
ORDER BY p.updated_at LIMIT $2;

-- name: find_order
-- With its last payment; lines come by lines_of_orders.
SELECT o.*, p.id AS payment_id, p.state AS payment_state
FROM orders o
LEFT JOIN LATERAL (SELECT id, state FROM payments WHERE order_id = o.id ORDER BY id DESC LIMIT 1) p ON true
WHERE o.id = $1;

-- name: orders_of_account
-- Newest first; ids are in the order of time.
SELECT o.*, p.id AS payment_id, p.state AS payment_state
FROM orders o
LEFT JOIN LATERAL (SELECT id, state FROM payments WHERE order_id = o.id ORDER BY id DESC LIMIT 1) p ON true
WHERE o.account_id = $1 AND ($3::uuid IS NULL OR o.id < $3)
ORDER BY o.id DESC LIMIT $2;

-- name: all_orders
-- Newest first, of one origin or of all.
SELECT o.*, p.id AS payment_id, p.state AS payment_state
FROM orders o
LEFT JOIN LATERAL (SELECT id, state FROM payments WHERE order_id = o.id ORDER BY id DESC LIMIT 1) p ON true
WHERE ($1::text IS NULL OR o.origin = $1) AND ($3::uuid IS NULL OR o.id < $3)
ORDER BY o.id DESC LIMIT $2;

-- name: lines_of_orders
-- The lines of many orders at once.
SELECT * FROM order_lines WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id, line_number;

-- name: origins
-- The mall, and each drop whose orders came back.
SELECT DISTINCT origin FROM orders ORDER BY origin;
