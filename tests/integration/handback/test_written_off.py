"""A drop whose servers are lost for good: all money goes back, and all units, once."""

from dataclasses import replace

import pytest

from marketday.handback.errors import LedgerUnavailable
from marketday.handback.model import ReceiptKind
from marketday.payments.ports import GatewayState

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
    assert sold.books.revoked == [sold.window.payment_holder], "nobody pays with its key any more"
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
