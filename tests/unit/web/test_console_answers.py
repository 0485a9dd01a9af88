"""An event plane in an attacker's hands sends bad answers: the console continues, and follows no redirect."""

import gzip
import json

import aiohttp
import pytest
from aiohttp import web

from marketday.web.console.http import LARGEST_METRICS, LARGEST_NOW, HttpServices
from marketday.web.console.watch import PlaneScrapes

NOW = {"phase": "open", "waiting": 3, "inside": 2, "serving_number": 12, "left": None}
HOSTILE_NOW = [
    json.dumps(NOW | {"left": "many"}),
    json.dumps(NOW | {"waiting": True}),
    json.dumps(NOW | {"waiting": [1]}),
    json.dumps(NOW | {"serving_number": float("nan")}),
    json.dumps(NOW | {"inside": 10**400}),
    json.dumps(NOW | {"phase": "stolen"}),
    json.dumps(NOW | {"phase": ["open"]}),
    json.dumps(NOW | {"more": "x" * LARGEST_NOW}),
    "[" * 60_000,
    "[]",
    "",
    '{"phase": "open"',
]
COUNT = 'marketday_request_seconds_count{route="/",status="200"} '
HOSTILE_METRICS = [
    'marketday_stock_units{drop="dawn-serum",state="total"} inf',
    'marketday_stock_units{drop="dawn-serum",state="total"} NaN',
    'marketday_stock_units{drop="dawn-serum",state="total"} 1e308',
    'marketday_request_seconds_bucket{le="soon",route="/"} 1',
    'marketday_request_seconds_bucket{route="/"} 1',
    f'marketday_request_seconds_count{{route="{"x" * 2000}"}} 1',
    "marketday_{",
    '{le="1"} 1',
]


class Taken:
    """A service with prepared answers."""

    body, headers, status = b"", {}, 200

    def __init__(self):
        self.asked = []

    async def answer(self, request):
        self.asked.append(request.path)
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@pytest.fixture
def taken():
    return Taken()


@pytest.fixture
async def address(taken):
    app = web.Application()
    app.router.add_get("/{path:.*}", taken.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def services():
    async with aiohttp.ClientSession() as session:
        yield HttpServices(session)


async def test_what_is_expected_is_shown(taken, address, services):
    taken.body = json.dumps(NOW).encode()
    assert await services.now(address, "dawn-serum") == NOW


@pytest.mark.parametrize("body", HOSTILE_NOW, ids=lambda body: body[:60])
async def test_a_document_that_cannot_be_shown_is_no_answer(taken, address, services, body):
    taken.body = body.encode()
    assert await services.now(address, "dawn-serum") is None


async def test_an_answer_that_leads_elsewhere_is_not_followed(taken, address, services):
    taken.status, taken.headers = 302, {"Location": f"{address}/elsewhere"}
    assert await services.metrics(address) is None
    assert await services.now(address, "dawn-serum") is None
    assert taken.asked == ["/metrics", "/v1/drops/dawn-serum/now"]


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_is_read_up_to_a_size(taken, address, services, packed):
    body = b"# \n" * LARGEST_METRICS
    taken.body = gzip.compress(body) if packed else body
    taken.headers = {"Content-Encoding": "gzip"} if packed else {}
    assert await services.metrics(address) is None


@pytest.mark.parametrize("text", HOSTILE_METRICS, ids=lambda text: text[:60])
def test_metrics_that_are_none_are_a_service_that_is_down(text):
    watch = PlaneScrapes("event")
    watch.service("gate", {"gate-1": f"{COUNT}1\n"})
    assert not watch.service("gate", {"gate-1": text}).up
    assert watch.service("gate", {"gate-1": f"{COUNT}2\n"}).up
