"""Paying while processes end: between any two steps, and before another process goes on."""

from typing import Any

import pytest

from marketday.drops import errors
from marketday.drops.checkout import Checkout
from marketday.drops.model import PaymentRequest
from marketday.drops.requests import fingerprint
from marketday.drops.settlement import Settlement
from marketday.kit.ids import new_id
from marketday.payments.ports import Purpose, goods_of
from marketday.testing.drops import SLUG

from .till import Till


@pytest.mark.parametrize("method", ["card_ok", "card_declined"])
async def test_a_payment_whose_process_has_ended_is_carried_out_by_the_next_request(till: Till, method: str):
    """A store was killed before or after it asked the gateway; the shopper's browser repeats the request elsewhere."""
    for asked in (False, True):
        held = await till.hold()
        body = fingerprint(str(held.id), method)
        wish = PaymentRequest(new_id(), held.id, held.person_id, "key", body)
        (begun,) = await till.store.begin_payments([wish])
        assert begun.payment is not None
        if asked:
            payment = begun.payment.payment
            purpose = Purpose(SLUG, held.person_id, held.id, goods_of([(held.sku, held.quantity)]))
            await till.gateway.authorise(payment.id, payment.amount_minor, payment.currency, method, purpose)
        if method == "card_declined":
            with pytest.raises(errors.PaymentDeclined):
                await till.pay(held, method)
        else:
            assert (await till.pay(held, method)).order is not None
    assert set(await till.states()) == {"captured" if method == "card_ok" else "declined"}
    assert await till.books_agree()


class Died(BaseException):
    """The process is gone: nothing in it can catch this."""


class Mortal:
    """Dies before or after the n-th call that goes through it or its siblings."""

    def __init__(self, thing: Any, fate: dict[str, Any]) -> None:
        self._thing = thing
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._thing, name)

        async def fated(*values: Any) -> Any:
            self._fate["calls"] += 1
            last = self._fate["calls"] == self._fate["dies_at"]
            if last and self._fate["before"]:
                raise Died(name)
            answer = await call(*values)
            if last:
                raise Died(name)
            return answer

        return fated


@pytest.mark.parametrize("method", ["card_ok", "card_declined", "card_timeout", "card_late"])
@pytest.mark.parametrize("expired", [False, True], ids=["held", "expired"])
async def test_a_death_at_any_step_is_settled(till: Till, method: str, expired: bool):  # noqa: FBT001
    deaths = 0
    for dies_at in range(1, 12):
        for before in (True, False):
            held = await till.hold()
            fate = {"calls": 0, "dies_at": dies_at, "before": before}
            store, gateway = Mortal(till.store, fate), Mortal(till.gateway, fate)
            doomed = Checkout(store, gateway, Settlement(store, gateway))
            try:
                await doomed._pay(held.id, held.person_id, "key", b"body", method)
            except (Died, errors.StoreUnavailable):
                deaths += 1
            except errors.PaymentDeclined:
                pass
            if expired:
                await till.shop.age()
                await till.worker.expire_due()
            while (await till.settle())[0]:
                pass
            assert (await till.worker.open_work(SLUG)).open_payments == 0
            assert await till.books_agree()
    assert deaths >= 5
