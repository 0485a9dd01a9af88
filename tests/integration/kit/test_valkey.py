"""The client of Valkey, while connections break, are half closed, or slow: callers get an answer all the same."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from marketday.kit.valkey import connect
from marketday.testing.wire import TcpProxy, wire_to


@pytest.fixture
async def wire(valkey_url: str) -> AsyncIterator[TcpProxy]:
    async with wire_to(valkey_url) as wire:
        yield wire


@pytest.fixture
async def client(wire: TcpProxy) -> AsyncIterator["Redis"]:
    client = connect(wire.url, connections=2)
    await client.set("told", "yes")
    yield client
    await client.aclose()


FAULTS = pytest.mark.parametrize("fault", [TcpProxy.reset, TcpProxy.half_close])


@FAULTS
async def test_a_connection_that_broke_while_nobody_used_it_fails_nobody(
    wire: TcpProxy, client: "Redis", fault: Callable[[TcpProxy], None]
) -> None:
    fault(wire)
    assert await asyncio.gather(*(client.get("told") for _ in range(10))) == ["yes"] * 10


@FAULTS
async def test_a_call_on_a_connection_that_breaks_is_made_again(
    wire: TcpProxy, client: "Redis", fault: Callable[[TcpProxy], None]
) -> None:
    wire.back = False
    asked = asyncio.create_task(client.get("told"))
    before = wire.connected
    await asyncio.sleep(0)
    fault(wire)
    wire.heal()
    assert await asked == "yes"
    assert wire.connected > before


async def test_slow_answers_are_answers(wire: TcpProxy, client: "Redis") -> None:
    wire.pause_seconds = 0.05
    assert await asyncio.gather(*(client.get("told") for _ in range(6))) == ["yes"] * 6
