"""The server answers hot endpoints itself, and leaves everything unusual to the framework, over a real connection."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI, Request
from structlog.testing import capture_logs

from marketday.kit.errors import Kind, Permanent
from marketday.provisioners.local.ports import free_ports
from marketday.testing.serving import served
from marketday.web.hot import HotAnswer, HotEndpoint, HotRequest, json_answer
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.site import Site

HOST = b"Host: shop.localhost\r\n"
ASK = b"POST /v1/things/one/buy HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n%b\r\nabc"
CHUNKED = ASK.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked").replace(b"abc", b"3\r\nabc\r\n0\r\n\r\n")
LAST = b"Connection: close\r\n"
Talk = Callable[..., Awaitable[list[tuple[int, str]]]]


class NothingLeft(Permanent):
    """Nothing is left."""

    kind = Kind.GONE
    slug = "nothing-left"


@pytest.fixture
async def app() -> FastAPI:
    """An application with one hot endpoint; both ways say who answered."""
    app = FastAPI()
    install_problems(app)
    app.state.release = asyncio.Event()
    app.state.release.set()

    async def buy(request: HotRequest) -> HotAnswer | None:
        await app.state.release.wait()
        match request.path_params["thing"]:
            case "unusual":
                return None
            case "gone":
                raise NothingLeft("0 units; expected 1", left=0)
            case "broken":
                raise RuntimeError("a secret")
        return json_answer(201, {"by": "server", "body": request.content.decode()})

    install_requests(
        app,
        "test",
        Site("http://shop.localhost"),
        hot=[HotEndpoint("POST", "/v1/things/{thing}/buy", buy)],
        most_in_flight=2,
    )

    @app.post("/v1/things/{thing}/buy", status_code=201)
    async def framework(thing: str, request: Request) -> dict[str, Any]:
        return {"by": "framework", "body": (await request.body()).decode()}

    return app


@pytest.fixture
async def talk(app: FastAPI) -> AsyncIterator[Talk]:
    """Send parts, and return the status and the body of each answer until the server closes the connection."""
    port = free_ports(1)[0]

    async def talked(*parts: bytes) -> list[tuple[int, str]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        try:
            async with asyncio.timeout(20):
                said = (await reader.read()).decode().removeprefix("HTTP/1.1 100 Continue\r\n\r\n")
        finally:
            writer.close()
        found = re.findall(r"HTTP/1\.1 (\d+) .*?content-length: (\d+).*?\r\n\r\n", said, re.DOTALL | re.IGNORECASE)
        bodies = re.split(r"HTTP/1\.1 .*?\r\n\r\n", said, flags=re.DOTALL)[1:]
        assert [len(body.encode()) for body in bodies] == [int(length) for _, length in found]
        return [(int(status), body) for (status, _), body in zip(found, bodies, strict=True)]

    async with served(app, port):
        yield talked


def by(who: str, body: str = "abc") -> tuple[int, str]:
    return 201, f'{{"by":"{who}","body":"{body}"}}'


async def test_a_usual_request_is_answered_by_the_server(talk: Talk) -> None:
    assert await talk(ASK % LAST) == [by("server")]


async def test_a_request_may_come_in_any_parts(talk: Talk) -> None:
    whole = ASK % LAST
    assert await talk(*(whole[at : at + 1] for at in range(len(whole)))) == [by("server")]


@pytest.mark.parametrize(
    "request_",
    [
        ASK.replace(b"/buy", b"/buy?again=1") % LAST,
        ASK.replace(b"one", b"%%6fne") % LAST,
        ASK.replace(b"one", b"unusual") % LAST,
        ASK.replace(b"HTTP/1.1", b"HTTP/1.0") % LAST,
        ASK % (LAST + b"Accept: a/b\r\nAccept: a/b\r\n"),
        ASK.replace(b"Content-Length: 3", b"Transfer-Encoding: chunked").replace(b"abc", b"3\r\nabc\r\n0\r\n\r\n")
        % LAST,
    ],
    ids=["an option", "an escape", "what it says", "an old version", "a repeated field", "no length"],
)
async def test_an_unusual_request_is_answered_by_the_framework(talk: Talk, request_: bytes) -> None:
    assert await talk(request_) == [by("framework")]


async def test_a_client_that_asks_before_it_sends_the_body_is_told_to(talk: Talk) -> None:
    assert await talk(ASK % (LAST + b"Expect: 100-continue\r\n")) == [by("framework")]


async def test_pipelined_requests_are_answered_in_their_order(talk: Talk, app: FastAPI) -> None:
    app.state.release.clear()
    one, unusual = ASK % b"", ASK.replace(b"one", b"unusual") % b""
    asked = asyncio.create_task(talk(one + unusual + one + ASK.replace(b"abc", b"end") % LAST))
    while app.state.hot.rules.answering < 1:
        await asyncio.sleep(0.001)
    app.state.release.set()
    answers = await asked
    assert [body.partition('"body"')[2] for _, body in answers] == [':"abc"}'] * 3 + [':"end"}']
    assert answers[1] == by("framework")


async def test_our_errors_are_problem_documents_and_others_keep_their_words_to_themselves(talk: Talk) -> None:
    with capture_logs() as lines:
        gone, broken = [(await talk(ASK.replace(b"one", thing) % LAST))[0] for thing in (b"gone", b"broken")]
    assert gone[0] == 410
    assert '"detail":"0 units; expected 1"' in gone[1]
    assert broken[0] == 500
    assert "secret" not in broken[1]
    assert [line["path"] for line in lines if line["event"] == "request_crashed"] == ["/v1/things/broken/buy"]


@pytest.mark.parametrize(
    "field",
    [
        b"Origin: http://elsewhere.example\r\n",
        b"Content-Type: application/x-www-form-urlencoded\r\n",
        b"Cookie: a=b\r\n",
    ],
)
async def test_a_form_of_another_site_is_refused(talk: Talk, field: bytes) -> None:
    assert [status for status, _ in await talk(ASK % (LAST + field))] == [403]


async def test_another_host_and_a_large_body_are_refused(talk: Talk) -> None:
    assert [each for each, _ in await talk((ASK % LAST).replace(b"shop", b"evil"))] == [421]
    large = (ASK % LAST).replace(b"Length: 3", b"Length: 70000").replace(b"abc", b"a" * 70_000)
    assert [each for each, _ in await talk(large)] == [413]


async def test_more_than_can_be_answered_are_refused_at_once(talk: Talk, app: FastAPI) -> None:
    app.state.release.clear()
    held = [asyncio.create_task(talk(ASK % LAST)) for _ in range(2)]
    while app.state.hot.rules.answering < 2:
        await asyncio.sleep(0.001)
    assert [each for each, _ in await talk(ASK % LAST)] == [503]
    app.state.release.set()
    assert await asyncio.gather(*held) == [[by("server")]] * 2
    assert app.state.hot.rules.answering == 0


async def test_a_client_that_goes_away_leaves_nothing(talk: Talk, app: FastAPI) -> None:
    app.state.release.clear()
    gone = asyncio.create_task(talk(ASK % b""))
    while app.state.hot.rules.answering < 1:
        await asyncio.sleep(0.001)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    with capture_logs() as lines:
        app.state.release.set()
        while app.state.hot.rules.answering:
            await asyncio.sleep(0.001)
        assert await talk(ASK % LAST) == [by("server")]
    assert lines == []
