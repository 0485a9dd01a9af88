"""What is recorded of a room, and when a room is restored."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from marketday.waitingroom.model import Draw, EntryRecord, Facts
from marketday.waitingroom.recording.model import (
    KeptRoom,
    Message,
    Need,
    PersonPlaces,
    RoomState,
    Whole,
    merged,
    need_of,
)
from marketday.waitingroom.recording.parts import parts_of

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
ONE, TWO = UUID(int=1), UUID(int=2)
FACTS = Facts("dawn-serum", NOON, NOON, NOON + timedelta(hours=1), 600, bytes(32))
SEED = bytes(range(32))


def message(*places: EntryRecord) -> Message:
    return Message("dawn-serum", "1-0", "a name", places)


def test_each_place_is_written_once_with_its_admission():
    joined, admitted = EntryRecord(ONE, 0, NOON, None), EntryRecord(ONE, 0, NOON, LATER)
    other = EntryRecord(TWO, 1, NOON, None)
    assert merged([message(joined, other), message(admitted), message(joined)]) == [admitted, other]


def test_calls_that_give_one_place_to_two_people_contradict_each_other():
    assert merged([message(EntryRecord(ONE, 0, NOON, None)), message(EntryRecord(TWO, 0, NOON, None))]) is None


@pytest.mark.parametrize(
    ("kept", "exists", "verified", "entries", "expected"),
    [
        (False, False, False, 0, Need.NOTHING),  # not published yet
        (False, True, False, 5, Need.ADOPTING),
        (True, True, True, 7, Need.NOTHING),
        (True, True, False, 7, Need.COMPARING),  # Valkey was started again
        (True, True, False, 6, Need.RESTORING),  # it lost its last data
        (True, True, True, 6, Need.RESTORING),
        (True, True, True, 8, Need.ADOPTING),  # a place that is in no log
        (True, True, False, 0, Need.RESTORING),  # it was emptied, and the facts published again
        (True, False, False, 0, Need.RESTORING),  # it was emptied
    ],
)
def test_what_a_room_needs(kept, exists, verified, entries, expected):
    state = RoomState(exists, "a run", verified, entries, 0, 0, ())
    assert need_of(KeptRoom("dawn-serum", kept, 7, 0, None), state) is expected


def test_the_parts_of_a_room_are_those_that_its_scripts_wrote():
    whole = Whole(FACTS, Draw(SEED, 2, NOON), 2, NOON)
    ended, now = NOON - timedelta(minutes=20), NOON
    parts = parts_of(
        whole,
        [
            PersonPlaces(
                (EntryRecord(ONE, 0, ended, ended), EntryRecord(ONE, 2, NOON, None)), bought=False, decided=False
            ),
            PersonPlaces((EntryRecord(TWO, 1, ended, NOON),), bought=True, decided=True),
        ],
        now,
    )
    ms, before = 1_796_904_000_000, 1_796_902_800_000
    assert parts.entries == {str(ONE): f"0:{before}:{before};2:{ms}", str(TWO): f"1:{before}"}
    assert parts.admissions == {str(TWO): f"{ms}:{ms + 600_000}"}
    assert (parts.inside, parts.deciding, parts.bought, parts.returned) == ({}, {}, [str(TWO)], 1)
    assert sorted(parts.claims.values()) == [0, 1]
