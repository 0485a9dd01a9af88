"""The walk against an edge that answers by a script: what goes wrong is named, what passes is waited for."""

import aiohttp
import pytest
from aiohttp import web

from marketday.environments.errors import SmokeFailed
from marketday.environments.plane.smoke_walk import SmokeWalk
from marketday.environments.ports import Access

DROP = "/v1/drops/smoke-00000001"
OPEN = {"phase": "open", "commitment": "c0ffee", "seed": "5eed"}
GOOD = {
    f"POST {DROP}/entries": [(201, {"commitment": "c0ffee"})],
    f"GET {DROP}/now": [(200, OPEN)],
    f"POST {DROP}/admissions": [(201, {"admission": "an admission"})],
    f"POST {DROP}/reservations": [(201, {"id": "r1"})],
    "POST /v1/reservations/r1/payment": [(201, {"order": {"id": "o1"}})],
    "GET /v1/orders/o1": [(200, {"id": "o1"})],
}


class Edge:
    """Answers each request with the next line of its script, the last one again and again."""

    def __init__(self):
        self.script = {request: list(answers) for request, answers in GOOD.items()}
        self.seen = []
        self.headers = {}

    async def answer(self, request):
        name = f"{request.method} {request.path}"
        self.seen.append((name, dict(request.headers)))
        if name.endswith("/entries") and "Authorization" not in request.headers:
            return web.json_response({"type": "missing-token"}, status=self.script.get("no token", 401))
        answers = self.script[name]
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(body, dict):
            return web.json_response(body, status=status, headers=self.headers.get(name))
        return web.Response(text=body, status=status)


@pytest.fixture
def edge():
    return Edge()


@pytest.fixture
async def walk(edge):
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", edge.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    access = Access("", "", f"http://{host}:{port}", "event.localhost", {"x-marketday-proof": "a proof"})
    try:
        async with aiohttp.ClientSession() as session:
            yield SmokeWalk(session, access, "smoke-00000001", "an identity", part_seconds=1.0)
    finally:
        await runner.cleanup()


async def test_the_whole_purchase(edge, walk):
    await walk.buy("DAWN-SERUM-30")
    assert {headers["Host"] for _, headers in edge.seen} == {"event.localhost"}
    assert {headers["x-marketday-proof"] for _, headers in edge.seen} == {"a proof"}
    headers = dict(edge.seen)[f"POST {DROP}/reservations"]
    assert headers["Authorization"] == "Bearer an identity"
    assert headers["Marketday-Admission"] == "an admission"
    assert headers["Idempotency-Key"]
    public = [headers for name, headers in edge.seen if name == f"GET {DROP}/now"]
    assert all("Authorization" not in headers for headers in public)


async def test_what_is_not_ready_yet_is_asked_again(edge, walk):
    waiting = {"phase": "waiting", "commitment": "c0ffee", "seed": None}
    edge.script[f"POST {DROP}/entries"].insert(0, (502, "<html>Bad Gateway</html>"))
    edge.script[f"GET {DROP}/now"] = [(200, waiting), (200, waiting), (200, OPEN)]
    edge.script[f"POST {DROP}/admissions"].insert(0, (409, {"type": "not-yet-served"}))
    edge.script["POST /v1/reservations/r1/payment"].insert(0, (202, {"payment": {"state": "unknown"}}))
    await walk.buy("DAWN-SERUM-30")


@pytest.mark.parametrize(
    ("request_", "answer", "part"),
    [
        ("no token", 200, "refuse who has no token"),
        (f"POST {DROP}/entries", (502, "<html>"), "join"),
        (f"GET {DROP}/now", (200, {"phase": "open", "commitment": "another", "seed": "x"}), "now"),
        (f"GET {DROP}/now", (200, {"phase": "waiting", "commitment": "c0ffee"}), "draw"),
        (f"POST {DROP}/admissions", (403, {}), "admission"),
        (f"POST {DROP}/reservations", (410, {"type": "sold-out"}), "reserve"),
        ("POST /v1/reservations/r1/payment", (402, {"type": "payment-declined"}), "pay"),
        ("GET /v1/orders/o1", (200, {"id": "another"}), "order"),
        ("GET /v1/orders/o1", (200, "[]"), "order"),
    ],
)
async def test_the_part_that_fails_is_named(edge, walk, request_, answer, part):
    edge.script[request_] = answer if isinstance(answer, int) else [answer]
    with pytest.raises(SmokeFailed, match=f"^{part}: "):
        await walk.buy("DAWN-SERUM-30")


async def test_an_edge_that_is_away_is_told(edge):
    access = Access("", "", "http://127.0.0.1:1", "event.localhost")
    async with aiohttp.ClientSession() as session:
        walk = SmokeWalk(session, access, "smoke-00000001", "an identity", part_seconds=0.1)
        with pytest.raises(SmokeFailed, match="got the answer 0"):
            await walk.buy("DAWN-SERUM-30")


async def test_a_redirect_is_not_followed(edge, walk):
    """The environment does not choose whom the mall asks."""
    path = "POST /v1/drops/smoke-00000001/entries"
    edge.script["POST /elsewhere"] = edge.script["GET /elsewhere"] = [(200, {"commitment": "theirs"})]
    edge.script[path] = [(307, {})]
    edge.headers[path] = {"Location": "/elsewhere"}
    with pytest.raises(SmokeFailed, match="got the answer 307"):
        await walk.buy("DAWN-SERUM-30")
    assert not [name for name, _ in edge.seen if "elsewhere" in name]


async def test_an_answer_without_an_end_is_read_a_while(edge, walk, monkeypatch):
    monkeypatch.setattr("marketday.environments.plane.smoke_walk._LARGEST_BODY", 1000)
    edge.script["POST /v1/drops/smoke-00000001/entries"] = [(403, "\u202e" + "x" * 1_000_000)]
    with pytest.raises(SmokeFailed) as failed:
        await walk.buy("DAWN-SERUM-30")
    assert failed.value.detail.isprintable()
    assert len(failed.value.detail) < 400


async def test_an_order_that_is_no_object_is_none(edge, walk):
    path = next(name for name in edge.script if name.endswith("/payment"))
    edge.script[path] = [(201, {"order": ["x"]})]
    with pytest.raises(SmokeFailed):
        await walk.buy("DAWN-SERUM-30")
