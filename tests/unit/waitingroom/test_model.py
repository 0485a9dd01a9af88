from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.catalog.stock import StockState, stock_state
from marketday.kit.moments import from_milliseconds, to_milliseconds, to_text
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.errors import AdmissionExpired, DropClosed, NotYetServed, RoomNotOpen, SoldOut
from marketday.waitingroom.model import (
    Admitted,
    Board,
    Draw,
    Entry,
    Facts,
    RoomPhase,
    Snapshot,
    Standing,
    is_served,
    may_rejoin,
    phase,
    position_of,
    require_admissible,
    require_room_open,
)

OPENS = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)
SEED = bytes(range(32))
FACTS = Facts(
    slug="dawn-serum",
    room_opens_at=OPENS - timedelta(minutes=30),
    opens_at=OPENS,
    closes_at=OPENS + timedelta(hours=1),
    admission_seconds=600,
    commitment=commitment(SEED),
)
DRAW = Draw(SEED, cohort=10, published_at=OPENS)
ROOM = Snapshot(FACTS, DRAW, Board(), serving_number=5, entries=20, admitted=2, inside=2)


@pytest.mark.parametrize(
    ("minutes", "published", "expected"),
    [
        (-31, False, RoomPhase.UPCOMING),
        (-30, False, RoomPhase.WAITING),
        (-1, False, RoomPhase.WAITING),
        (0, False, RoomPhase.WAITING),
        (0, True, RoomPhase.OPEN),
        (59, True, RoomPhase.OPEN),
        (60, True, RoomPhase.CLOSED),
        (60, False, RoomPhase.CLOSED),
    ],
)
def test_phases(minutes: int, published: bool, expected: RoomPhase) -> None:  # noqa: FBT001
    assert phase(FACTS, draw_published=published, now=OPENS + timedelta(minutes=minutes)) is expected


def test_one_can_join_from_the_rooms_opening_to_the_drops_closing() -> None:
    require_room_open(FACTS, FACTS.room_opens_at)
    require_room_open(FACTS, FACTS.closes_at - timedelta(milliseconds=1))
    with pytest.raises(RoomNotOpen):
        require_room_open(FACTS, FACTS.room_opens_at - timedelta(milliseconds=1))
    with pytest.raises(DropClosed):
        require_room_open(FACTS, FACTS.closes_at)


def test_the_drawn_come_first_and_the_later_ones_behind_them_in_order() -> None:
    assert position_of(0, None) is None
    assert sorted(position_of(index, DRAW) or 0 for index in range(10)) == list(range(10))
    assert [position_of(index, DRAW) for index in range(10, 14)] == [10, 11, 12, 13]


def test_an_empty_cohort_is_first_come_first_served() -> None:
    assert [position_of(index, replace(DRAW, cohort=0)) for index in range(3)] == [0, 1, 2]


@given(position=st.integers(0, 100), serving=st.integers(0, 100))
def test_served_is_below_the_serving_number(position: int, serving: int) -> None:
    assert is_served(position, serving) == (position < serving)
    assert not is_served(None, serving)


def standing(position: int, admitted: Admitted | None = None, room: Snapshot = ROOM) -> Standing:
    index = next(index for index in range(20) if position_of(index, DRAW) == position)
    return Standing(room, Entry(index, OPENS), admitted)


def test_the_called_may_come_and_the_others_learn_where_they_stand() -> None:
    require_admissible(standing(4), OPENS)
    with pytest.raises(NotYetServed) as refusal:
        require_admissible(standing(5), OPENS)
    assert refusal.value.extra == {"position": 5, "serving_number": 5}


def test_before_the_draw_nobody_may_come() -> None:
    with pytest.raises(NotYetServed):
        require_admissible(standing(0, room=replace(ROOM, draw=None)), OPENS)


def test_an_admission_is_told_again_until_it_ends_even_when_all_is_sold() -> None:
    admitted = Admitted(OPENS, OPENS + timedelta(minutes=10))
    sold_out = replace(ROOM, board=Board(stock=StockState.SOLD_OUT))
    require_admissible(standing(0, admitted, sold_out), OPENS)
    with pytest.raises(AdmissionExpired):
        require_admissible(standing(0, admitted), admitted.expires_at)
    with pytest.raises(SoldOut):
        require_admissible(standing(0, room=sold_out), OPENS)


def test_after_closing_nobody_may_come() -> None:
    with pytest.raises(DropClosed):
        require_admissible(standing(0, Admitted(OPENS, OPENS + timedelta(hours=9))), FACTS.closes_at)


def test_what_is_held_may_come_back_and_what_is_sold_may_not() -> None:
    assert stock_state(left=1, reserved=0) is StockState.AVAILABLE
    assert stock_state(left=0, reserved=1) is StockState.ALL_RESERVED
    assert stock_state(left=0, reserved=0) is StockState.SOLD_OUT


def test_waiting_are_those_who_were_not_called() -> None:
    assert ROOM.waiting == 15
    assert replace(ROOM, entries=3).waiting == 0


@given(st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_survives_to_the_millisecond(moment: datetime) -> None:
    again = from_milliseconds(to_milliseconds(moment))
    assert timedelta(0) <= moment - again < timedelta(milliseconds=1)
    assert datetime.fromisoformat(to_text(again)) == again


def test_moments_are_written_in_utc_with_milliseconds() -> None:
    assert to_text(OPENS) == "2026-12-10T11:00:00.000Z"


@pytest.mark.parametrize(
    ("changes", "turn", "bought", "minutes", "may"),
    [
        ({}, 1, False, 10, True),
        ({}, 1, False, 9.99, False),  # the admission still runs
        ({}, 1, True, 10, False),
        ({}, 2, False, 10, True),
        ({}, 3, False, 10, False),  # as often as the drop says
        ({"board": Board(StockState.ALL_RESERVED)}, 1, False, 10, True),  # what is held may come back
        ({"board": Board(StockState.SOLD_OUT)}, 1, False, 10, False),
        ({"facts": replace(FACTS, rejoins=0)}, 1, False, 10, False),
        ({}, 1, False, 60, False),  # closed
    ],
)
def test_whose_admission_expired_without_a_purchase_may_join_again(changes, turn, bought, minutes, may):
    room = replace(ROOM, **{"facts": replace(FACTS, rejoins=2)} | changes)
    admitted = Admitted(OPENS, OPENS + timedelta(minutes=10))
    standing = Standing(room, Entry(3, OPENS, turn), admitted, bought)
    assert may_rejoin(standing, OPENS + timedelta(minutes=minutes)) is may
    assert not may_rejoin(replace(standing, admitted=None), OPENS + timedelta(minutes=minutes))
