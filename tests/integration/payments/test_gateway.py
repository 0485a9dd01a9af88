"""One suite for the port: the fake and the sandbox behind its client must behave alike."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayRefused, GatewayTimeout, UnknownPayment
from marketday.payments.http import HttpGateway
from marketday.payments.ports import Gateway, GatewayState
from marketday.testing.gateway import FakeGateway
from marketday.testing.payments import paying_for

from .conftest import KEY, Sandbox


@pytest.fixture(params=["fake", "sandbox"])
async def gateways(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """One that waits for an answer as long as it takes, and one that gives up soon."""
    if request.param == "fake":
        fake = FakeGateway()
        yield fake, fake
        return
    async with (
        HttpGateway(sandbox.url, KEY, answer_seconds=60) as patient,
        HttpGateway(sandbox.url, KEY, answer_seconds=0.5) as hasty,
    ):
        yield patient, hasty


@pytest.fixture
def gateway(gateways: tuple[Gateway, Gateway]) -> Gateway:
    return gateways[0]


@pytest.fixture
def hasty(gateways: tuple[Gateway, Gateway]) -> Gateway:
    return gateways[1]


async def authorise(gateway: Gateway, method: str = "card_ok", amount_minor: int = 12_000):
    reference = new_id()
    return reference, await gateway.authorise(reference, amount_minor, "KRW", method, paying_for("dawn"))


async def test_authorise_capture_refund_each_twice(gateway: Gateway):
    reference, first = await authorise(gateway)
    assert first.state is GatewayState.AUTHORISED
    assert first.authorised
    assert await gateway.authorise(reference, 12_000, "KRW", "card_ok", paying_for("dawn")) == first
    for call, state in ((gateway.capture, GatewayState.CAPTURED), (gateway.refund, GatewayState.REFUNDED)):
        assert (await call(reference)).state is state
        assert (await call(reference)).state is state
    found = await gateway.lookup(reference)
    assert found is not None
    assert (found.state, found.amount_minor, found.currency) == (GatewayState.REFUNDED, 12_000, "KRW")


async def test_declined_is_an_answer_with_a_reason(gateway: Gateway):
    reference, declined = await authorise(gateway, "card_declined")
    assert declined.state is GatewayState.DECLINED
    assert declined.reason
    assert (await gateway.capture(reference)).state is GatewayState.DECLINED


async def test_a_card_that_times_out_was_never_authorised(gateway: Gateway, hasty: Gateway):
    reference = new_id()
    with pytest.raises(GatewayTimeout):
        await hasty.authorise(reference, 12_000, "KRW", "card_timeout", paying_for("dawn"))
    assert await gateway.lookup(reference) is None


async def test_a_late_card_was_authorised_after_all(gateway: Gateway, hasty: Gateway):
    reference = new_id()
    with pytest.raises(GatewayTimeout):
        await hasty.authorise(reference, 12_000, "KRW", "card_late", paying_for("dawn"))
    found = await gateway.lookup(reference)
    assert found is not None
    assert found.authorised
    assert (await gateway.void(reference)).state is GatewayState.VOIDED


async def test_voiding_what_never_came_closes_the_door_to_it(gateway: Gateway):
    reference = new_id()
    assert (await gateway.void(reference)).state is GatewayState.VOIDED
    late = await gateway.authorise(reference, 12_000, "KRW", "card_ok", paying_for("dawn"))
    assert late.state is GatewayState.VOIDED
    assert not late.authorised


async def test_a_step_that_is_not_allowed_changes_nothing(gateway: Gateway):
    reference, _ = await authorise(gateway)
    assert (await gateway.refund(reference)).state is GatewayState.AUTHORISED
    await gateway.capture(reference)
    assert (await gateway.void(reference)).state is GatewayState.CAPTURED


async def test_a_reference_stands_for_one_amount(gateway: Gateway):
    reference, _ = await authorise(gateway)
    with pytest.raises(GatewayRefused):
        await gateway.authorise(reference, 1, "KRW", "card_ok", paying_for("dawn"))


async def test_an_unknown_method_is_refused(gateway: Gateway):
    with pytest.raises(GatewayRefused):
        await authorise(gateway, "cash")


async def test_nothing_is_captured_or_refunded_of_what_never_came(gateway: Gateway):
    for call in (gateway.capture, gateway.refund):
        with pytest.raises(UnknownPayment):
            await call(new_id())


async def test_the_same_authorise_two_hundred_times_at_once(gateway: Gateway):
    reference = new_id()
    calls = [gateway.authorise(reference, 12_000, "KRW", "card_ok", paying_for("dawn")) for _ in range(200)]
    assert {answer.state for answer in await asyncio.gather(*calls)} == {GatewayState.AUTHORISED}


async def test_a_holder_is_known_from_its_first_key_until_it_is_revoked(gateway: FakeGateway | HttpGateway):
    holder = f"event-{new_id()}"
    assert not await gateway.is_known(holder)
    for _ in range(2):
        await gateway.issue(holder, "a key")
        assert await gateway.is_known(holder)
    for _ in range(2):
        await gateway.revoke(holder)
        assert not await gateway.is_known(holder)


async def test_the_books_have_each_payment_as_it_stands_by_group_and_holder(gateway: FakeGateway | HttpGateway):
    group, wanted = f"drop-{new_id().hex}", new_id()
    purpose = paying_for(group)
    await gateway.authorise(wanted, 12_000, "KRW", "card_ok", purpose)
    captured = await gateway.capture(wanted)
    await authorise(gateway)  # of another group
    [entry] = [entry async for entry in gateway.ledger(group=group)]
    assert (entry.payment, entry.holder, entry.purpose) == (captured, "", purpose)
    assert [each.payment async for each in gateway.ledger(holder="", group=group)] == [captured]
    assert [each async for each in gateway.ledger(holder="another", group=group)] == []
