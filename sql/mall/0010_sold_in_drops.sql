-- A product can be sold in drops alone: it is no draft, and the mall shows and sells it nowhere.
ALTER TABLE products
    DROP CONSTRAINT products_status_check,
    ADD CONSTRAINT products_status_check CHECK (status IN ('active', 'drop', 'draft', 'archived'));
