-- What PostgreSQL keeps of a waiting room, so that the room can be made again if Valkey loses its data. Every place and
-- every admission is in `entries` before a person is told of it; a serving number is here before anyone sees it.

CREATE TABLE rooms (
    drop_slug      text PRIMARY KEY REFERENCES drops ON DELETE CASCADE,
    kept           boolean NOT NULL DEFAULT false,     -- whether every place that the room gave out is in `entries`
    rejoins        integer NOT NULL DEFAULT 0 CHECK (rejoins >= 0),
    serving_number integer NOT NULL DEFAULT 0 CHECK (serving_number >= 0),
    called_at      timestamptz,                        -- when the serving number was raised last
    CHECK ((called_at IS NULL) = (serving_number = 0))
);
GRANT SELECT ON rooms TO worker;
GRANT UPDATE (kept, rejoins, serving_number, called_at) ON rooms TO worker;
INSERT INTO rooms (drop_slug) SELECT slug FROM drops;

-- Each drop has a row from the beginning. The worker cannot make one, so a room that was removed stays removed.
CREATE FUNCTION make_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.rooms (drop_slug) VALUES (NEW.slug);
    RETURN NULL;
END
$$;
CREATE TRIGGER drop_has_a_room AFTER INSERT ON drops FOR EACH ROW EXECUTE FUNCTION make_room();

-- Write a batch of places, all or none, and return true; repeating it changes nothing. `admitted` is null where nobody was
-- admitted, or where the batch does not say. Each index occurs once in a batch.
-- False: the batch contradicts what is recorded, so the room that made it has lost some of its data: a place is recorded for
-- another person, joined or was admitted at another moment, or places are missing before a new one.
-- Null: this room is not kept here. The row's lock makes two workers wait for each other.
CREATE FUNCTION record_places(
    slug text, persons uuid[], indices integer[], joined timestamptz[], admitted timestamptz[]
) RETURNS boolean LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    next_index integer;
BEGIN
    PERFORM FROM rooms WHERE drop_slug = slug AND kept FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(max(entries.index) + 1, 0) INTO next_index FROM entries WHERE drop_slug = slug;
    IF (SELECT count(*) FROM unnest(indices) AS asked (index) WHERE asked.index >= next_index)
       <> (SELECT greatest(max(asked.index) + 1 - next_index, 0) FROM unnest(indices) AS asked (index))
       OR EXISTS (SELECT FROM unnest(persons, indices, joined, admitted) AS asked (person_id, index, joined_at, admitted_at)
                  JOIN entries ON entries.drop_slug = slug AND entries.index = asked.index
                  WHERE entries.person_id <> asked.person_id OR entries.joined_at <> asked.joined_at
                     OR entries.admitted_at <> asked.admitted_at)
    THEN
        RETURN false;
    END IF;
    INSERT INTO entries (drop_slug, person_id, index, joined_at, admitted_at)
    SELECT slug, asked.person_id, asked.index, asked.joined_at, asked.admitted_at
      FROM unnest(persons, indices, joined, admitted) AS asked (person_id, index, joined_at, admitted_at)
        ON CONFLICT (drop_slug, index) DO UPDATE SET admitted_at = excluded.admitted_at
     WHERE entries.admitted_at IS NULL AND excluded.admitted_at IS NOT NULL;
    RETURN true;
END
$$;
