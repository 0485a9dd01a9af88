-- name: variants
-- Mall: what an item needs to be sold elsewhere, by SKU.
SELECT v.sku, v.options, v.price_minor, v.currency, p.title_ko, p.title_en, p.body_html,
       COALESCE(NULLIF(v.image_source, ''),
                (SELECT source FROM images i WHERE i.product_id = p.id ORDER BY position LIMIT 1), '') AS picture
FROM variants v JOIN products p ON p.id = v.product_id
WHERE v.sku = ANY($1::text[]);

-- name: goods
-- Mall: how many units of these SKUs ($1) a drop ($2) can have, including those that it has already; and what other drops have.
SELECT v.sku, v.price_minor, v.currency, CASE WHEN v.archived THEN 'archived' ELSE p.status END AS status,
       greatest(v.stock, 0) + COALESCE(lent.own, 0)::integer AS stock, v.unlimited, lent.others::text AS lent
FROM variants v
JOIN products p ON p.id = v.product_id
LEFT JOIN LATERAL (
    SELECT sum(a.quantity) FILTER (WHERE e.drop_slug = $2) AS own,
           json_object_agg(e.drop_slug, a.quantity) FILTER (WHERE e.drop_slug <> $2) AS others
    FROM allocations a JOIN environments e ON e.id = a.environment_id
    WHERE a.sku = v.sku AND a.returned IS NULL
) lent ON true
WHERE v.sku = ANY($1::text[]);

-- name: lock_stock
-- Mall: the stock of these SKUs, locked until the transaction ends; in key order, so that no two wait for each other.
SELECT sku, stock, unlimited FROM variants WHERE sku = ANY($1::text[]) ORDER BY sku FOR UPDATE;

-- name: lent
-- Mall: what was already lent to an environment.
SELECT sku, quantity, item FROM allocations WHERE environment_id = $1 ORDER BY position, sku;

-- name: lend
-- Mall: take the units out of the mall's stock, and in the same statement record for which environment and as which item.
-- The stock of an item that is sold without limit may become negative.
WITH wanted AS (SELECT sku, quantity, item, position
                FROM unnest($2::text[], $3::int[], $4::jsonb[]) WITH ORDINALITY AS w (sku, quantity, item, position)),
     taken AS (UPDATE variants v SET stock = v.stock - w.quantity FROM wanted w WHERE v.sku = w.sku RETURNING v.sku)
INSERT INTO allocations (environment_id, sku, quantity, position, item)
SELECT $1, w.sku, w.quantity, w.position, w.item FROM wanted w JOIN taken USING (sku);

-- name: write_drop
-- Drop: the drop's own facts; a second hand-over changes nothing.
INSERT INTO public.drops (slug, name_ko, name_en, room_opens_at, opens_at, closes_at, hold_seconds, admission_seconds,
                          rates, zone)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING;

-- name: write_item
-- Drop: one item as the mall shows it today.
INSERT INTO public.items (drop_slug, sku, position, title_ko, title_en, body_html, image, price_minor, currency,
                   limit_per_person)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING;

-- name: write_stock
-- Drop: the units that were lent.
INSERT INTO public.stock (drop_slug, sku, total) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: write_draw
-- Drop: the draw's seed, made once; a second seed is ignored, because the commitment may be public already.
INSERT INTO public.draws (drop_slug, seed, commitment) VALUES ($1, $2, sha256($2)) ON CONFLICT DO NOTHING;

-- name: commitment
-- Drop: the SHA-256 of the seed.
SELECT commitment FROM public.draws WHERE drop_slug = $1;

-- name: forget_room
-- Drop: from now on the worker does not restore this room.
DELETE FROM public.rooms WHERE drop_slug = $1;

-- name: remove_drop
-- Drop: delete everything of one drop; all but the allowances goes by cascades.
WITH taken AS (DELETE FROM public.allowances WHERE drop_slug = $1) DELETE FROM public.drops WHERE slug = $1;

-- name: smoke_drops
-- Drop: the slugs of smoke tests that were killed before they could clean up.
SELECT slug FROM public.drops WHERE slug LIKE 'smoke-%' ORDER BY slug;
