-- The drop's own time zone, in which its pages tell times.
ALTER TABLE drops ADD COLUMN zone text NOT NULL DEFAULT 'UTC';

-- A person whose admission expired without a purchase may join again, behind everyone. So the register has a line for
-- every place that was given out: a person's later lines have later indices, and no two lines share one.
ALTER TABLE entries DROP CONSTRAINT entries_pkey;
ALTER TABLE entries DROP CONSTRAINT entries_drop_slug_index_key;
ALTER TABLE entries ADD PRIMARY KEY (drop_slug, index);
CREATE INDEX entries_person_idx ON entries (drop_slug, person_id);
