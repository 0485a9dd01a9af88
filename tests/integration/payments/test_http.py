"""How the client handles wrong answers of a gateway."""

import json
import time

import pytest
from aiohttp import web

from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayRefused, GatewayTimeout, GatewayUnclear
from marketday.payments.http import HttpGateway
from marketday.payments.ports import GatewayState
from marketday.testing.payments import paying_for


@pytest.fixture
async def gateway_of():
    runners = []

    async def serve(*answers, asked=None):
        left, asked = list(answers), [] if asked is None else asked

        async def answer(request):
            status, text, *headers = left.pop(0) if len(left) > 1 else left[0]
            asked.append(time.monotonic())
            kind = {} if headers and "Content-Type" in headers[0] else {"content_type": "application/json"}
            return web.Response(status=status, text=text, headers=headers[0] if headers else None, **kind)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield serve
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize("odd", [(200, "<html>"), (200, "{"), (429, "{}"), (502, "bad gateway")])
async def test_what_is_no_answer_is_asked_again(gateway_of, odd):
    reference = new_id()
    good = f'{{"reference": "{reference}", "state": "captured", "amount_minor": 1, "currency": "KRW", "reason": ""}}'
    async with HttpGateway(await gateway_of(odd, odd, (200, good)), "key", answer_seconds=20) as gateway:
        assert (await gateway.capture(reference)).state is GatewayState.CAPTURED


@pytest.mark.parametrize("odd", [(200, "<html>"), (429, "{}"), (503, "")])
async def test_a_gateway_that_never_answers_leaves_the_payment_unknown(gateway_of, odd):
    async with HttpGateway(await gateway_of(odd), "key", answer_seconds=0.3) as gateway:
        with pytest.raises(GatewayTimeout):
            await gateway.capture(new_id())


def good(reference, **changes):
    members = {"reference": str(reference), "state": "authorised", "amount_minor": 1, "currency": "KRW", "reason": ""}
    return 200, json.dumps(members | changes)


async def test_a_gateway_that_is_busy_is_left_alone_for_as_long_as_it_asks(gateway_of):
    reference, asked = new_id(), []
    url = await gateway_of((429, "", {"Retry-After": "1"}), good(reference), asked=asked)
    async with HttpGateway(url, "key", answer_seconds=20) as gateway:
        assert (await gateway.lookup(reference)).state is GatewayState.AUTHORISED
    assert asked[1] - asked[0] >= 1


async def test_a_pause_that_is_longer_than_we_may_wait_is_told_at_once(gateway_of):
    asked = []
    async with HttpGateway(
        await gateway_of((429, "", {"Retry-After": "3600"}), asked=asked), "key", answer_seconds=60
    ) as gateway:
        with pytest.raises(GatewayTimeout, match="429"):
            await gateway.capture(new_id())
    assert len(asked) == 1


async def test_pauses_grow_so_that_a_gateway_in_trouble_is_not_stormed(gateway_of):
    asked = []
    async with HttpGateway(await gateway_of((503, ""), asked=asked), "key", answer_seconds=3) as gateway:
        with pytest.raises(GatewayTimeout, match="503"):
            await gateway.capture(new_id())
    assert 1 < len(asked) <= 12  # every 50 ms would be 60


@pytest.mark.parametrize(
    "odd",
    [
        (302, "", {"Location": "http://127.0.0.1:1/"}),
        (200, "x" * 10_000_000),
        (200, '{"error": "internal"}'),
        (200, "[]"),
        (200, '{"state": "melted"}'),
    ],
    ids=lambda odd: odd[1][:20] or str(odd[0]),
)
async def test_what_cannot_be_understood_is_said_at_once(gateway_of, odd):
    asked = []
    async with HttpGateway(await gateway_of(odd, asked=asked), "key", answer_seconds=60) as gateway:
        with pytest.raises(GatewayUnclear, match="expected"):
            await gateway.capture(new_id())
    assert len(asked) == 1


async def test_a_refusal_after_a_try_without_an_answer_is_no_refusal(gateway_of):
    """The first try may have been carried out: only whoever looks it up knows."""
    refused = (403, '{"detail": "who are you"}')
    async with HttpGateway(await gateway_of(refused), "key", answer_seconds=20) as gateway:
        with pytest.raises(GatewayRefused, match="who are you"):
            await gateway.authorise(new_id(), 1, "KRW", "card_ok", paying_for("mall"))
    async with HttpGateway(await gateway_of((502, ""), refused), "key", answer_seconds=20) as gateway:
        with pytest.raises(GatewayUnclear, match="who are you"):
            await gateway.authorise(new_id(), 1, "KRW", "card_ok", paying_for("mall"))
    async with HttpGateway(await gateway_of((429, ""), refused), "key", answer_seconds=20) as gateway:
        with pytest.raises(GatewayRefused):  # a 429 is carried out by nobody
            await gateway.authorise(new_id(), 1, "KRW", "card_ok", paying_for("mall"))


@pytest.mark.parametrize("changes", [{"amount_minor": 2}, {"currency": "USD"}], ids=str)
async def test_another_sum_than_was_asked_for_is_unclear(gateway_of, changes):
    reference = new_id()
    async with HttpGateway(await gateway_of(good(reference, **changes)), "key", answer_seconds=20) as gateway:
        with pytest.raises(GatewayUnclear, match="expected 1 KRW"):
            await gateway.authorise(reference, 1, "KRW", "card_ok", paying_for("mall"))
