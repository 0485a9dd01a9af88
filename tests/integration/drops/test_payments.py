"""Batches of payments, compared with a clerk who serves one person after the other; and what one payment costs."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketday.drops.checkout import Checkout
from marketday.drops.model import PaymentRequest, Reservation
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.settlement import Settlement
from marketday.kit.ids import new_id
from marketday.testing.drops import SLUG, Shop, request
from marketday.testing.gateway import FakeGateway

KINDS = ("held", "due", "released", "confirmed", "paying")
ENDS = {"due": "reservation_expired", "released": "reservation_expired", "confirmed": "already_paid"}


async def hold(store: PostgresDropStore, number: int, **wish: Any) -> list[Reservation]:
    answers = await store.reserve([request(**wish) for _ in range(number)])
    return [answer.reservation for answer in answers if answer.reservation]


def asks(held: Reservation, key: str = "key", body: bytes = b"body") -> PaymentRequest:
    return PaymentRequest(new_id(), held.id, held.person_id, key, body)


async def goods(shop: Shop, store: PostgresDropStore) -> dict[str, Reservation]:
    """Return one person's reservations, one of each kind, and a stranger's."""
    person = new_id()
    held = await hold(store, len(KINDS), person=person)
    kinds = dict(zip(KINDS, held, strict=True))
    await store.begin_payments([asks(kinds["confirmed"], "before"), asks(kinds["paying"], "meanwhile")])
    paid = await shop.value("SELECT id FROM payments WHERE reservation_id = $1", kinds["confirmed"].id)
    await store.confirm_payments([paid])
    await store.release(kinds["released"].id, person)
    await shop.owner.execute("UPDATE reservations SET reserved_until = now() WHERE id = $1", kinds["due"].id)
    (stranger,) = await hold(store, 1)
    (another,) = await hold(store, 1, person=person)
    return {**kinds, "stranger": stranger, "another": another}


def one_by_one(wishes: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return the outcome of each wish (kind of reservation, key, body) of one person."""
    keys = {"before": ("confirmed", "body"), "meanwhile": ("paying", "body")}
    begun, outcomes = {"paying"}, []
    for kind, key, body in wishes:
        if key in keys:
            outcome = "replayed" if keys[key] == (kind, body) else "conflict"
        elif kind == "stranger":
            outcome = "unknown_reservation"
        elif kind in begun:
            outcome = "payment_in_progress"
        else:
            outcome = ENDS.get(kind, "started")
        if outcome == "started":
            begun.add(kind)
            keys[key] = (kind, body)
        outcomes.append(outcome)
    return outcomes


WISHES = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "held", "another", "stranger"]),
        st.sampled_from(["a", "b", "c", "before", "meanwhile"]),
        st.sampled_from(["body", "body", "other"]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=WISHES, cuts=st.lists(st.integers(1, 6), max_size=12))
async def test_payments_begin_as_if_one_person_was_served_after_the_other(
    shop: Shop, store: PostgresDropStore, wishes: list[tuple[str, str, str]], cuts: list[int]
):
    await shop.owner.execute("DELETE FROM allowances")
    await shop.owner.execute("DELETE FROM drops")
    await shop.drop()
    await shop.item(stock=50, limit=50)
    held = await goods(shop, store)
    person = held["held"].person_id

    def wish(kind: str, key: str, body: str) -> PaymentRequest:
        # A key's body names its reservation, as the checkout's does.
        return PaymentRequest(
            new_id(),
            held[kind].id,
            person,
            key,
            b"body"
            if key in ("before", "meanwhile")
            and body == "body"
            and kind == {"before": "confirmed", "meanwhile": "paying"}[key]
            else f"{kind} {body}".encode(),
        )

    requests = [wish(*each) for each in wishes]
    answers = []
    while requests:
        size = cuts.pop() if cuts else len(requests)
        answers += await store.begin_payments(requests[:size])
        del requests[:size]
    assert [answer.outcome for answer in answers] == one_by_one(wishes)
    assert all((answer.payment is not None) == (answer.outcome in ("started", "replayed")) for answer in answers)
    assert await shop.broken_sums() == []


