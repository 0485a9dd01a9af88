"""Valkey stops answering, or answers slowly: nobody waits without a limit, and nobody is refused without need."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from marketday.apps.gate import Settings, create_app
from marketday.kit.ids import new_id
from marketday.kit.valkey import connect
from marketday.testing.wire import TcpProxy, wire_to
from marketday.waitingroom import valkey
from marketday.waitingroom.valkey import ValkeyRooms

from .conftest import Publish, bearing

PEOPLE = 80  # more than the gate has connections
ENTRIES = "/v1/drops/dawn-serum/entries"
STATED_SECONDS, GOOD_AGAIN_SECONDS, SLACK = 5, 3, 15  # the slack is for a busy machine


@pytest.fixture
async def wire(valkey_url: str) -> AsyncIterator[TcpProxy]:
    async with wire_to(valkey_url) as wire:
        yield wire


@pytest.fixture(autouse=True)
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the limits of one try and of all, but for one case: they differ in what is lost, not in the waiting."""
    if "[" in request.node.name and "connected-both" not in request.node.name:
        monkeypatch.setattr("marketday.kit.valkey._ANSWER_SECONDS", 0.5)
        monkeypatch.setattr("marketday.kit.valkey._TRY_AGAIN_SECONDS", 0.5)


@pytest.fixture
async def gate(settings: Settings, wire: TcpProxy) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update={"valkey_url": type(settings.valkey_url)(wire.url)}))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://event.localhost:9") as client,
    ):
        yield client


async def join(gate: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await gate.post(ENTRIES, headers=headers)


async def until_answered(gate: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    while (answer := await join(gate, headers)).status_code == 503:
        pass
    return answer


@pytest.mark.parametrize("swallowed", ["both", "there", "back", "middle"])
@pytest.mark.parametrize("begins", ["connected", "at-connect"])
async def test_silence_is_told_in_time_and_over_soon(
    gate: httpx.AsyncClient, wire: TcpProxy, publish: Publish, swallowed: str, begins: str
) -> None:
    await publish(opens=10)
    people = [bearing(new_id()) for _ in range(PEOPLE)]
    if begins == "connected":
        assert (await until_answered(gate, people[0])).status_code in (200, 201)
    wire.there, wire.back = swallowed not in ("both", "there"), swallowed not in ("both", "back")
    wire.left_of_answer = 20 if swallowed == "middle" else None
    begun = time.monotonic()
    answers = await asyncio.gather(*(join(gate, person) for person in people))
    assert time.monotonic() - begun < STATED_SECONDS + SLACK
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    wire.heal()
    async with asyncio.timeout(GOOD_AGAIN_SECONDS + SLACK):
        answers = await asyncio.gather(*(until_answered(gate, person) for person in people))
    assert sorted(answer.json()["index"] for answer in answers) == list(range(PEOPLE))  # one entry a person, none lost


async def test_hundreds_of_joins_at_once_wait_as_long_as_valkey_answers(
    wire: TcpProxy, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two connections and ten milliseconds for each answer most wait longer than an answer may take."""
    monkeypatch.setattr(valkey, "_ANSWER_SECONDS", 2.0)
    facts = await publish(opens=10)
    client = connect(wire.url, connections=2)
    rooms = ValkeyRooms(client)
    wire.pause_seconds = 0.01
    try:
        joined = await asyncio.gather(*(rooms.join(facts.slug, new_id(), facts.room_opens_at) for _ in range(500)))
    finally:
        await client.aclose()
    assert len({each.entry.index for each in joined}) == 500
