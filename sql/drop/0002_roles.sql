-- What each service of the event plane may touch. The roles are made by the provisioner before this runs.
-- The store never sees a draw's seed; neither role can change what was handed over.
GRANT SELECT ON drops, items TO store, worker;
GRANT SELECT, UPDATE ON stock TO store, worker;
GRANT SELECT, INSERT, UPDATE ON allowances, reservations, orders, payments TO store, worker;
GRANT SELECT, INSERT ON order_lines TO store, worker;
GRANT INSERT ON outbox TO store, worker;
GRANT SELECT, UPDATE, DELETE ON outbox TO worker;
GRANT SELECT ON draws TO worker;
GRANT UPDATE (cohort, published_at) ON draws TO worker;
GRANT SELECT, INSERT, UPDATE ON entries TO worker;
