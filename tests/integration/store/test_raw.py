"""What a client can do to a connection that no usual client does: each request gets its own answer, and no other."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from fastapi import FastAPI

from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports
from marketday.testing.drops import SKU, SLUG, Shop
from marketday.testing.serving import served

from .conftest import Mint

PATH = f"/v1/drops/{SLUG}/reservations"
ENOUGH_SECONDS = 30
CHUNKED = ("Transfer-Encoding: chunked",)


@pytest.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    (found,) = free_ports(1)
    async with served(app, found):
        yield found


def asked(mint: Mint, quantity: int, *more: str, path: str = PATH, version: str = "1.1", length: int = -1) -> bytes:
    """Return a reservation of a new person as it is sent; with `more`, these are its last header fields."""
    body = json.dumps({"sku": SKU, "quantity": quantity}).encode()
    fields = [f"{name}: {value}" for name, value in mint.headers(new_id()).items()]
    told = () if CHUNKED[0] in more else (f"Content-Length: {len(body) if length < 0 else length}",)
    lines = [f"POST {path} HTTP/{version}", "Host: event.localhost", "Content-Type: application/json", *fields]
    return "\r\n".join([*lines, *told, *more, "", ""]).encode() + (b"" if CHUNKED[0] in more else body)


async def sent(port: int, *parts: bytes) -> list[tuple[int, str]]:
    """Send these parts, and return each answer until the server closes: its status, and its quantity or kind."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(ENOUGH_SECONDS):
        with suppress(ConnectionError):  # a server may close as soon as it has answered
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.01)  # so that they arrive as parts
        received = await reader.read()
    writer.close()
    answers = []
    for answer in received.split(b"HTTP/1.1 ")[1:]:
        head, _, body = answer.partition(b"\r\n\r\n")
        found = json.loads(body) if b"json" in head else {}
        answers.append((int(head[:3]), str(found.get("quantity", found.get("type", "").rpartition(":")[2]))))
    return [each for each in answers if each[0] >= 200]


async def test_requests_sent_without_waiting_get_their_answers_in_their_order(port: int, mint: Mint) -> None:
    last = asked(mint, 2, "Connection: close")
    row = [asked(mint, 1), asked(mint, 9), asked(mint, 2), last]
    in_order = [(201, "1"), (409, "over-limit"), (201, "2"), (201, "2")]
    assert await sent(port, b"".join(row)) == in_order
    whole = b"".join([asked(mint, 1), asked(mint, 0), asked(mint, 1), asked(mint, 1, "Connection: close")])
    parts = [whole[at : at + 700] for at in range(0, len(whole), 700)]
    assert await sent(port, *parts) == [(201, "1"), (422, "invalid-quantity"), (201, "1"), (201, "1")]


@pytest.mark.parametrize(
    ("how", "answer"),
    [
        ({"path": f"http://event.localhost{PATH}"}, (201, "1")),
        ({"path": PATH.replace("reserv", "%72eserv")}, (201, "1")),
        ({"path": f"{PATH}?a=b"}, (201, "1")),
        ({"version": "1.0"}, (201, "1")),
        ({"path": f"{PATH}/"}, (307, "")),
    ],
)
async def test_an_address_that_is_written_in_another_way_is_answered(
    port: int, mint: Mint, how: dict[str, str], answer: tuple[int, str]
) -> None:
    assert await sent(port, asked(mint, 1, "Connection: close", **how)) == [answer]  # type: ignore[arg-type]


async def test_a_body_comes_in_chunks_after_a_question_or_slowly(port: int, mint: Mint) -> None:
    body = json.dumps({"sku": SKU, "quantity": 1}).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"
    assert await sent(port, asked(mint, 1, *CHUNKED, "Connection: close") + chunks) == [(201, "1")]
    assert await sent(port, asked(mint, 1, "Expect: 100-continue", "Connection: close")) == [(201, "1")]
    whole = asked(mint, 1, "Connection: close")
    assert await sent(port, whole[:-20], whole[-20:-1], whole[-1:]) == [(201, "1")]


@pytest.mark.parametrize(
    "more", [("Transfer-Encoding: chunked ",), ("Content-Length: 5",), ("Transfer-Encoding: gzip, chunked",)]
)
async def test_a_body_with_two_lengths_is_refused_and_what_follows_is_no_request(
    port: int, mint: Mint, shop: Shop, more: tuple[str, ...]
) -> None:
    hidden = b"0\r\n\r\n" + asked(mint, 1, "Connection: close")
    assert [status for status, _ in await sent(port, asked(mint, 1, *more, length=4) + hidden)] == [400]
    assert (await shop.stock())[1] == 0


@pytest.mark.parametrize(("more", "status"), [(("Host: elsewhere.example",), 421), (("Host: event.localhost",), 421)])
async def test_two_host_names_are_refused(port: int, mint: Mint, more: tuple[str, ...], status: int) -> None:
    assert [found for found, _ in await sent(port, asked(mint, 1, *more, "Connection: close"))] == [status]


async def test_a_body_that_is_too_large_is_refused_and_not_waited_for(port: int, mint: Mint) -> None:
    told = asked(mint, 1, "Connection: close", length=2_000_000)
    assert await sent(port, told + b" " * 66_000) == [(413, "body-too-large")]


async def test_a_client_that_goes_away_takes_no_answer_of_another(port: int, mint: Mint, shop: Shop) -> None:
    for cut in (-1, -10, -60):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked(mint, 1)[:cut])  # never a whole request
        await writer.drain()
        writer.transport.abort()
    gone = []
    for _ in range(3):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked(mint, 1))
        await writer.drain()
        gone.append(writer)
    others = asyncio.gather(*(sent(port, asked(mint, quantity, "Connection: close")) for quantity in (2, 2)))
    for writer in gone:
        writer.transport.abort()
    assert await others == [[(201, "2")], [(201, "2")]]
    assert 4 <= (await shop.stock())[1] <= 7
    assert await shop.broken_sums() == []
