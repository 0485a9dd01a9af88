"""The crowd's own HTTP client against servers that behave well, and ones that do not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from marketday.crowd.client import Call, Visitor
from marketday.crowd.http import wire as wires
from marketday.crowd.http.wire import Wire
from marketday.crowd.journal import Journal, VisitorRole, read_journals

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FINE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"


@asynccontextmanager
async def server(talk: Talk) -> AsyncIterator[str]:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield f"http://event.localhost:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    with Journal(tmp_path / "journal.jsonl") as journal:
        async with Wire(journal, "the key") as opened:
            yield opened


def get(url: str) -> Call:
    return Call("gate", "now", "GET", f"{url}/v1/now?a=1")


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def test_one_connection_serves_many_requests(wire: Wire) -> None:
    heads: list[list[bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append([])
        while True:
            try:
                heads[-1].append(await head_of(reader))
            except asyncio.IncompleteReadError:
                return
            writer.write(FINE + b'{"a": 1}')

    async with server(talk) as url:
        answers = [await wire.send(get(url), {"Marketday-Crowd": "k"}) for _ in range(3)]
        port = url.rsplit(":", 1)[1]

    assert answers == [(200, {"Content-Type": "application/json"}, b'{"a": 1}', "")] * 3
    expected = f"GET /v1/now?a=1 HTTP/1.1\r\nHost: event.localhost:{port}\r\nMarketday-Crowd: k\r\n\r\n"
    assert heads == [[expected.encode()] * 3]


@pytest.mark.parametrize(
    ("answer", "status", "content"),
    [
        (b"HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 201, b"abcde"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (
            b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + FINE + b"answered",
            200,
            b"answered",
        ),
        (b"HTTP/1.1 503 Away\r\nRETRY-AFTER: 2\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 503, b"x"),
    ],
)
async def test_every_form_of_answer_is_read(wire: Wire, answer: bytes, status: int, content: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        for place in range(len(answer)):  # in the smallest possible parts
            writer.write(answer[place : place + 1])
            await writer.drain()
        await reader.read()

    async with server(talk) as url:
        got, headers, body, reason = await wire.send(get(url), {})
    assert (got, body, reason) == (status, content, "")
    assert headers == {503: {"Retry-After": "2"}, 200: {"Content-Type": "application/json"}}.get(status, {})


@pytest.mark.parametrize("pause", [0.05, 0.0])
async def test_an_answer_that_nobody_asked_for_is_not_the_next_one(wire: Wire, pause: float) -> None:
    seen = asyncio.Semaphore(0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(FINE + b'{"a": 1}')
        await asyncio.sleep(pause)
        writer.write(FINE + b'{"a": 2}')
        await reader.read()  # until the client closes
        seen.release()

    async with server(talk) as url:
        assert (await wire.send(get(url), {}))[2] == b'{"a": 1}'
        await seen.acquire()
        assert (await wire.send(get(url), {}))[2] == b'{"a": 1}'


async def test_a_connection_that_was_closed_while_idle_is_replaced(wire: Wire) -> None:
    asked = asyncio.Semaphore(0)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        asked.release()
        writer.write(FINE + b'{"a": 1}')  # and closes, without saying so

    async with server(talk) as url:
        for _ in range(5):
            assert (await wire.send(get(url), {}))[0] == 200
            await asked.acquire()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "ConnectionAbortedError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "ConnectionResetError"),
        (b"something else\r\n\r\n", "ConnectionResetError"),
        (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n", "ConnectionResetError"),
        pytest.param(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 2_000_000, "ConnectionResetError", id="a head without an end"),
    ],
)
async def test_no_answer_has_a_reason(wire: Wire, answer: bytes, reason: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()

    async with server(talk) as url:
        assert await wire.send(get(url), {}) == (0, {}, b"", reason)
    assert await wire.send(get("http://127.0.0.1:9"), {}) == (0, {}, b"", "ConnectionRefusedError")
    assert await wire.send(get("http://example.com"), {}) == (0, {}, b"", "NotLoopback")


async def test_a_silent_server_is_not_waited_for(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "ANSWER_SECONDS", 0.05)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read()

    async with server(talk) as url:
        assert await wire.send(get(url), {}) == (0, {}, b"", "TimeoutError")


async def test_a_header_cannot_begin_another_request(wire: Wire) -> None:
    with pytest.raises(ValueError, match="line break"):
        await wire.send(get("http://localhost:1"), {"Authorization": "a\r\n\r\nGET / HTTP/1.1"})


async def test_a_public_answer_is_kept_once(wire: Wire, tmp_path: Path) -> None:
    seen = iter([1, 1, 2, 1])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for value in seen:
            await head_of(reader)
            writer.write(FINE + json.dumps({"a": value}).encode())
        await reader.read()

    async with server(talk) as url:
        visitor = Visitor(wire, "p", VisitorRole.BUYER, "198.18.0.1")
        call = Call("gate", "now", "GET", f"{url}/now", keep=("a",), public=True)
        bodies = [(await visitor.ask(call)).body for _ in range(4)]

    assert bodies == [{"a": 1}, {"a": 1}, {"a": 2}, {"a": 1}]
    journal = read_journals([tmp_path / "journal.jsonl"])
    assert [answer.facts for answer in journal] == [{"a": 1}, {}, {"a": 2}, {"a": 1}]
