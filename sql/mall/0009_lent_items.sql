-- What was lent is written down whole, with its units and in the same transaction: names, price, limit, description and
-- picture as the drop was given them. The hand-back compares with this, and never with what the drop says of itself.
ALTER TABLE allocations
    ADD COLUMN position integer,
    ADD COLUMN item     jsonb;                         -- the fields of HandedItem; NULL: lent before this was kept
