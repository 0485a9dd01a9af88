-- What a second import of the same file must know so that it changes nothing.

ALTER TABLE variants
    -- The quantity that the last import found in the file; NULL where none was given. Stock is taken from a file
    -- only when its quantity differs from this one, so that importing again after sales sells nothing twice.
    ADD COLUMN imported_quantity integer CHECK (imported_quantity >= 0),
    -- No longer offered. The row stays: orders, carts and allocations name its SKU.
    ADD COLUMN archived boolean NOT NULL DEFAULT false,
    -- Variants of one product may change places within a transaction.
    DROP CONSTRAINT variants_product_id_position_key,
    ADD CONSTRAINT variants_product_id_position_key UNIQUE (product_id, position) DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX products_newest_idx ON products (created_at DESC, id) WHERE status = 'active';