async def test_a_batch_of_confirmations_decides_about_each(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=50)
    held = await hold(store, 6)
    begun = [answer.payment for answer in await store.begin_payments([asks(each) for each in held]) if answer.payment]
    new, again, _, declined, *_ = references = [each.payment.id for each in begun]
    await store.confirm_payments([again])
    await store.release(held[2].id, held[2].person_id)  # refused: somebody is paying
    await shop.owner.execute("UPDATE reservations SET reserved_until = now() WHERE id = $1", held[2].id)
    assert await store.expire_due() == 1
    await store.move_payments([declined], "declined", "issuer")
    found = await store.confirm_payments([*reversed(references), new])
    states = {each.payment.id: (str(each.payment.state), each.order is not None) for each in found}
    assert [states[reference] for reference in references] == [
        ("authorised", True),
        ("authorised", True),
        ("voiding", False),
        ("declined", False),
        *[("authorised", True)] * 2,
    ]
    assert found[0].payment.id == references[-1], "in the order of the question"
    assert found == [await store.payment(each.payment.id) for each in found]
    assert await shop.stock() == (50, 1, 4)
    assert await shop.broken_sums() == []


async def test_one_payment_is_two_statements_beside_the_gateway(shop: Shop, store: PostgresDropStore):
    """The shopper waits for the beginning and for the order; the record of the capture follows."""
    await shop.drop()
    await shop.item()
    (held,) = await hold(store, 1)
    database = store._database
    asked, fetch, paid = [], database.fetch, asyncio.Event()

    async def counted(query: str, *values: Any) -> Any:
        asked.append(query)
        if len(asked) > 2:
            await paid.wait()
        return await fetch(query, *values)

    database.fetch = counted
    gateway = FakeGateway()
    checkout = Checkout(store, gateway, Settlement(store, gateway))
    done = await checkout.pay(held.id, held.person_id, "key", "card_ok")
    assert done.payment.state == "captured"
    paid.set()
    await checkout.close()
    assert len(asked) == 3
    assert (await store.payment(done.payment.id)).payment == done.payment


async def test_many_who_pay_at_once_share_their_statements(shop: Shop, store: PostgresDropStore):
    await shop.drop()
    await shop.item(stock=100)
    held = await hold(store, 60)
    begin, batches = store.begin_payments, []

    async def counted(requests: Sequence[PaymentRequest]) -> Any:
        batches.append(len(requests))
        return await begin(requests)

    store.begin_payments = counted
    gateway = FakeGateway()
    checkout = Checkout(store, gateway, Settlement(store, gateway))
    paid = await asyncio.gather(*(checkout.pay(each.id, each.person_id, "key", "card_ok") for each in held))
    await checkout.close()
    assert len({done.order.id for done in paid if done.order}) == 60
    assert sum(batches) == 60
    assert len(batches) < 10
    assert await shop.stock() == (100, 0, 60)
    assert await shop.broken_sums() == []


async def test_batches_that_pay_expire_and_release_never_wait_in_a_circle(
    shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore
):
    await shop.drop()
    skus = ["A", "B", "C"]
    for sku in skus:
        await shop.item(sku, stock=200)
    held = [each for sku in skus for each in await hold(store, 40, sku=sku)]
    chance = random.Random(3)
    count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = await shop.value(count)

    async def pay() -> None:
        mine = chance.sample(held, 20)
        begun = await store.begin_payments([asks(each, str(chance.randint(0, 1))) for each in mine])
        paid = [answer.payment.payment.id for answer in begun if answer.payment]
        await store.confirm_payments(paid)
        await store.move_payments(chance.sample(paid, len(paid)), "captured")

    async def meddle() -> None:
        due = chance.sample([each.id for each in held], 5)
        await shop.owner.execute(
            "UPDATE reservations SET reserved_until = now() WHERE id = ANY ($1) AND state = 'held'", due
        )
        await worker_store.expire_due(most=4)
        for each in chance.sample(held, 2):
            await store.release(each.id, each.person_id)

    for _ in range(8):
        await asyncio.gather(*(pay() for _ in range(6)), meddle())
    assert await shop.value(count) == before
    assert await shop.broken_sums() == []
    assert await shop.value("SELECT count(*) FROM orders WHERE drop_slug = $1", SLUG) > 20
