"""One batch at a time: each outcome, each boundary, and what it leaves in the tables."""

import pytest

from marketday.drops.postgres.store import PostgresDropStore
from marketday.kit.ids import new_id
from marketday.testing.drops import SLUG, Shop, request


async def outcomes(store: PostgresDropStore, *requests) -> list[str]:
    return [answer.outcome for answer in await store.reserve(requests)]


async def test_a_reservation_holds_stock_until_its_time(shop: Shop, store: PostgresDropStore):
    await shop.drop(hold=120)
    await shop.item()
    wish = request(quantity=2)
    (answer,) = await store.reserve([wish])
    held = answer.reservation
    assert held is not None
    assert (held.id, held.state, held.total_minor, held.currency) == (wish.reservation_id, "held", 64_000, "KRW")
    seconds = await shop.value("SELECT extract(epoch FROM reserved_until - created_at) FROM reservations")
    assert round(float(seconds)) == 120
    assert await shop.stock() == (10, 2, 0)
    assert await shop.value("SELECT taken FROM allowances") == 2
    assert await shop.value("SELECT kind FROM outbox") == "reservation.held"
    assert await shop.broken_sums() == []


async def test_a_batch_never_sells_more_than_there_is(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=5)
    wishes = [request(quantity=2) for _ in range(4)] + [request(quantity=1)]
    # First come, first served, by a running sum: the last one fits where the third did not.
    expected = ["reserved", "reserved", "all_reserved", "all_reserved", "reserved"]
    assert await outcomes(store, *wishes) == expected
    assert await shop.stock() == (5, 5, 0)


