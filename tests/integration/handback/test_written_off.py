"""A drop whose servers are lost for good: all money goes back, and all units, once."""

from dataclasses import replace

import pytest

from marketday.environments.postgres.store import PostgresEnvironments
from marketday.handback.errors import LedgerUnavailable
from marketday.handback.model import ReceiptKind
from marketday.kit.ids import new_id
from marketday.payments.ports import GatewayPayment, GatewayState
from marketday.rounds.hand_back import HandBackStep

from .conftest import PEOPLE, Sold

KEPT = (GatewayState.AUTHORISED, GatewayState.CAPTURED)


async def units(sold: Sold) -> tuple[int, int]:
    """Return what was lent, and what came back."""
    [row] = await sold.mall.fetch("SELECT sum(quantity) AS lent, sum(returned) AS back FROM allocations")
    return int(row["lent"]), int(row["back"] or 0)


async def test_all_money_and_all_units_go_back(sold: Sold):
    assert sum(entry.payment.state in KEPT for entry in sold.books.entries) >= PEOPLE
    receipt = await sold.service().written_off(sold.window, "the operator")
    lent, back = await units(sold)
    assert receipt.kind is ReceiptKind.WRITTEN_OFF
    assert [entry.payment.state for entry in sold.books.entries if entry.payment.state in KEPT] == []
    assert receipt.claims["given_back"]["payments"] >= PEOPLE
    assert (receipt.claims["by"], back) == ("the operator", lent)
    assert set(sold.books.revoked) == {sold.window.payment_holder}, "nobody pays with its key any more"
    assert await sold.mall.fetch("SELECT FROM orders") == [], "the lost servers alone knew what was ordered"
    sold.verifier.check(receipt.token, sold.window.environment_id)


async def test_doing_it_again_changes_nothing(sold: Sold):
    first = await sold.service().written_off(sold.window, "the operator")
    before = await sold.mall_holds()
    assert (await sold.service().written_off(sold.window, "another")).token == first.token
    assert await sold.mall_holds() == before


async def test_without_the_gateway_nothing_is_given_back_and_there_is_no_receipt(sold: Sold):
    sold.books.down = True
    before = await sold.mall_holds()
    with pytest.raises(LedgerUnavailable):
        await sold.service().written_off(sold.window, "the operator")
    assert await sold.mall_holds() == before


async def test_a_gateway_that_keeps_a_payment_gets_no_receipt(sold: Sold):
    async def refund(reference):
        return next(entry.payment for entry in sold.books.entries if entry.payment.reference == reference)

    sold.books.refund = refund
    before = await sold.mall_holds()
    with pytest.raises(LedgerUnavailable, match="expected its money given back"):
        await sold.service().written_off(sold.window, "the operator")
    assert await sold.mall_holds() == before


async def test_payments_of_another_environment_are_left_alone(sold: Sold):
    other = replace(sold.books.entries[0], holder="event-of-another-day")
    sold.books.entries.append(replace(other, payment=replace(other.payment, state=GatewayState.CAPTURED)))
    await sold.service().written_off(sold.window, "the operator")
    assert sold.books.entries[-1].payment.state is GatewayState.CAPTURED


async def test_the_money_of_an_order_that_the_mall_has_stays(sold: Sold, monkeypatch):
    """The controller was killed between the promotion and the receipt, and then the servers were lost."""
    service = sold.service()
    monkeypatch.setattr(service, "_sign", killed)
    with pytest.raises(ConnectionResetError):
        await service.hand_back(sold.window)
    before = await sold.mall_holds()
    receipt = await sold.service().written_off(sold.window, "the operator")
    captured = {one.payment.reference for one in sold.books.entries if one.payment.state is GatewayState.CAPTURED}
    assert captured == {row["id"] for row in before["payments"] if row["state"] == "captured"} != set()
    assert receipt.claims["promotion"]["orders"] == PEOPLE == len(before["orders"])
    after = await sold.mall_holds()
    assert {**after, "receipts": []} == {**before, "receipts": []}


async def killed(*_: object):
    raise ConnectionResetError


@pytest.mark.parametrize("step", ["give_back", "promotions", "sign"])
async def test_it_goes_on_after_it_was_killed(sold: Sold, monkeypatch, step):
    service = sold.service()
    if step == "give_back":  # half-way: after the first refund
        refund, asked = sold.books.refund, []

        async def one_refund(reference):
            if asked:
                raise ConnectionResetError
            asked.append(reference)
            return await refund(reference)

        monkeypatch.setattr(sold.books, "refund", one_refund)
    elif step == "promotions":
        monkeypatch.setattr(service._promotions, "give_back", killed)
    else:
        monkeypatch.setattr(service, "_sign", killed)
    with pytest.raises(ConnectionResetError):
        await service.written_off(sold.window, "the operator")
    monkeypatch.undo()
    receipt = await sold.service().written_off(sold.window, "the operator")
    lent, back = await units(sold)
    assert (receipt.claims["promotion"]["units_returned"], back) == (lent, lent)
    assert [entry.payment.state for entry in sold.books.entries if entry.payment.state in KEPT] == []


async def test_what_was_under_way_while_the_key_was_revoked_is_given_back_too(sold: Sold, monkeypatch):
    """A call that the gateway had let in before; the books show it only after we have read them."""
    late = replace(sold.books.entries[0], payment=replace(sold.books.entries[0].payment, reference=new_id()))
    late = replace(late, payment=replace(late.payment, state=GatewayState.CAPTURED))
    refund, came = sold.books.refund, []

    async def slow(reference):
        if not came:
            came.append(late)
            sold.books.entries.append(late)
        return await refund(reference)

    ledger = sold.books.ledger

    async def read_at_once(**which):
        for entry in [one async for one in ledger(**which)]:
            yield entry

    monkeypatch.setattr(sold.books, "ledger", read_at_once)
    monkeypatch.setattr(sold.books, "refund", slow)
    receipt = await sold.service().written_off(sold.window, "the operator")
    assert came
    assert [entry.payment.state for entry in sold.books.entries if entry.payment.state in KEPT] == []
    assert receipt.claims["given_back"]["payments"] > PEOPLE


async def test_each_currency_has_its_own_sum(sold: Sold):
    dollars = replace(sold.books.entries[0], payment=GatewayPayment(new_id(), GatewayState.CAPTURED, 1999, "USD"))
    sold.books.entries.append(dollars)
    receipt = await sold.service().written_off(sold.window, "the operator")
    assert receipt.claims["given_back"]["sums"]["USD"] == 1999


async def test_a_receipt_of_a_hand_back_counts_and_nothing_is_given_back(sold: Sold):
    """The controller was killed after the receipt was written, before it was recorded with the environment."""
    receipt = await sold.service().hand_back(sold.window)
    before = await sold.mall_holds()
    environment = await PostgresEnvironments(sold.mall).get(sold.window.environment_id)
    done = await HandBackStep(sold.service()).write_off(environment, "the operator")
    assert done.outputs == {"receipt": receipt.token}
    assert "receipt handed-back: 7 orders" in done.detail
    assert await sold.mall_holds() == before
    assert sum(one.payment.state is GatewayState.CAPTURED for one in sold.books.entries) == PEOPLE
