"""Paying: every outcome and every card."""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from marketday.apps.mall import Settings as MallSettings
from marketday.apps.store import Settings as StoreSettings
from marketday.drops import errors
from marketday.drops.checkout import Checkout
from marketday.drops.model import PaymentRequest
from marketday.drops.settlement import Settlement
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayUnclear
from marketday.payments.model import PaymentState
from marketday.payments.ports import LONGEST_ANSWER_SECONDS, SETTLE_AFTER_SECONDS, GatewayState
from marketday.testing.drops import SLUG, request
from marketday.testing.gateway import FakeGateway
from marketday.testing.payments import paying_for

from . import paying
from .till import Till


async def test_paying_makes_an_order_and_takes_the_money(till: Till):
    held = await till.hold(2)
    done = await till.pay(held)
    assert done.order is not None
    assert (done.order.total_minor, done.order.lines[0].quantity, done.payment.state) == (64_000, 2, "captured")
    assert await till.shop.stock() == (500, 0, 2)
    assert await till.books_agree()
    again = await till.pay(held)
    assert again == done
    kinds = [message.kind for message in await till.worker.fetch_outbox()]
    assert kinds == ["reservation.held", "order.confirmed"]


async def test_the_same_press_at_once_in_two_processes_is_one_payment(till: Till):
    held = await till.hold()
    other = Checkout(till.worker, till.gateway, Settlement(till.worker, till.gateway))
    presses = [checkout.pay(held.id, held.person_id, "key", "card_ok") for checkout in (till.checkout, other) * 10]
    answers = await asyncio.gather(*presses)
    assert len({answer.order.id for answer in answers if answer.order}) == 1
    assert len(till.gateway.payments()) == 1
    assert await till.books_agree()


async def test_another_key_while_one_payment_lives_is_refused(till: Till):
    held = await till.hold()
    results = await asyncio.gather(*(till.pay(held, key=f"key-{n}") for n in range(8)), return_exceptions=True)
    kinds = {type(result) for result in results if isinstance(result, BaseException)}
    assert kinds <= {errors.PaymentInProgress, errors.AlreadyPaid}
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert await till.books_agree()


async def test_one_key_pays_for_one_reservation(till: Till):
    first = await till.hold()
    await till.pay(first)
    (answer,) = await till.store.reserve([request(first.person_id)])
    assert answer.reservation is not None
    with pytest.raises(IdempotencyConflict):
        await till.pay(answer.reservation)


async def test_a_key_pays_with_one_card(till: Till):
    held = await till.hold()
    with pytest.raises(errors.PaymentDeclined):
        await till.pay(held, "card_declined")
    with pytest.raises(IdempotencyConflict):
        await till.pay(held)


async def test_what_is_paid_is_told_as_such(till: Till):
    held = await till.hold()
    await till.pay(held)
    with pytest.raises(errors.AlreadyPaid):
        await till.pay(held, key="second")
    assert await till.books_agree()


async def test_what_a_store_may_still_be_asking_for_is_left_alone(till: Till):
    held = await till.hold()
    await paying.begin(till.store, held.id, held.person_id)
    assert await Settlement(till.worker, till.gateway).settle_payments() == (0, 0)
    await till.shop.age()
    assert await Settlement(till.worker, till.gateway).settle_payments() == (1, 0)


async def test_declined_leaves_the_reservation_for_another_try(till: Till):
    held = await till.hold()
    for _ in range(2):
        with pytest.raises(errors.PaymentDeclined, match="issuer"):
            await till.pay(held, "card_declined")
    assert await till.shop.stock() == (500, 1, 0)
    assert (await till.pay(held, key="second")).order
    assert await till.states() == ["declined", "captured"]


async def test_a_late_card_becomes_an_order_after_all(till: Till):
    held = await till.hold()
    assert (await till.pay(held, "card_late")).order is None
    assert await till.states() == ["unknown"]
    assert await till.settle() == (1, 0)
    assert (await till.pay(held, "card_late")).order
    assert await till.books_agree()


