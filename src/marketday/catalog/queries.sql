-- The mall's products.

-- name: lock_catalogue
-- Only one change of the catalogue at a time, so that two imports cannot mix.
SELECT pg_advisory_xact_lock(hashtext('marketday.catalog'))

-- name: lock_variants
-- Lock the stock of these products until the change is stored, in the same order as checkout does.
SELECT sku FROM variants
WHERE product_id IN (SELECT id FROM products WHERE handle = ANY($1::text[]))
ORDER BY sku FOR NO KEY UPDATE

-- name: owners
-- The product of each of these SKUs.
SELECT v.sku, p.handle FROM variants v JOIN products p ON p.id = v.product_id WHERE v.sku = ANY($1::text[])

-- name: handle_of
-- The product that has a SKU.
SELECT p.handle FROM variants v JOIN products p ON p.id = v.product_id WHERE v.sku = $1

-- name: products
-- Products by handle, in no particular order.
SELECT p.id, p.handle, p.title_ko, p.title_en, p.body_html, p.vendor, p.category_slug, p.tags, p.status,
       c.title_ko AS category_title_ko, c.title_en AS category_title_en
FROM products p LEFT JOIN categories c ON c.slug = p.category_slug
WHERE p.handle = ANY($1::text[])

-- name: variants
-- The variants of products, in the order in which they are shown, with the units lent to drops.
SELECT v.sku, v.product_id, v.options, v.price_minor, v.currency, v.stock, v.compare_at_minor, v.grams, v.barcode,
       v.image_source, v.imported_quantity, v.archived, v.unlimited,
       (SELECT coalesce(sum(a.quantity), 0)::integer FROM allocations a
        WHERE a.sku = v.sku AND a.returned IS NULL) AS lent
FROM variants v WHERE product_id = ANY($1::uuid[]) ORDER BY product_id, position

-- name: images
-- The pictures of products, in the order in which they are shown.
SELECT product_id, source, alt FROM images WHERE product_id = ANY($1::uuid[]) ORDER BY product_id, position

-- name: shelves
-- Categories with an active product, in the order in which they were first imported.
SELECT c.slug, c.title_ko, c.title_en, count(*) AS products
FROM categories c JOIN products p ON p.category_slug = c.slug
WHERE p.status = 'active'
GROUP BY c.slug ORDER BY c.position, c.slug

-- name: listing
-- One page of handles, and in each row the total number; one row without a handle if the page is after the last one.
-- A product without an offered variant is listed only for administrators. $2 are LIKE patterns for folded text; all
-- must match. An order by price sorts each currency separately.
WITH found AS (
    SELECT p.id, p.handle, p.created_at, lowest.price_minor, lowest.currency
    FROM products p
    LEFT JOIN categories c ON c.slug = p.category_slug
    LEFT JOIN LATERAL (
        SELECT min(v.price_minor) AS price_minor, min(v.currency) AS currency
        FROM variants v WHERE v.product_id = p.id AND NOT v.archived
    ) lowest ON true
    WHERE p.status = ANY($3::text[])
      AND (lowest.price_minor IS NOT NULL OR $3::text[] <> '{active}')
      AND ($1::text IS NULL OR p.category_slug = $1)
      AND concat_ws(' ', p.search_text, c.search_text) LIKE ALL($2::text[])
), page AS (
    SELECT handle, row_number() OVER (
        ORDER BY CASE WHEN $4 IN ('price', '-price') THEN currency END,
                 CASE $4 WHEN 'price' THEN price_minor WHEN '-price' THEN -price_minor END, created_at DESC, id
    ) AS place
    FROM found ORDER BY place LIMIT $5 OFFSET $6
)
SELECT counted.total, page.handle
FROM (SELECT count(*) AS total FROM found) counted LEFT JOIN page ON true
ORDER BY page.place

-- name: items
-- Variants by SKU, with the data of their products that a cart shows.
SELECT v.sku, v.options, v.price_minor, v.currency, v.stock, v.compare_at_minor, v.grams, v.barcode,
       v.image_source, v.imported_quantity, v.archived, v.unlimited, 0 AS lent, p.handle,
       p.title_ko, p.title_en, p.status = 'active' AND NOT v.archived AS on_sale,
       i.source AS cover, i.alt AS cover_alt
FROM variants v
JOIN products p ON p.id = v.product_id
LEFT JOIN LATERAL (SELECT source, alt FROM images WHERE product_id = p.id ORDER BY position LIMIT 1) i ON true
WHERE v.sku = ANY($1::text[])

-- name: save_category
-- A new category is put after the others; an existing one keeps its place.
INSERT INTO categories (slug, title_ko, title_en, search_text, position)
VALUES ($1, $2, $3, $4, (SELECT coalesce(max(position), 0) + 1 FROM categories))
ON CONFLICT (slug) DO UPDATE SET title_ko = excluded.title_ko, title_en = excluded.title_en,
    search_text = excluded.search_text

-- name: save_product
-- Add a product, or replace the one with this handle.
INSERT INTO products (id, handle, title_ko, title_en, body_html, vendor, category_slug, tags, status, search_text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (handle) DO UPDATE SET
    title_ko = excluded.title_ko, title_en = excluded.title_en, body_html = excluded.body_html,
    vendor = excluded.vendor, category_slug = excluded.category_slug, tags = excluded.tags,
    status = excluded.status, search_text = excluded.search_text, updated_at = now()

-- name: save_variant
-- Add or replace a variant; the caller has checked that no other product has its SKU.
INSERT INTO variants (sku, product_id, position, options, price_minor, compare_at_minor, currency, stock, grams,
                      barcode, image_source, imported_quantity, archived, unlimited)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (sku) DO UPDATE SET
    position = excluded.position, options = excluded.options, price_minor = excluded.price_minor,
    compare_at_minor = excluded.compare_at_minor, currency = excluded.currency, stock = excluded.stock,
    grams = excluded.grams, barcode = excluded.barcode, image_source = excluded.image_source,
    imported_quantity = excluded.imported_quantity, archived = excluded.archived, unlimited = excluded.unlimited

-- name: forget_images
-- Remove all pictures of a product before the new ones are saved.
DELETE FROM images WHERE product_id = ANY($1::uuid[])

-- name: save_image
-- Save one picture with its position.
INSERT INTO images (product_id, position, source, alt) VALUES ($1, $2, $3, $4)
