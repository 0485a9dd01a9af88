-- One cart is bought once, however many windows press at the same moment: while an order of the mall waits for its
-- payment, its account has no second one.
CREATE UNIQUE INDEX orders_one_checkout_key ON orders (account_id) WHERE state = 'pending' AND origin = 'mall';
