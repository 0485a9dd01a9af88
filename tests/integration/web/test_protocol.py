"""An answer is sent with one call of the system, whatever it is made of; a stream is sent as it comes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from marketday.web.protocol import Protocol

PAGE = b"x" * 20_000
HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    await send(HEAD)
    if scope["path"] == "/stream":
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
            await asyncio.sleep(0.01)
    await send({"type": "http.response.body", "body": PAGE})


@pytest.fixture
async def calls(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[int]]:
    """The number of bytes of each call that sends."""
    sent: list[int] = []
    write = asyncio.selector_events._SelectorSocketTransport.write  # type: ignore[attr-defined]

    def counted(self: Any, data: bytes) -> None:
        if self.get_extra_info("sockname")[1] == port:
            sent.append(len(data))
        write(self, data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setattr(asyncio.selector_events._SelectorSocketTransport, "write", counted)  # type: ignore[attr-defined]
        server = uvicorn.Server(uvicorn.Config(app, http=Protocol, log_config=None, lifespan="off"))
        task = asyncio.create_task(server.serve([listener]))
        sent.append(port)
        yield sent
        server.should_exit = True
        await task


async def ask(port: int, path: str, times: int = 1) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\n"
    for number in range(times):
        writer.write(f"{request}{'Connection: close' if number == times - 1 else 'A: b'}\r\n\r\n".encode())
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_head_and_body_are_sent_with_one_call(calls: list[int]) -> None:
    port = calls.pop()
    answer = await ask(port, "/", 2)
    assert answer.count(PAGE) == answer.count(b"200 OK") == 2
    assert len(calls) == 2


async def test_a_stream_is_sent_as_it_comes(calls: list[int]) -> None:
    port = calls.pop()
    answer = await ask(port, "/stream")
    assert answer.count(b"part") == 3
    assert len(calls) >= 4
