"""How facts, entries, draws and admissions are written in Valkey's strings and hashes. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marketday.catalog.stock import StockState
from marketday.kit.moments import from_milliseconds, to_milliseconds
from marketday.waitingroom.errors import UnknownDrop
from marketday.waitingroom.model import Admitted, Board, Draw, Entry, EntryRecord, Facts, Snapshot
from marketday.waitingroom.ports import Joined


def facts_to_fields(facts: Facts) -> dict[str, str | int]:
    """Return the hash of a drop's facts."""
    return {
        "room_opens_at": to_milliseconds(facts.room_opens_at),
        "opens_at": to_milliseconds(facts.opens_at),
        "closes_at": to_milliseconds(facts.closes_at),
        "admission_seconds": facts.admission_seconds,
        "commitment": facts.commitment.hex(),
        "name_ko": facts.name_ko,
        "name_en": facts.name_en,
        "zone": facts.zone,
        "rejoins": facts.rejoins,
    }


def facts_from_fields(slug: str, fields: Mapping[str, str]) -> Facts:
    """Return the facts that a hash holds.

    Raises:
        UnknownDrop: the hash is empty.

    """
    if not fields:
        raise UnknownDrop(f"no drop {slug!r} here")
    return Facts(
        slug=slug,
        room_opens_at=from_milliseconds(int(fields["room_opens_at"])),
        opens_at=from_milliseconds(int(fields["opens_at"])),
        closes_at=from_milliseconds(int(fields["closes_at"])),
        admission_seconds=int(fields["admission_seconds"]),
        commitment=bytes.fromhex(fields["commitment"]),
        name_ko=fields["name_ko"],
        name_en=fields["name_en"],
        zone=fields["zone"],
        rejoins=int(fields["rejoins"]),
    )


def draw_from_fields(fields: Sequence[str | None]) -> Draw | None:
    """Return the draw with `seed, cohort, published_at`; None if they are missing."""
    seed, cohort, published_at = fields if len(fields) == len(("seed", "cohort", "at")) else (None, None, None)
    if seed is None or cohort is None or published_at is None:
        return None
    return Draw(bytes.fromhex(seed), int(cohort), from_milliseconds(int(published_at)))


def draw_to_fields(draw: Draw) -> dict[str, str | int]:
    """Return the hash of a draw."""
    return {"seed": draw.seed.hex(), "cohort": draw.cohort, "published_at": to_milliseconds(draw.published_at)}


def entry_from_text(text: str) -> Entry:
    """Return the place that a person has: the last of `index:joined at`, those before it with `:admitted at`."""
    places = text.split(";")
    index, joined_at = places[-1].split(":")
    return Entry(int(index), from_milliseconds(int(joined_at)), turn=len(places))


def joined(answer: Sequence[Any]) -> list[Joined]:
    """Return the answer of the scripts `join` and `rejoin`: the draw's fields, then `entry, 1 if new` by person."""
    seed, cohort, published_at, *entries = answer
    published = draw_from_fields((seed, cohort, published_at))
    return [
        Joined(entry_from_text(entry), published, first=new == 1)
        for entry, new in zip(entries[::2], entries[1::2], strict=True)
    ]


def admitted_to_text(admitted: Admitted) -> str:
    """Return an admission as the scripts write it."""
    return f"{to_milliseconds(admitted.admitted_at)}:{to_milliseconds(admitted.expires_at)}"


def admitted_from_text(text: str) -> Admitted:
    """Return the admission of `admitted at:expires at`."""
    admitted_at, expires_at = text.split(":")
    return Admitted(from_milliseconds(int(admitted_at)), from_milliseconds(int(expires_at)))


def places_to_text(places: Sequence[EntryRecord]) -> str:
    """Return all places of a person as the scripts write them: each earlier one with its admission."""
    texts = [f"{place.index}:{to_milliseconds(place.joined_at)}" for place in places]
    ended = [f":{to_milliseconds(place.admitted_at)}" if place.admitted_at else ":" for place in places[:-1]]
    return ";".join(text + end for text, end in zip(texts, [*ended, ""], strict=True))


def entry_records(person: str, entry: str, admitted: str | None) -> list[EntryRecord]:
    """Return a person's lines of the register, one for each place."""
    *before, last = entry.split(";")
    places = [place.split(":") for place in before]
    places.append([*last.split(":"), admitted.split(":")[0] if admitted else ""])
    return [
        EntryRecord(
            UUID(person),
            int(index),
            from_milliseconds(int(joined_at)),
            from_milliseconds(int(admitted_at)) if admitted_at else None,
        )
        for index, joined_at, admitted_at in places
    ]


def snapshot(slug: str, answers: Sequence[Any]) -> Snapshot:
    """Return the room of Valkey's answers, in the order in which `valkey.py` asks."""
    facts, draw, board, serving, entries, admitted, inside, returned = answers
    again = int(returned or 0)
    return Snapshot(
        facts=facts_from_fields(slug, facts),
        draw=draw_from_fields(draw),
        board=_board(board),
        serving_number=int(serving or 0),
        entries=entries + again,
        admitted=admitted + again,
        inside=inside,
    )


def called(found: Sequence[tuple[str, float]]) -> int:
    """Return the serving number of a row of calls, 0 before the first call."""
    return int(found[0][0]) if found else 0


def _board(fields: Mapping[str, str]) -> Board:
    if not fields:
        return Board()
    return Board(StockState(fields["stock"]), int(fields["left"]), float(fields["rate"]))
