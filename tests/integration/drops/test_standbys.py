"""Units that come back, on a real PostgreSQL: who gets them, and that none is free while somebody waits."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from marketday.drops.errors import DropClosed, NotOpen, OverLimit, SoldOut, UnknownDrop, UnknownItem, UnknownStandby
from marketday.drops.model import Drop, PaymentRequest, Reservation, Standby, StandbyState
from marketday.drops.postgres.standbys import PostgresStandbys
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.standbys import Standbys
from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG, Shop, request


@pytest.fixture
async def standbys(store: PostgresDropStore) -> Standbys:
    return Standbys(PostgresStandbys(store._database._pool))


async def hold_all(store: PostgresDropStore, units: int, *, sku: str = SKU) -> list[Reservation]:
    """Reserve each unit for another person."""
    answers = await store.reserve([request(sku=sku) for _ in range(units)])
    return [answer.reservation for answer in answers if answer.reservation]


async def in_line(standbys: Standbys, *positions: int, quantity: int = 1, sku: str = SKU) -> list[Standby]:
    """Put a new person in line for each of the positions, in this order of arrival."""
    return [await standbys.stand_by(SLUG, new_id(), position, sku, quantity) for position in positions]


async def states(shop: Shop) -> dict[int, bool]:
    rows = await shop.owner.fetch("SELECT position, waiting FROM standbys ORDER BY position")
    return {row["position"]: row["waiting"] for row in rows}


async def person_of(shop: Shop, standby: Standby) -> UUID:
    return UUID(str(await shop.value("SELECT person_id FROM standbys WHERE id = $1", standby.id)))


async def only(standbys: Standbys, person: UUID) -> Standby:
    (mine,) = await standbys.look(SLUG, person)
    return mine


async def test_a_released_unit_is_offered_to_the_lowest_position_and_never_free(
    shop: Shop, store: PostgresDropStore, standbys: Standbys
):
    await shop.drop(hold=120)
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    last, first, middle = await in_line(standbys, 30, 10, 20)
    # Ten came last and is first nevertheless; each sees how many are before them.
    people = [await person_of(shop, each) for each in (first, middle, last)]
    assert [(await only(standbys, each)).ahead for each in people] == [0, 1, 2]
    await store.release(held.id, held.person_id)
    assert await states(shop) == {10: False, 20: True, 30: True}
    offer = await only(standbys, people[0])
    assert (offer.state, offer.quantity, offer.ahead) == (StandbyState.OFFERED, 1, None)
    assert offer.reservation is not None
    held_for = "SELECT extract(epoch FROM reserved_until - created_at) FROM reservations WHERE id = $1"
    seconds = await shop.value(held_for, offer.reservation.id)
    assert round(float(seconds)) == 120
    # A robot that asks in the same moment gets what everyone gets.
    (robot,) = await store.reserve([request()])
    assert robot.outcome == "all_reserved"
    assert await shop.stock() == (1, 1, 0)
    assert await shop.broken_sums() == []
    assert await shop.value("SELECT count(*) FROM outbox WHERE kind = 'reservation.held'") == 2


async def test_an_offer_that_expires_goes_to_the_next_and_its_person_comes_after_those_who_had_none(
    shop: Shop, store: PostgresDropStore, standbys: Standbys
):
    await shop.drop()
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    first, second, third = await in_line(standbys, 1, 2, 3)
    person = await person_of(shop, first)
    await store.release(held.id, held.person_id)
    await shop.age()
    assert await store.expire_due() == 1
    assert await states(shop) == {1: False, 2: False, 3: True}
    assert (await only(standbys, person)).state is StandbyState.MISSED
    again = await standbys.stand_by(SLUG, person, 1, SKU, 1)
    assert (again.state, again.ahead, again.id) == (StandbyState.WAITING, 1, first.id)
    await shop.age()
    assert await store.expire_due() == 1
    assert await states(shop) == {1: True, 2: False, 3: False}
    assert (await only(standbys, await person_of(shop, third))).state is StandbyState.OFFERED
    assert (await only(standbys, await person_of(shop, second))).state is StandbyState.MISSED
    assert await shop.broken_sums() == []


async def test_an_offer_is_paid_like_any_reservation(shop: Shop, store: PostgresDropStore, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    (mine,) = await in_line(standbys, 0)
    person = await person_of(shop, mine)
    await store.release(held.id, held.person_id)
    offer = (await only(standbys, person)).reservation
    assert offer is not None
    (begun,) = await store.begin_payments([PaymentRequest(new_id(), offer.id, person, "pay", b"body")])
    assert begun.payment is not None
    assert (await store.confirm_payments([begun.payment.payment.id]))[0].order
    assert (await only(standbys, person)).state is StandbyState.BOUGHT
    assert await shop.stock() == (1, 0, 1)
    assert await shop.broken_sums() == []


async def test_many_units_go_to_as_many_as_they_serve_and_the_last_one_gets_a_part(
    shop: Shop, store: PostgresDropStore, standbys: Standbys
):
    await shop.drop()
    await shop.item(stock=5, limit=3)
    await hold_all(store, 5)
    await in_line(standbys, 4, 3, 2, 1, quantity=2)
    await shop.age()
    assert await store.expire_due() == 5
    rows = await shop.owner.fetch(
        "SELECT position, r.quantity FROM standbys JOIN reservations r ON r.id = reservation_id ORDER BY position"
    )
    assert [(row["position"], row["quantity"]) for row in rows] == [(1, 2), (2, 2), (3, 1)]
    assert await states(shop) == {1: False, 2: False, 3: False, 4: True}
    assert await shop.stock() == (5, 5, 0)
    assert await shop.broken_sums() == []


async def test_a_free_unit_is_offered_at_once(shop: Shop, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=1)
    (mine,) = await in_line(standbys, 9)
    assert mine.state is StandbyState.OFFERED
    assert await shop.stock() == (1, 1, 0)


async def test_asking_again_changes_nothing_but_the_quantity(shop: Shop, store: PostgresDropStore, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=2, limit=2)
    held = await hold_all(store, 2)
    person = new_id()
    first = await standbys.stand_by(SLUG, person, 5, SKU, 1)
    again = [await standbys.stand_by(SLUG, person, 5, SKU, quantity) for quantity in (1, 2)]
    assert {(each.id, each.asked_at) for each in again} == {(first.id, first.asked_at)}
    assert [each.quantity for each in again] == [1, 2]
    await store.release(held[0].id, held[0].person_id)
    offer = await standbys.stand_by(SLUG, person, 5, SKU, 1)
    assert (offer.state, offer.id) == (StandbyState.OFFERED, first.id)
    assert await shop.stock() == (2, 2, 0)
    assert await shop.value("SELECT count(*) FROM standbys") == 1


async def test_the_limit_counts_what_is_held_and_bought(shop: Shop, store: PostgresDropStore, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=3, limit=2)
    wish = request(quantity=1)
    await store.reserve([wish])
    held = await hold_all(store, 2)
    with pytest.raises(OverLimit):
        await standbys.stand_by(SLUG, wish.person_id, 0, SKU, 2)
    await standbys.stand_by(SLUG, wish.person_id, 0, SKU, 1)
    # Meanwhile the person reaches the limit in another way, so the offer goes to the next.
    await shop.owner.execute("UPDATE allowances SET limit_per_person = 1 WHERE person_id = $1", wish.person_id)
    await shop.owner.execute("UPDATE items SET limit_per_person = 1")
    await in_line(standbys, 7)
    await store.release(held[0].id, held[0].person_id)
    assert await states(shop) == {0: True, 7: False}


async def test_who_does_not_look_is_passed_over_and_keeps_the_place(
    shop: Shop, store: PostgresDropStore, standbys: Standbys
):
    await shop.drop()
    await shop.item(stock=3)
    held = await hold_all(store, 3)
    away, there, later = await in_line(standbys, 1, 2, 3)
    person = await person_of(shop, away)
    await shop.owner.execute("UPDATE standbys SET seen_at = seen_at - interval '91 seconds' WHERE position = 1")
    await store.release(held[0].id, held[0].person_id)
    assert await states(shop) == {1: True, 2: False, 3: True}
    assert (await only(standbys, await person_of(shop, later))).ahead == 0
    await standbys.look(SLUG, person)  # back again, and first again
    await store.release(held[1].id, held[1].person_id)
    assert await states(shop) == {1: False, 2: False, 3: True}
    assert (await only(standbys, await person_of(shop, there))).state is StandbyState.OFFERED


async def test_who_comes_back_finds_the_unit_that_nobody_took(shop: Shop, store: PostgresDropStore, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    (mine,) = await in_line(standbys, 1)
    await shop.owner.execute("UPDATE standbys SET seen_at = seen_at - interval '91 seconds'")
    await store.release(held.id, held.person_id)
    assert await shop.stock() == (1, 0, 0)
    assert (await only(standbys, await person_of(shop, mine))).state is StandbyState.OFFERED


async def test_who_leaves_gets_nothing_and_can_come_back(shop: Shop, store: PostgresDropStore, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    (mine,) = await in_line(standbys, 1)
    person = await person_of(shop, mine)
    for _ in range(2):
        await standbys.leave(mine.id, person)
    assert await standbys.look(SLUG, person) == []
    await store.release(held.id, held.person_id)
    assert await shop.stock() == (1, 0, 0)
    assert (await standbys.stand_by(SLUG, person, 1, SKU, 1)).state is StandbyState.OFFERED
    with pytest.raises(UnknownStandby):
        await standbys.leave(mine.id, new_id())


@pytest.mark.parametrize(
    ("opens", "closes", "refusal"), [(60, 120, NotOpen), (-7200, -3600, DropClosed), (-120, -400, UnknownItem)]
)
async def test_nobody_gets_in_line_before_the_opening_or_after_the_last_offer(
    shop: Shop, standbys: Standbys, opens: int, closes: int, refusal: type[Exception]
):
    if refusal is UnknownItem:
        await shop.drop()
    else:
        await shop.drop(opens=opens, closes=closes)
        await shop.item()
    with pytest.raises(refusal):
        await standbys.stand_by(SLUG, new_id(), 0, SKU, 1)
    with pytest.raises(UnknownDrop):
        await standbys.stand_by("another", new_id(), 0, SKU, 1)


async def test_when_everything_is_sold_nobody_waits(shop: Shop, store: PostgresDropStore, standbys: Standbys):
    await shop.drop()
    await shop.item(stock=1)
    await hold_all(store, 1)
    (mine,) = await in_line(standbys, 1)
    await shop.owner.execute("UPDATE stock SET reserved = 0, sold = 1")
    assert (await only(standbys, await person_of(shop, mine))).state is StandbyState.SOLD_OUT
    with pytest.raises(SoldOut):
        await standbys.stand_by(SLUG, new_id(), 0, SKU, 1)


async def close_drop(shop: Shop, seconds_ago: float) -> None:
    moment = timedelta(seconds=seconds_ago)
    await shop.owner.execute("UPDATE drops SET closes_at = clock_timestamp() - $1::interval", moment)


@pytest.mark.parametrize(
    ("seconds_ago", "offered_for"),
    [(0, 80), (40, 60), (99, 30), (128, 30), (131, None), (3600, None)],
)
async def test_units_held_at_the_close_are_offered_until_a_minute_after_the_last_reservation_expires(
    shop: Shop, store: PostgresDropStore, standbys: Standbys, seconds_ago: int, offered_for: int | None
):
    await shop.drop(opens=-7200, hold=100)
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    (mine,) = await in_line(standbys, 1)
    person = await person_of(shop, mine)
    await close_drop(shop, seconds_ago)
    await store.release(held.id, held.person_id)
    found = await only(standbys, person)
    if offered_for is None:
        assert (found.state, await shop.stock()) == (StandbyState.CLOSED, (1, 0, 0))
        with pytest.raises(DropClosed):
            await in_line(standbys, 0)
        return
    assert found.state is StandbyState.OFFERED
    seconds = await shop.value(
        "SELECT extract(epoch FROM reserved_until - created_at) FROM reservations WHERE state = 'held'"
    )
    assert float(seconds) == pytest.approx(offered_for, abs=1)
    (late,) = await in_line(standbys, 0)  # who was admitted before the close and comes now may still wait
    assert late.state is StandbyState.WAITING


@pytest.mark.parametrize("hold", [5, 6, 10, 19, 20, 21, 30, 60, 300, 3600])
async def test_the_page_and_the_database_agree_on_the_last_offer(shop: Shop, hold: int):
    closes = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
    drop = Drop(SLUG, "", "", closes, closes - timedelta(hours=1), closes, hold, 600, {})
    moments = [drop.last_offer_at + timedelta(milliseconds=more) for more in (-1, 0, 1)]
    statement = "SELECT offered_until($1, $2, $3)"
    found = [await shop.value(statement, moment, closes, hold) for moment in moments]
    assert [each is not None for each in found] == [True, True, False]
    first = await shop.value(statement, closes, closes, hold)
    assert timedelta(seconds=min(hold, 30)) <= first - closes <= timedelta(seconds=hold)


async def test_a_killed_transaction_leaves_unit_and_line_as_they_were(
    shop: Shop, store: PostgresDropStore, standbys: Standbys
):
    """The unit comes back and is offered in one transaction: there is no moment between."""
    await shop.drop()
    await shop.item(stock=1)
    (held,) = await hold_all(store, 1)
    await in_line(standbys, 1)
    transaction = shop.owner.transaction()
    await transaction.start()
    await shop.owner.execute("SELECT release_reservation($1, $2)", held.id, held.person_id)
    assert await states(shop) == {1: False}
    await transaction.rollback()
    assert await states(shop) == {1: True}
    assert await shop.stock() == (1, 1, 0)
    assert await shop.broken_sums() == []


async def test_an_offer_needs_no_other_right_than_the_store_and_the_worker_have(
    shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore, standbys: Standbys
):
    await shop.drop()
    await shop.item(stock=2)
    held = await hold_all(store, 2)
    await in_line(standbys, 1, 2)
    await store.release(held[0].id, held[0].person_id)
    await shop.owner.execute(
        "UPDATE reservations SET reserved_until = now() - interval '1 s' WHERE id = $1", held[1].id
    )
    assert await worker_store.expire_due() == 1
    assert await states(shop) == {1: False, 2: False}


async def test_ids_of_offers_are_in_the_order_of_creation(shop: Shop):
    made = [await shop.value("SELECT id_at(clock_timestamp())") for _ in range(3)]
    assert [UUID(str(each)).version for each in made] == [7, 7, 7]
    before = await shop.value("SELECT id_at(clock_timestamp() - interval '1 s')")
    assert str(before) < str(min(made, key=str))
