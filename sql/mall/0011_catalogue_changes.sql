-- The mall's processes keep answers of the catalogue until what they show changes. A change is notified to them on the
-- channel `catalogue` when it is committed, whoever made it: with a product's id if only the stock of one of its variants
-- changed, with the id and `availability` if that variant is sold out now or back again, and with '' otherwise.

CREATE FUNCTION notify_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('catalogue', '');
    RETURN NULL;
END $$;

-- PostgreSQL sends equal notifications of one transaction once, so a large import sends few.
CREATE FUNCTION notify_variant() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER categories_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON categories
    FOR EACH STATEMENT EXECUTE FUNCTION notify_catalogue();
CREATE TRIGGER products_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON products
    FOR EACH STATEMENT EXECUTE FUNCTION notify_catalogue();
CREATE TRIGGER images_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON images
    FOR EACH STATEMENT EXECUTE FUNCTION notify_catalogue();
CREATE TRIGGER variants_changed AFTER INSERT OR DELETE OR TRUNCATE ON variants
    FOR EACH STATEMENT EXECUTE FUNCTION notify_catalogue();
CREATE TRIGGER variant_changed AFTER UPDATE ON variants
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION notify_variant();
