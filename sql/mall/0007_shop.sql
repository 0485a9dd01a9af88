-- What product files of other shops need: variants that are sold without limit, counts that include what is lent, names in
-- one form (kit/text.py), money in the minor units of ISO 4217.

ALTER TABLE variants
    ADD COLUMN unlimited boolean NOT NULL DEFAULT false, -- sold without limit: nobody tracks its units
    -- Below 0: what an unlimited variant has sold, and what a count found less than what is lent to drops.
    DROP CONSTRAINT variants_stock_check;
CREATE INDEX allocations_lent_idx ON allocations (sku) WHERE returned IS NULL;

-- What a search looks at, folded; written with what it is made of.
ALTER TABLE products ADD COLUMN search_text text NOT NULL DEFAULT '';
ALTER TABLE categories ADD COLUMN search_text text NOT NULL DEFAULT '';

-- When the SKU of a variant changes, it changes in the carts that hold it, too.
ALTER TABLE cart_lines
    DROP CONSTRAINT cart_lines_sku_fkey,
    ADD CONSTRAINT cart_lines_sku_fkey FOREIGN KEY (sku) REFERENCES variants ON DELETE CASCADE ON UPDATE CASCADE;

CREATE FUNCTION identifier_of(given text) RETURNS text LANGUAGE sql AS $$
    SELECT btrim(regexp_replace(normalize(translate(
        regexp_replace(given, '[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]', '', 'g'),
        (SELECT string_agg(chr(n), '' ORDER BY n) FROM generate_series(65281, 65374) AS n),
        (SELECT string_agg(chr(n - 65248), '' ORDER BY n) FROM generate_series(65281, 65374) AS n)
    ), NFC), '[\s\u00A0\u3000]+', ' ', 'g'))
$$;

-- Two names that become one, and SKUs that no address can hold, end with a hash of what they were. A SKU of which units
-- are lent to a drop stays as it is.
WITH forms AS (
    SELECT sku, identifier_of(sku) AS form FROM variants
), wanted AS (
    SELECT sku, CASE
        WHEN form ~ '(^|[/\\])\.{1,2}([/\\]|$)' THEN translate(form, '/\', '--') || '~' || left(md5(sku), 6)
        WHEN form = '' OR (form <> sku AND EXISTS (SELECT FROM forms o WHERE o.form = f.form AND o.sku <> f.sku))
        THEN form || '~' || left(md5(sku), 6)
        ELSE form END AS form
    FROM forms f
)
UPDATE variants v SET sku = wanted.form FROM wanted
WHERE wanted.sku = v.sku AND wanted.form <> v.sku
  AND NOT EXISTS (SELECT FROM allocations a WHERE a.sku = v.sku AND a.returned IS NULL);

WITH forms AS (
    SELECT id, handle, regexp_replace(identifier_of(lower(identifier_of(handle))), '[\s/\\?#%]+', '-', 'g') AS form
    FROM products
), wanted AS (
    SELECT id, CASE
        WHEN form IN ('', '.', '..')
             OR (form <> handle AND EXISTS (SELECT FROM forms o WHERE o.form = f.form AND o.id <> f.id))
        THEN form || '~' || left(md5(handle), 6) ELSE form END AS form
    FROM forms f
)
UPDATE products p SET handle = wanted.form FROM wanted WHERE wanted.id = p.id AND wanted.form <> p.handle;

DROP FUNCTION identifier_of;

UPDATE categories SET title_ko = btrim(normalize(title_ko, NFC)), title_en = btrim(normalize(title_en, NFC));
UPDATE products SET title_ko = btrim(normalize(title_ko, NFC)), title_en = btrim(normalize(title_en, NFC)),
    vendor = btrim(normalize(vendor, NFC)),
    tags = ARRAY(SELECT normalize(tag, NFC) FROM unnest(tags) WITH ORDINALITY AS each (tag, place) ORDER BY place);
UPDATE categories SET search_text = lower(normalize(concat_ws(' ', title_ko, title_en), NFKC));
UPDATE products p SET search_text = lower(normalize(concat_ws(' ', title_ko, title_en, vendor, handle,
    array_to_string(tags, ' '), (SELECT string_agg(sku, ' ') FROM variants v WHERE v.product_id = p.id)), NFKC));

-- Amounts of these currencies were counted with CLDR's places, of which they have none.
CREATE TEMPORARY TABLE recounted (currency char(3) PRIMARY KEY, factor integer NOT NULL) ON COMMIT DROP;
INSERT INTO recounted VALUES ('AFN', 100), ('ALL', 100), ('IQD', 1000), ('IRR', 100), ('KPW', 100), ('LAK', 100),
    ('LBP', 100), ('MGA', 100), ('MMK', 100), ('RSD', 100), ('SOS', 100), ('SYP', 100), ('YER', 100);
UPDATE variants v SET price_minor = price_minor * factor, compare_at_minor = compare_at_minor * factor
    FROM recounted r WHERE r.currency = v.currency;
UPDATE order_lines l SET unit_price_minor = unit_price_minor * factor
    FROM orders o JOIN recounted r ON r.currency = o.currency WHERE o.id = l.order_id;
UPDATE orders o SET total_minor = total_minor * factor FROM recounted r WHERE r.currency = o.currency;
UPDATE payments p SET amount_minor = amount_minor * factor FROM recounted r WHERE r.currency = p.currency;