async def test_a_late_card_whose_reservation_is_gone_is_voided(till: Till):
    held = await till.hold()
    await till.pay(held, "card_late")
    await till.shop.age()
    assert await till.worker.expire_due() == 1
    await till.settle()
    assert await till.states() == ["voided"]
    with pytest.raises(errors.ReservationExpired, match="nothing is charged"):
        await till.pay(held, "card_late")
    assert await till.books_agree()


async def test_a_card_that_never_answers_is_voided_and_another_may_be_tried(till: Till):
    held = await till.hold()
    assert (await till.pay(held, "card_timeout")).order is None
    with pytest.raises(errors.PaymentInProgress):
        await till.pay(held, key="second")
    await till.settle()
    with pytest.raises(errors.PaymentDeclined, match="gateway-timeout"):
        await till.pay(held, "card_timeout")
    assert (await till.pay(held, key="second")).order
    assert await till.states() == ["voided", "captured"]
    assert await till.books_agree()


async def test_a_gateway_that_is_away_is_asked_again_for_ever(till: Till):
    held = await till.hold()
    till.gateway.down = True
    assert (await till.pay(held)).order is None
    for _ in range(3):
        assert await till.settle() == (0, 1)
    till.gateway.down = False
    await till.settle()
    assert await till.states() == ["voided"]
    assert await till.books_agree()


async def test_a_capture_that_failed_is_repeated_until_it_is_done(till: Till):
    held = await till.hold()

    async def break_down() -> None:
        till.gateway.down = True

    flaky = Meddling(till.gateway, before={"capture": break_down})
    checkout = Checkout(till.store, flaky, Settlement(till.store, flaky))
    done = await checkout.pay(held.id, held.person_id, "key", "card_ok")
    assert done.order is not None  # it is theirs: the money is only a matter of time
    assert await till.settle() == (0, 1)
    assert await till.states() == ["authorised"]
    till.gateway.down = False
    assert await till.settle() == (1, 0)
    assert await till.states() == ["captured"]
    assert await till.books_agree()


async def test_paying_too_late(till: Till):
    held = await till.hold()
    await till.shop.age()
    with pytest.raises(errors.ReservationExpired):
        await till.pay(held)
    assert till.gateway.calls == []


async def test_expired_while_the_gateway_thinks(till: Till):
    held = await till.hold()

    async def meanwhile() -> None:
        await till.shop.age()
        assert await till.worker.expire_due() == 1

    slow = Meddling(till.gateway, after={"authorise": meanwhile})
    with pytest.raises(errors.ReservationExpired):
        await Checkout(till.store, slow, Settlement(till.store, slow)).pay(held.id, held.person_id, "key", "card_ok")
    assert await till.states() == ["voided"]
    assert await till.shop.stock() == (500, 0, 0)
    assert await till.books_agree()


class Meddling:
    """A gateway at which something else happens before or after a call."""

    def __init__(
        self,
        gateway: FakeGateway,
        *,
        before: dict[str, Callable] | None = None,
        after: dict[str, Callable] | None = None,
    ) -> None:
        self._gateway = gateway
        self._before, self._after = before or {}, after or {}

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._gateway, name)

        async def meddled(*values: Any) -> Any:
            if meddle := self._before.pop(name, None):
                await meddle()
            answer = await call(*values)
            if meddle := self._after.pop(name, None):
                await meddle()
            return answer

        return meddled


async def test_a_store_that_slept_over_its_authorisation_finds_the_door_closed(till: Till):
    held = await till.hold()
    slow = Meddling(till.gateway, before={"authorise": till.settle})
    with pytest.raises(errors.PaymentDeclined):
        await Checkout(till.store, slow, Settlement(till.store, slow)).pay(held.id, held.person_id, "key", "card_ok")
    assert await till.books_agree()
    assert (await till.pay(held, key="second")).order