async def test_the_limit_counts_quantities_across_a_batch_and_across_batches(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(limit=3)
    person = new_id()
    first = await outcomes(store, *(request(person, quantity=quantity) for quantity in (2, 2, 1, 1)))
    assert first == ["reserved", "over_limit", "reserved", "over_limit"]
    (answer,) = await store.reserve([request(person)])
    assert (answer.outcome, answer.limit_per_person, answer.taken) == ("over_limit", 3, 3)
    assert await shop.broken_sums() == []


async def test_a_refused_wish_takes_nothing_from_those_behind_it(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=2, limit=2)
    person = new_id()
    wishes = [request(person, quantity=3), request(person, quantity=2), request()]
    assert await outcomes(store, *wishes) == ["over_limit", "reserved", "all_reserved"]


async def test_the_largest_integer_is_over_the_limit_and_overflows_nothing(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item()
    person = new_id()
    wishes = [request(person), request(person, quantity=2**31 - 1), request(quantity=10**9)]
    assert await outcomes(store, *wishes) == ["reserved", "over_limit", "over_limit"]


async def test_a_key_gives_its_first_answer_again(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item()
    wish = request(key="one")
    (first,) = await store.reserve([wish])
    again = [request(wish.person_id, "one"), request(wish.person_id, "one", quantity=2), request(key="one")]
    answers = await store.reserve(again)
    assert [answer.outcome for answer in answers] == ["replayed", "conflict", "reserved"]
    assert answers[0].reservation == first.reservation
    assert await shop.stock() == (10, 2, 0)


async def test_the_same_request_two_hundred_times_in_one_batch_is_one_reservation(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(limit=2)
    person = new_id()
    answers = await store.reserve([request(person, "one") for _ in range(200)])
    assert [answer.outcome for answer in answers] == ["reserved"] + ["replayed"] * 199
    assert len({answer.reservation.id for answer in answers if answer.reservation}) == 1
    assert await outcomes(store, request(person, "one", quantity=2)) == ["conflict"]
    assert await shop.stock() == (10, 1, 0)


async def test_a_key_is_known_where_the_item_is_scarce(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=1)
    wish = request(key="one")
    assert await outcomes(store, wish) == ["reserved"]
    assert await outcomes(store, request(wish.person_id, "one"), request()) == ["replayed", "all_reserved"]


async def test_a_refused_key_may_be_used_again(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=1)
    holder, person = request(), new_id()
    assert await outcomes(store, holder, request(person, "mine")) == ["reserved", "all_reserved"]
    await store.release(holder.reservation_id, holder.person_id)
    assert await outcomes(store, request(person, "mine"), request(person, "mine")) == ["reserved", "replayed"]


async def test_sold_out_is_told_from_all_reserved(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=1)
    await shop.item("GONE", stock=4)
    await shop.owner.execute("UPDATE stock SET sold = 4 WHERE sku = 'GONE'")
    assert await outcomes(store, request(), request(), request(sku="GONE")) == ["reserved", "all_reserved", "sold_out"]


@pytest.mark.parametrize(
    ("opens", "closes", "outcome"), [(60, 120, "not_open"), (-120, -60, "drop_closed"), (-60, 60, "reserved")]
)
async def test_the_database_clock_opens_and_closes(
    shop: Shop, store: PostgresDropStore, opens: int, closes: int, outcome: str
):
    await shop.drop(opens=opens, closes=closes)
    await shop.item()
    assert await outcomes(store, request()) == [outcome]


async def test_what_is_not_sold_here_is_named(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item()
    assert await outcomes(store, request(slug="dusk"), request(sku="NONE"), request()) == [
        "unknown_drop",
        "unknown_item",
        "reserved",
    ]


async def test_items_and_drops_in_one_batch_do_not_mix(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.drop("dusk")
    await shop.item(stock=1)
    await shop.item("OTHER", stock=1)
    await shop.item(stock=1, slug="dusk")
    wishes = [request(), request(sku="OTHER"), request(slug="dusk"), request(sku="OTHER"), request()]
    assert await outcomes(store, *wishes) == ["reserved", "reserved", "reserved", "all_reserved", "all_reserved"]


async def test_giving_up_gives_back(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=2)
    wish = request(quantity=2)
    await store.reserve([wish])
    assert await store.release(wish.reservation_id, new_id()) == "unknown_reservation"
    assert await store.release(wish.reservation_id, wish.person_id) == "released"
    assert await store.release(wish.reservation_id, wish.person_id) == "released"
    assert await shop.stock() == (2, 0, 0)
    assert await outcomes(store, request(wish.person_id, quantity=2)) == ["reserved"]
    assert await shop.broken_sums() == []


async def test_what_is_due_expires_and_nothing_else(shop: Shop, store: PostgresDropStore, worker_store):
    await shop.drop()
    await shop.item()
    early, late = request(quantity=2), request()
    await store.reserve([early])
    await shop.age()
    await store.reserve([late])
    assert await worker_store.expire_due() == 1
    assert await worker_store.expire_due() == 0
    found = await store.reservation(early.reservation_id, early.person_id)
    assert found is not None
    assert found.state == "expired"
    assert await shop.stock() == (10, 1, 0)
    assert await shop.broken_sums() == []


async def test_what_a_batch_did_is_one_message_a_drop(shop: Shop, store: PostgresDropStore, worker_store):
    for slug in (SLUG, "dusk-serum"):
        await shop.drop(slug)
        await shop.item(slug=slug)
    wishes = [*(request() for _ in range(3)), request(slug="dusk-serum"), request(sku="NONE")]
    await store.reserve(wishes)
    told = {message.drop: set(message.people) for message in await worker_store.fetch_outbox()}
    assert told == {SLUG: {wish.person_id for wish in wishes[:3]}, "dusk-serum": {wishes[3].person_id}}


async def test_the_worker_tells_what_happened_once(shop: Shop, store: PostgresDropStore, worker_store):
    await shop.drop()
    await shop.item()
    wish = request()
    await store.reserve([wish])
    await store.release(wish.reservation_id, wish.person_id)
    messages = await worker_store.fetch_outbox()
    assert [message.kind for message in messages] == ["reservation.held", "reservation.released"]
    assert [message.people for message in messages] == [[wish.person_id]] * 2
    await worker_store.mark_relayed([message.id for message in messages])
    assert await worker_store.fetch_outbox() == []
    assert (await worker_store.open_work("dawn-serum")).drained


async def test_the_store_cannot_see_a_draw(shop: Shop, store_database_url: str):
    import asyncpg

    from marketday.kit.database import connect

    connection = await connect(store_database_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM draws")
    finally:
        await connection.close()
