"""What the client makes of answers that no gateway should give."""

import pytest
from aiohttp import web

from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayTimeout
from marketday.payments.http import HttpGateway
from marketday.payments.ports import GatewayState


@pytest.fixture
async def gateway_of():
    runners = []

    async def serve(*answers):
        left = list(answers)

        async def answer(request):
            status, text = left.pop(0) if len(left) > 1 else left[0]
            return web.Response(status=status, text=text, content_type="application/json")

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
