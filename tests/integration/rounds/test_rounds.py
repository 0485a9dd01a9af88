"""Each of the worker's turns on real servers, broken off in the middle and repeated."""

from dataclasses import replace

import pytest

from marketday.catalog.stock import StockState
from marketday.kit.ids import new_id
from marketday.rounds.drops import DropRounds
from marketday.testing.clock import FakeClock
from marketday.waitingroom.errors import ForeignSeed, RoomUnavailable

from .conftest import SEED, Plane


async def recorded(plane: Plane, slug: str = "dawn-serum") -> tuple[int | None, bool]:
    row = await plane.owner.fetchrow("SELECT cohort, published_at FROM draws WHERE drop_slug = $1", slug)
    assert row is not None
    return row["cohort"], row["published_at"] is not None


async def test_the_draw_is_published_at_its_time_and_put_on_record(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell(opens_in=60)
    await plane.crowd(facts, 5)
    await rounds.publish_draws()
    assert await recorded(plane) == (None, False)
    assert (await plane.rooms.snapshot(facts.slug, clock.now())).draw is None
    clock.advance(61)
    await rounds.publish_draws()
    draw = (await plane.rooms.snapshot(facts.slug, clock.now())).draw
    assert draw is not None
    assert (draw.seed, draw.cohort) == (SEED, 5)
    assert await recorded(plane) == (5, True)


async def test_killed_between_record_and_room_it_goes_on_with_the_same_draw(
    plane: Plane, rounds: DropRounds, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = await plane.sell()
    await plane.crowd(facts, 5)
    clock.advance(1)
    with monkeypatch.context() as broken:

        async def die(*_: object) -> None:
            raise RoomUnavailable("killed here")

        broken.setattr(plane.rooms, "open", die)
        with pytest.raises(RoomUnavailable):
            await rounds.publish_draws()
    assert await recorded(plane) == (5, True), "in the database before anyone can see it"
    await plane.crowd(facts, 3)
    await rounds.publish_draws()
    draw = (await plane.rooms.snapshot(facts.slug, clock.now())).draw
    assert draw is not None
    assert draw.cohort == 5
    assert draw.published_at == await plane.owner.fetchval("SELECT published_at FROM draws")


async def test_a_draw_waits_until_the_places_of_everyone_in_it_are_recorded(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell()
    await plane.crowd(facts, 5)
    await plane.crowd(facts, 3, recorded=False)
    clock.advance(1)
    await rounds.publish_draws()
    assert await recorded(plane) == (None, False)
    await plane.crowd(facts, 2)
    await rounds.publish_draws()
    assert await recorded(plane) == (8, True), "those who were there at the first try"


async def test_a_room_that_lost_its_draw_gets_the_recorded_one(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell()
    await plane.crowd(facts, 2)
    clock.advance(1)
    await rounds.publish_draws()
    await plane.rooms.forget_drop(facts.slug)
    await plane.rooms.publish_drop(facts)
    await rounds.publish_draws()
    draw = (await plane.rooms.snapshot(facts.slug, clock.now())).draw
    assert draw is not None
    assert draw.cohort == 2


async def test_a_seed_that_was_not_committed_to_is_never_drawn_with(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell()
    other = await plane.sell("smoke-01234567")
    await plane.rooms.publish_drop(replace(facts, commitment=bytes(32)))
    clock.advance(1)
    with pytest.raises(ForeignSeed):
        await rounds.publish_draws()
    assert (await plane.rooms.snapshot(facts.slug, clock.now())).draw is None
    assert (await plane.rooms.snapshot(other.slug, clock.now())).draw is not None, "the others get theirs"


async def test_a_drop_whose_room_is_not_published_yet_is_passed_over(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell()
    await plane.rooms.forget_drop(facts.slug)
    clock.advance(1)
    for turn in (rounds.publish_draws, rounds.call_people, rounds.write_boards, rounds.relay_outbox):
        await turn()
    await plane.recorder.turn()
    assert await plane.rooms.slugs() == []


async def test_people_are_called_up_to_the_drops_rate_and_no_more_than_fit_inside(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell(admissions_per_second=10, inside=25)
    await plane.crowd(facts, 100)
    clock.advance(1)
    await rounds.call_people()
    await rounds.publish_draws()
    called = []
    for _ in range(5):
        clock.advance(1)
        await rounds.call_people()
        called.append((await plane.rooms.snapshot(facts.slug, clock.now())).serving_number)
    assert called == [6, 13, 21, 25, 25]


async def test_who_does_not_come_makes_room_for_the_next(plane: Plane, rounds: DropRounds, clock: FakeClock) -> None:
    facts = await plane.sell(admissions_per_second=50, inside=25)
    await plane.crowd(facts, 100)
    clock.advance(1)
    await rounds.publish_draws()
    clock.advance(1)
    await rounds.call_people()
    clock.advance(10)
    await rounds.call_people()
    assert (await plane.rooms.snapshot(facts.slug, clock.now())).serving_number == 25
    clock.advance(15)
    await rounds.call_people()
    assert (await plane.rooms.snapshot(facts.slug, clock.now())).serving_number == 50


async def test_while_all_is_reserved_so_many_are_called_as_may_be_needed_for_what_comes_back(
    plane: Plane, rounds: DropRounds, clock: FakeClock
) -> None:
    facts = await plane.sell(stock=2)
    people = await plane.crowd(facts, 10)
    clock.advance(1)
    await rounds.publish_draws()
    await plane.stock(facts.slug, reserved=2, sold=0)

    async def called() -> int:
        clock.advance(60)  # those who were called and did not come count no more
        await rounds.call_people()
        return (await plane.rooms.snapshot(facts.slug, clock.now())).serving_number

    assert await called() == 2  # for a part of what is held, and some more
    statement = "SELECT outcome FROM stand_by($1, $2, 'A', $3, 1, 0)"
    assert await plane.owner.fetchval(statement, new_id(), facts.slug, people[0]) == "waiting"
    assert await called() == 2  # somebody stands by, which is enough
    await plane.stock(facts.slug, reserved=1, sold=0)
    assert await plane.owner.fetchval("SELECT reserved FROM stock") == 2, "the unit that came back was offered"
    assert await called() == 4  # now nobody stands by
    await plane.stock(facts.slug, reserved=0, sold=2)
    assert await called() == 4


@pytest.mark.parametrize(
    ("reserved", "sold", "expected", "left"),
    [(0, 0, StockState.AVAILABLE, 2), (1, 1, StockState.ALL_RESERVED, 0), (0, 2, StockState.SOLD_OUT, 0)],
)
async def test_the_board_tells_the_stock(
    plane: Plane, rounds: DropRounds, clock: FakeClock, reserved: int, sold: int, expected: StockState, left: int
) -> None:
    facts = await plane.sell(stock=2)
    await plane.stock(facts.slug, reserved=reserved, sold=sold)
    clock.advance(1)
    await rounds.write_boards()
    board = (await plane.rooms.snapshot(facts.slug, clock.now())).board
    assert (board.stock, board.left) == (expected, left)


async def test_the_board_tells_how_fast_people_are_called(plane: Plane, rounds: DropRounds, clock: FakeClock) -> None:
    facts = await plane.sell(admissions_per_second=10)
    await plane.crowd(facts, 100)
    clock.advance(1)
    await rounds.publish_draws()
    for _ in range(4):
        clock.advance(1)
        await rounds.call_people()
    await rounds.write_boards()
    board = (await plane.rooms.snapshot(facts.slug, clock.now())).board
    assert 4 <= board.rate_per_second <= 10


async def test_an_order_makes_room_and_is_told_once(plane: Plane, rounds: DropRounds, clock: FakeClock) -> None:
    facts = await plane.sell()
    people = await plane.crowd(facts, 3)
    for position, person in enumerate(people):
        await plane.rooms.admit(facts.slug, person, position, clock.now(), facts.closes_at)
    for person, kind in zip(people, ("order.confirmed", "reservation.held", "reservation.expired"), strict=True):
        await plane.owner.execute(
            "INSERT INTO outbox (drop_slug, kind, person_id) VALUES ($1, $2, $3)", facts.slug, kind, person
        )
    await rounds.relay_outbox()
    assert (await plane.rooms.snapshot(facts.slug, clock.now())).inside == 2
    flow = await plane.rooms.flow(facts.slug, clock.now(), grace_seconds=9, deciding_seconds=9, window_seconds=9)
    assert flow.deciding == 1, "an order and a reservation are decisions, an expiry is none"
    assert await plane.owner.fetchval("SELECT count(*) FROM outbox WHERE relayed_at IS NULL") == 0


async def test_every_place_and_admission_stands_in_the_register(plane: Plane) -> None:
    facts = await plane.sell(closes_in=60)
    people = await plane.crowd(facts, 1500)
    await plane.rooms.admit(facts.slug, people[3], 0, facts.opens_at, facts.closes_at)
    await plane.recorder.turn()
    rows = await plane.owner.fetch("SELECT person_id, index, admitted_at FROM entries ORDER BY index")
    assert [row["index"] for row in rows] == list(range(1500))
    assert {row["person_id"] for row in rows} == set(people)
    assert [row["person_id"] for row in rows if row["admitted_at"]] == [people[3]]


async def test_stock_that_was_held_too_long_comes_back(plane: Plane, rounds: DropRounds) -> None:
    facts = await plane.sell(stock=5)
    await plane.owner.execute("INSERT INTO allowances VALUES ($1, 'A', $2, 1, 9)", facts.slug, person := new_id())
    await plane.stock(facts.slug, reserved=1, sold=0)
    await plane.owner.execute(
        "INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state,"
        " reserved_until, idempotency_key, fingerprint) VALUES"
        " ($1, $2, 'A', $3, 1, 1000, 'KRW', 'held', now() - interval '1 s', 'k', '')",
        *(new_id(), facts.slug, person),
    )
    await rounds.expire_reservations()
    await rounds.settle_payments()
    assert await plane.owner.fetchval("SELECT reserved FROM stock") == 0
