"""What every store of rooms has to do: the one in memory and the one in Valkey pass the same tests."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from marketday.catalog.stock import StockState
from marketday.kit.ids import new_id
from marketday.waitingroom.errors import UnknownDrop
from marketday.waitingroom.model import Board, Draw, EntryRecord, Facts
from marketday.waitingroom.ports import RoomStore


async def joined(rooms: RoomStore, facts: Facts, count: int) -> list[UUID]:
    people = [new_id() for _ in range(count)]
    for person in people:
        await rooms.join(facts.slug, person, facts.room_opens_at)
    return people


async def register(rooms: RoomStore, slug: str) -> dict[UUID, EntryRecord]:
    return {record.person_id: record async for portion in rooms.entries(slug) for record in portion}


async def test_a_published_drop_is_told_again_and_a_forgotten_one_is_gone(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    assert await rooms.facts(facts.slug) == facts
    assert await rooms.slugs() == [facts.slug]
    await joined(rooms, facts, 3)
    await rooms.forget_drop(facts.slug)
    await rooms.forget_drop(facts.slug)
    assert await rooms.slugs() == []
    assert await register(rooms, facts.slug) == {}
    await rooms.publish_drop(facts)
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).entries == 0


async def test_publishing_again_keeps_the_entries(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    await joined(rooms, facts, 3)
    later = replace(facts, closes_at=facts.closes_at + timedelta(hours=1))
    await rooms.publish_drop(later)
    room = await rooms.snapshot(facts.slug, facts.opens_at)
    assert (room.facts, room.entries) == (later, 3)


async def test_an_unknown_drop_is_refused_and_nothing_of_it_is_kept(rooms: RoomStore, facts: Facts) -> None:
    now, person, slug = facts.opens_at, new_id(), "no-such-drop"
    for call in (
        rooms.facts(slug),
        rooms.join(slug, person, now),
        rooms.standing(slug, person, now),
        rooms.snapshot(slug, now),
        rooms.open(slug, bytes(32), now),
        rooms.admit(slug, person, 0, now, now),
        rooms.call(slug, 1, now),
        rooms.flow(slug, now, grace_seconds=1, deciding_seconds=1, window_seconds=1),
        rooms.write_board(slug, Board()),
    ):
        with pytest.raises(UnknownDrop):
            await call
    await rooms.leave(slug, [person])
    await rooms.publish_drop(replace(facts, slug=slug))
    room = await rooms.snapshot(slug, now)
    assert (room.entries, room.inside, room.serving_number, room.draw) == (0, 0, 0, None)


async def test_the_index_is_the_order_of_arrival_and_asking_again_changes_nothing(
    rooms: RoomStore, facts: Facts
) -> None:
    await rooms.publish_drop(facts)
    people = await joined(rooms, facts, 5)
    later = facts.room_opens_at + timedelta(minutes=5)
    again = [await rooms.join(facts.slug, person, later) for person in people]
    assert [each.entry.index for each in again] == [0, 1, 2, 3, 4]
    assert {each.entry.joined_at for each in again} == {facts.room_opens_at}
    assert not any(each.first for each in again)


async def test_two_hundred_of_the_same_join_at_once_are_one_entry(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    person = new_id()
    answers = await asyncio.gather(*(rooms.join(facts.slug, person, facts.room_opens_at) for _ in range(200)))
    assert {answer.entry.index for answer in answers} == {0}
    assert sum(answer.first for answer in answers) == 1
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).entries == 1


async def test_many_at_once_get_every_index_once(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    answers = await asyncio.gather(*(rooms.join(facts.slug, new_id(), facts.room_opens_at) for _ in range(300)))
    assert sorted(answer.entry.index for answer in answers) == list(range(300))


async def test_the_draw_is_published_once(rooms: RoomStore, facts: Facts, seed: bytes) -> None:
    await rooms.publish_drop(facts)
    people = await joined(rooms, facts, 4)
    first = await rooms.open(facts.slug, seed, facts.opens_at)
    await joined(rooms, facts, 2)
    again = await rooms.open(facts.slug, bytes(32), facts.opens_at + timedelta(seconds=9))
    assert first == again == Draw(seed, 4, facts.opens_at)
    assert (await rooms.join(facts.slug, people[0], facts.opens_at)).draw == first
    assert (await rooms.standing(facts.slug, people[0], facts.opens_at)).room.draw == first


async def test_who_joins_while_it_opens_is_either_in_the_draw_or_behind_it(
    rooms: RoomStore, facts: Facts, seed: bytes
) -> None:
    await rooms.publish_drop(facts)
    joins = [rooms.join(facts.slug, new_id(), facts.opens_at) for _ in range(100)]
    openings = [rooms.open(facts.slug, seed, facts.opens_at) for _ in range(3)]
    answers = await asyncio.gather(*joins[:50], *openings, *joins[50:])
    draws = {answer.cohort for answer in answers if isinstance(answer, Draw)}
    assert len(draws) == 1
    for answer in answers:
        if not isinstance(answer, Draw) and answer.draw is None:
            assert answer.entry.index < max(draws)


async def test_a_cohort_on_record_is_taken_over(rooms: RoomStore, facts: Facts, seed: bytes) -> None:
    await rooms.publish_drop(facts)
    assert (await rooms.open(facts.slug, seed, facts.opens_at, cohort=7)).cohort == 7


async def test_an_entry_is_exchanged_once(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    (person,) = await joined(rooms, facts, 1)
    until = facts.opens_at + timedelta(minutes=10)
    answers = await asyncio.gather(
        *(rooms.admit(facts.slug, person, 0, facts.opens_at, until + timedelta(seconds=number)) for number in range(50))
    )
    assert len({admitted for admitted, _ in answers}) == 1
    assert sum(first for _, first in answers) == 1
    standing = await rooms.standing(facts.slug, person, facts.opens_at)
    assert standing.admitted == answers[0][0]
    assert (standing.room.admitted, standing.room.inside) == (1, 1)


async def test_inside_are_those_whose_time_runs_and_who_did_not_leave(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    now = facts.opens_at
    people = await joined(rooms, facts, 3)
    for position, person in enumerate(people):
        await rooms.admit(facts.slug, person, position, now, now + timedelta(seconds=60 * (position + 1)))
    assert (await rooms.snapshot(facts.slug, now)).inside == 3
    assert (await rooms.snapshot(facts.slug, now + timedelta(seconds=60))).inside == 2
    await rooms.leave(facts.slug, [people[1], people[1], new_id()])
    await rooms.leave(facts.slug, [])
    assert (await rooms.snapshot(facts.slug, now + timedelta(seconds=60))).inside == 1
    await rooms.call(facts.slug, 1, now + timedelta(seconds=60))
    assert (await rooms.snapshot(facts.slug, now)).inside == 1, "an expired admission stays removed"
    assert (await rooms.snapshot(facts.slug, now)).admitted == 3


async def test_the_serving_number_never_goes_back(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    assert await rooms.call(facts.slug, 5, facts.opens_at) == 5
    assert await rooms.call(facts.slug, 3, facts.opens_at) == 5
    numbers = await asyncio.gather(*(rooms.call(facts.slug, number, facts.opens_at) for number in (9, 7, 12, 1)))
    assert max(numbers) == 12
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).serving_number == 12


async def test_the_flow_tells_who_was_called_came_and_decides(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    start = facts.opens_at
    people = await joined(rooms, facts, 10)

    def at(seconds: int) -> timedelta:
        return start + timedelta(seconds=seconds)  # type: ignore[return-value]

    flow = await rooms.flow(facts.slug, start, grace_seconds=20, deciding_seconds=30, window_seconds=10)
    assert (flow.called_before_grace, flow.last_called_at, flow.called_in_window) == (0, None, 0)
    await rooms.call(facts.slug, 4, at(0))
    await rooms.call(facts.slug, 8, at(25))
    for position, seconds in ((0, 2), (5, 26)):
        until = at(seconds + facts.admission_seconds)
        await rooms.admit(facts.slug, people[position], position, at(seconds), until)
    flow = await rooms.flow(facts.slug, at(40), grace_seconds=20, deciding_seconds=30, window_seconds=20)
    assert flow.called_before_grace == 4
    assert flow.came_within_grace == 1
    assert flow.deciding == 1
    await rooms.decided(facts.slug, [people[5]])
    flow = await rooms.flow(facts.slug, at(40), grace_seconds=20, deciding_seconds=60, window_seconds=20)
    assert flow.deciding == 1, "who holds a reservation has decided; who came first still decides for a minute"
    await rooms.leave(facts.slug, [people[0]])
    flow = await rooms.flow(facts.slug, at(40), grace_seconds=20, deciding_seconds=60, window_seconds=20)
    assert flow.deciding == 0
    assert flow.last_called_at == at(25)
    assert flow.called_in_window == 4


async def test_the_board_is_what_was_written_last(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).board == Board()
    board = Board(StockState.ALL_RESERVED, left=0, rate_per_second=12.5)
    await rooms.write_board(facts.slug, Board(StockState.AVAILABLE, left=3, rate_per_second=0.0))
    await rooms.write_board(facts.slug, board)
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).board == board


async def test_the_register_has_everyone(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    people = await joined(rooms, facts, 2500)
    await rooms.admit(facts.slug, people[7], 0, facts.opens_at, facts.closes_at)
    records = await register(rooms, facts.slug)
    assert {person: record.index for person, record in records.items()} == {
        person: index for index, person in enumerate(people)
    }
    admitted = [person for person, record in records.items() if record.admitted_at is not None]
    assert admitted == [people[7]]
    assert records[people[7]].admitted_at == facts.opens_at


async def test_rooms_do_not_know_each_other(rooms: RoomStore, facts: Facts) -> None:
    other = replace(facts, slug="smoke-01234567")
    await rooms.publish_drop(facts)
    await rooms.publish_drop(other)
    await joined(rooms, facts, 2)
    await joined(rooms, other, 1)
    await rooms.forget_drop(other.slug)
    assert (await rooms.snapshot(facts.slug, facts.opens_at)).entries == 2
    assert await rooms.slugs() == [facts.slug]


async def test_it_answers(rooms: RoomStore) -> None:
    await rooms.ping()


async def test_whoever_joins_again_stands_behind_everyone(rooms: RoomStore, facts: Facts, seed: bytes) -> None:
    await rooms.publish_drop(facts)
    people = await joined(rooms, facts, 4)
    await rooms.open(facts.slug, seed, facts.opens_at)
    over = facts.opens_at + timedelta(minutes=10)
    admitted, _ = await rooms.admit(facts.slug, people[1], 0, facts.opens_at, over)
    again = await rooms.rejoin(facts.slug, people[1], admitted, over)
    assert (again.entry.index, again.entry.turn, again.entry.joined_at, again.first) == (4, 2, over, True)
    assert (await rooms.join(facts.slug, new_id(), over)).entry.index == 5
    standing = await rooms.standing(facts.slug, people[1], over)
    assert (standing.entry, standing.admitted) == (again.entry, None)
    assert (standing.room.entries, standing.room.admitted) == (6, 1)


async def test_joining_again_many_times_at_once_is_one_place(rooms: RoomStore, facts: Facts, seed: bytes) -> None:
    await rooms.publish_drop(facts)
    [person] = await joined(rooms, facts, 1)
    await rooms.open(facts.slug, seed, facts.opens_at)
    over = facts.opens_at + timedelta(minutes=10)
    admitted, _ = await rooms.admit(facts.slug, person, 0, facts.opens_at, over)
    places = await asyncio.gather(*(rooms.rejoin(facts.slug, person, admitted, over) for _ in range(50)))
    assert {place.entry.index for place in places} == {1}
    assert sum(place.first for place in places) == 1


async def test_the_register_has_a_line_for_every_place(rooms: RoomStore, facts: Facts, seed: bytes) -> None:
    await rooms.publish_drop(facts)
    people = await joined(rooms, facts, 3)
    await rooms.open(facts.slug, seed, facts.opens_at)
    moments = [facts.opens_at + timedelta(minutes=minutes) for minutes in range(4)]
    for turn in range(2):
        admitted, _ = await rooms.admit(facts.slug, people[0], turn, moments[turn], moments[turn + 1])
        await rooms.rejoin(facts.slug, people[0], admitted, moments[turn + 1])
    lines = [line async for portion in rooms.entries(facts.slug) for line in portion]
    assert sorted(line.index for line in lines) == [0, 1, 2, 3, 4]
    mine = sorted((line.index, line.joined_at, line.admitted_at) for line in lines if line.person_id == people[0])
    assert mine == [
        (0, facts.room_opens_at, moments[0]),
        (3, moments[1], moments[1]),
        (4, moments[2], None),
    ]
    room = await rooms.snapshot(facts.slug, moments[2])
    assert (room.entries, room.admitted) == (len(lines), sum(line.admitted_at is not None for line in lines))


async def test_who_has_bought_is_remembered(rooms: RoomStore, facts: Facts) -> None:
    await rooms.publish_drop(facts)
    buyer, other = await joined(rooms, facts, 2)
    await rooms.leave(facts.slug, [buyer])
    found = [(await rooms.standing(facts.slug, person, facts.opens_at)).bought for person in (buyer, other)]
    assert found == [True, False]
    await rooms.forget_drop(facts.slug)
    await rooms.leave(facts.slug, [other])
    await rooms.publish_drop(facts)
    assert not (await rooms.standing(facts.slug, other, facts.opens_at)).bought