async def test_a_worker_that_slept_over_its_lookup_voids_nothing_that_became_an_order(till: Till):
    held = await till.hold()
    (begun,) = await till.store.begin_payments([PaymentRequest(new_id(), held.id, held.person_id, "key", b"")])
    assert begun.payment is not None
    reference = begun.payment.payment.id

    async def the_store_goes_on() -> None:
        """Authorise and confirm; the money is not taken yet."""
        await till.gateway.authorise(reference, 32_000, "KRW", "card_ok", paying_for(SLUG))
        (confirmed,) = await till.store.confirm_payments([reference])
        assert confirmed.order is not None

    assert await till.settle(Meddling(till.gateway, after={"lookup": the_store_goes_on})) == (0, 1)
    assert await till.states() == ["authorised"]
    assert await till.settle() == (1, 0)
    assert await till.states() == ["captured"]
    assert await till.books_agree()


async def test_a_shopper_who_goes_away_while_paying_still_gets_the_order(till: Till):
    held = await till.hold()
    hold_on, go = asyncio.Event(), asyncio.Event()

    async def pause() -> None:
        hold_on.set()
        await go.wait()

    slow = Meddling(till.gateway, before={"authorise": pause})
    checkout = Checkout(till.store, slow, Settlement(till.store, slow))
    press = asyncio.create_task(checkout.pay(held.id, held.person_id, "key", "card_ok"))
    await hold_on.wait()
    press.cancel()
    go.set()
    await checkout.close()
    assert await till.states() == ["captured"]
    assert await till.books_agree()


async def test_only_a_drained_drop_has_no_open_work(till: Till):
    held = await till.hold()
    await till.pay(held, "card_late")
    work = await till.worker.open_work(SLUG)
    assert (work.held_reservations, work.open_payments, work.untold_messages, work.drained) == (1, 1, 1, False)
    await till.settle()
    await till.worker.mark_relayed([message.id for message in await till.worker.fetch_outbox()])
    assert (await till.worker.open_work(SLUG)).drained


@pytest.mark.parametrize("calls", ["void", "capture refund"])
@pytest.mark.parametrize("where", ["while the shopper waits", "before the worker looks"])
async def test_an_order_whose_money_is_gone_is_taken_back(till: Till, calls: str, where: str):
    """At the gateway's own desk, or because the authorisation expired there, before the drop recorded the capture."""
    held = await till.hold(2)

    async def at_the_desk() -> None:
        (payment,) = till.gateway.payments()
        for call in calls.split():
            await getattr(till.gateway, call)(payment.reference)
        if where == "before the worker looks":
            till.gateway.down = True

    meddled = Meddling(till.gateway, before={"capture": at_the_desk})
    checkout = Checkout(till.store, meddled, Settlement(till.store, meddled))
    done = await checkout.pay(held.id, held.person_id, "key", "card_ok")
    if where == "before the worker looks":
        assert done.order.state == "paid"
        till.gateway.down = False
        assert await till.settle() == (1, 0)
        done = await till.pay(held)
    ended = "refunded" if "refund" in calls else "voided"
    assert (done.order.state, done.payment.state) == ("refunded", ended)
    assert await till.states() == [ended]
    assert await till.shop.stock() == (500, 0, 0)
    assert (await till.worker.open_work(SLUG)).open_payments == 0
    assert await till.shop.broken_sums() == []
    assert [message.kind for message in await till.worker.fetch_outbox()][2:] == ["order.refunded"]
    assert not await till.worker.take_back_order(done.payment.id, done.payment.state, "again")
    (again,) = await till.store.reserve([request(held.person_id, quantity=2)])
    assert again.outcome == "reserved"


