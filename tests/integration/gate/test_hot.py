"""A hot endpoint and the framework's route behind it give the same answers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from marketday.apps.gate import Settings, create_app
from marketday.kit.ids import new_id
from marketday.testing.serving import answered_hot, hot_client
from marketday.waitingroom.valkey import ValkeyRooms

from .conftest import COOKIES, PUBLIC_URL, SEED, Publish, bearing, identity

DROP = "/v1/drops/dawn-serum"
OF_A_HEAD = {"x-request-id", "content-length", "set-cookie", "date", "server"}
OF_A_CALL = {"instance", "index", "position", "joined_at", "admission", "expires_at", "server_time", "waiting"}


@pytest.fixture
async def hot(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A gate at a real address: hot endpoints are the server's."""
    app = create_app(settings)
    async with app.router.lifespan_context(app), hot_client(app, PUBLIC_URL) as client:
        yield client


def seen(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    """What of an answer must be equal: all but the values that differ from call to call."""
    headers = {name: value for name, value in answer.headers.items() if name not in OF_A_HEAD}
    return answer.status_code, headers, {**answer.json(), **dict.fromkeys(OF_A_CALL & answer.json().keys())}


def calls() -> dict[str, dict[str, Any]]:
    """Requests by name, each with a person of its own."""
    person = new_id()
    token = {"Authorization": f"Bearer {identity(person)}"}
    cookie = {"Cookie": f"{COOKIES.identity('dawn-serum')}={identity(person)}", "Sec-Fetch-Site": "same-origin"}
    join = {"method": "POST", "url": f"{DROP}/entries", "headers": token}
    admit = {"method": "POST", "url": f"{DROP}/admissions", "headers": token}
    return {
        "now": {"method": "GET", "url": f"{DROP}/now"},
        "now of an unknown drop": {"method": "GET", "url": "/v1/drops/elsewhere/now"},
        "now of no drop's name": {"method": "GET", "url": "/v1/drops/UPPER/now"},
        "now by another method": {"method": "PUT", "url": f"{DROP}/now"},
        "join": join,
        "join by cookie": {**join, "headers": cookie},
        "join again": {**join, "url": f"{DROP}/entries?again=true"},
        "join with a wrong option": {**join, "url": f"{DROP}/entries?again=perhaps"},
        "join with a body": {**join, "content": b"{"},
        "join with a percent in the path": {**join, "url": "/v1/drops/dawn%2Dserum/entries"},
        "join an unknown drop": {**join, "url": "/v1/drops/elsewhere/entries"},
        "join without a token": {**join, "headers": {}},
        "join with a damaged token": {**join, "headers": {"Authorization": token["Authorization"] + "x"}},
        "join with an expired token": {
            **join,
            "headers": {"Authorization": f"Bearer {identity(person, minutes_ago=99)}"},
        },
        "join from another site": {**join, "headers": {**token, "Origin": "http://elsewhere.example"}},
        "admission": admit,
        "admission by cookie": {**admit, "headers": cookie},
        "admission without an entry": {**admit, "headers": bearing(new_id())},
        "admission without a token": {**admit, "headers": {}},
    }


@pytest.mark.parametrize("served", [False, True], ids=["waiting", "served"])
async def test_both_ways_give_the_same_answer(
    hot: httpx.AsyncClient, gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms, *, served: bool
) -> None:
    facts = await publish(opens=-1)
    if served:
        await rooms.open(facts.slug, SEED, facts.opens_at)
        await rooms.call(facts.slug, 1000, facts.opens_at)
    asked, again = calls(), calls()
    with answered_hot() as paths:
        answers = {name: (await hot.request(**asked[name]), await gate.request(**again[name])) for name in asked}
    assert paths == {f"/v1/drops/{{drop}}/{name}" for name in ("now", "entries", "admissions")}
    assert {name: seen(one) for name, (one, _) in answers.items()} == {
        name: seen(other) for name, (_, other) in answers.items()
    }
    if served:
        assert answers["admission"][0].status_code == 201
        assert "set-cookie" in answers["admission by cookie"][0].headers
