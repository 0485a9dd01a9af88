-- name: orders
-- The orders that an environment's hand-back promoted, with their lines and payments as JSON.
SELECT o.id, o.account_id, o.state, o.total_minor, o.currency,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(l.sku, l.quantity, l.unit_price_minor) ORDER BY l.line_number), '[]')
        FROM order_lines l WHERE l.order_id = o.id) AS lines,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, p.state) ORDER BY p.id), '[]')
        FROM payments p WHERE p.order_id = o.id) AS payments
FROM orders o WHERE o.environment_id = $1 ORDER BY o.id;

-- name: allocations
-- What the mall lent, and what came back.
SELECT sku, quantity, returned FROM allocations WHERE environment_id = $1 ORDER BY sku;

-- name: steps
-- The recorded steps of the environment, oldest first.
SELECT step, outcome, detail, at FROM environment_steps WHERE environment_id = $1 ORDER BY id;

-- name: receipt
-- The summary of the hand-back's receipt.
SELECT summary FROM receipts WHERE environment_id = $1;

-- name: staged
-- Whether the staging schema of the hand-back exists.
SELECT to_regclass(format('%I.reservations', $1::text)) IS NOT NULL;

-- name: expired
-- The times at which reservations expired, from the staging schema.
SELECT settled_at FROM reservations WHERE state = 'expired' AND settled_at IS NOT NULL ORDER BY settled_at;