async def test_a_unit_that_was_taken_back_goes_to_the_first_who_waits(till: Till, drop_database_url: str):
    await till.shop.owner.execute("UPDATE stock SET total = 1")
    held, other = await till.hold(), new_id()
    payment = (await paying.begin(till.store, held.id, held.person_id)).payment.payment.id
    asked = await till.shop.owner.fetch("SELECT * FROM stand_by($1, $2, 'DAWN-30', $3, 1, 7)", new_id(), SLUG, other)
    assert [row["outcome"] for row in asked] == ["waiting"]
    await paying.confirm(till.store, payment)
    assert await till.store.take_back_order(payment, PaymentState.VOIDED, "expired")
    assert await till.shop.value("SELECT person_id FROM reservations WHERE state = 'held'") == other
    assert await till.shop.broken_sums() == []


@pytest.mark.parametrize("desk", [["capture"], ["capture", "refund"]], ids=["captured", "refunded"])
@pytest.mark.parametrize("expired", [False, True], ids=["held", "expired"])
async def test_money_that_was_taken_at_the_desk_before_there_is_an_order(till: Till, desk: list[str], expired: bool):  # noqa: FBT001
    """It becomes an order if the reservation is still held and the money is there; otherwise it is given back."""
    held = await till.hold()
    payment = (await paying.begin(till.store, held.id, held.person_id)).payment.payment.id
    await till.gateway.authorise(payment, 32_000, "KRW", "card_ok", paying_for(SLUG))
    for call in desk:
        await getattr(till.gateway, call)(payment)
    if expired:
        await till.shop.age()
        await till.worker.expire_due()
    assert await till.settle() == (1, 0)
    bought = desk == ["capture"] and not expired
    assert await till.states() == ["captured" if bought else "refunded"]
    assert till.gateway.payments()[0].state == ("captured" if bought else "refunded")
    assert await till.books_agree()


@pytest.mark.parametrize("trouble", [GatewayUnclear("a state called melted"), ValueError("melted"), KeyError("state")])
async def test_one_payment_that_cannot_be_settled_keeps_no_other_from_its_end(till: Till, monkeypatch, trouble):
    till.gateway.down = True
    held = [await till.hold() for _ in range(5)]
    for each in held:
        await till.pay(each)
    till.gateway.down = False
    assert await till.states() == ["unknown"] * 5
    bad = await till.shop.value("SELECT id FROM payments WHERE reservation_id = $1", held[2].id)
    lookup = till.gateway.lookup

    async def melted_for_one(reference):
        if reference == bad:
            raise trouble
        return await lookup(reference)

    with monkeypatch.context() as patched:
        patched.setattr(till.gateway, "lookup", melted_for_one)
        assert await till.settle() == (4, 1)
    assert (await till.states()).count("unknown") == 1
    assert await till.settle() == (1, 0)
    assert await till.books_agree()


async def test_an_answer_that_cannot_be_understood_is_settled_later(till: Till, monkeypatch):
    held = await till.hold()

    async def unclear(*_):
        raise GatewayUnclear("a state called melted")

    with monkeypatch.context() as patched:
        patched.setattr(till.gateway, "authorise", unclear)
        assert (await till.pay(held)).order is None
    assert await till.states() == ["unknown"]
    await till.settle()
    assert await till.books_agree()


async def test_what_the_gateway_calls_a_decline_is_a_decline_whatever_it_says(till: Till, monkeypatch):
    held = await till.hold()
    authorise = till.gateway.authorise

    async def declined(*asked):
        return replace(await authorise(*asked), state=GatewayState.DECLINED, reason="reservation-expired")

    with monkeypatch.context() as patched:
        patched.setattr(till.gateway, "authorise", declined)
        with pytest.raises(errors.PaymentDeclined):
            await till.pay(held)


def test_nobody_settles_what_a_store_may_still_be_asking_for():
    longest = [
        Field.le
        for Settings in (StoreSettings, MallSettings)
        for Field in Settings.model_fields["gateway_seconds"].metadata
        if hasattr(Field, "le")
    ]
    waits = inspect.signature(Settlement.settle_payments).parameters["authorising_seconds"].default
    assert max(longest) == LONGEST_ANSWER_SECONDS < waits == SETTLE_AFTER_SECONDS
    assert MallSettings.model_fields["settle_after_seconds"].default == SETTLE_AFTER_SECONDS
