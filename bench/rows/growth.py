"""Compares a waiting room of a million entries with one of ten thousand: the cost of calls, bytes an entry."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from bench.bench import Bench
from bench.row import Row
from bench.started import started
from marketday.kit.ids import new_id
from marketday.kit.moments import to_milliseconds
from marketday.kit.valkey import connect
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.local.valkey import ValkeyServer, write_configuration
from marketday.waitingroom.draw import commitment
from marketday.waitingroom.model import Facts
from marketday.waitingroom.valkey import ValkeyRooms

_SEED = bytes(32)
_PORTION = 5000
_CHUNKS = 10
_DAY = timedelta(days=1)


def growth(bench: Bench) -> list[Row]:
    """Measure each call in a large room and in a small one, in the same Valkey, and return the rows."""
    [port] = free_ports(1)
    folder = bench.market.new_folder()
    folder.chmod(0o711)
    server = ValkeyServer(folder / "valkey", port, secrets.token_hex(16))
    write_configuration(server)
    with started(server.spec(), folder):
        return asyncio.run(_measured(server.url(), *bench.scale.entries, bench.scale.calls))


async def _measured(url: str, few: int, many: int, calls: int) -> list[Row]:
    async with _rooms(url) as (client, rooms):
        people = {"few": await _filled(client, rooms, "few", few)}
        before = await _memory(client)
        people["many"] = await _filled(client, rooms, "many", many)
        entry_bytes = (await _memory(client) - before) / many
        serving = count(1)

        async def join(slug: str, _: int) -> None:
            await rooms.join(slug, new_id(), datetime.now(UTC))

        async def position(slug: str, number: int) -> None:
            await rooms.standing(slug, people[slug][number], datetime.now(UTC))

        async def call(slug: str, _: int) -> None:
            await rooms.call(slug, next(serving), datetime.now(UTC))

        rows = [
            await _compared(client, name, work, (few, many), calls)
            for name, work in (("join", join), ("position", position), ("call", call))
        ]
    size = Row(
        f"an entry in Valkey, of {many:,}",
        f"{entry_bytes:,.0f} bytes",
        "",
        entry_bytes,
        200,
        at_least=False,
        unit=" bytes",
    )
    return [*rows, size]


async def _compared(
    client: Any, name: str, work: Callable[[str, int], Awaitable[None]], sizes: tuple[int, int], calls: int
) -> Row:
    """Call both rooms in turn; Valkey itself says how much processor time it took."""
    micros = {"few": 0.0, "many": 0.0}
    for chunk in range(_CHUNKS):
        for slug in micros:
            before = await _working_micros(client)
            for number in range(calls // _CHUNKS):
                await work(slug, chunk * (calls // _CHUNKS) + number)
            micros[slug] += await _working_micros(client) - before
    few, many = (micros[slug] / (calls // _CHUNKS * _CHUNKS) for slug in ("few", "many"))
    return Row(
        f"{name} with {sizes[1]:,} entries in the room",
        f"{many:.1f} µs of Valkey",
        f"{few:.1f} µs with {sizes[0]:,}",
        many / max(few, 0.001),
        1.2,
        at_least=False,
        unit=" ×",
    )


@asynccontextmanager
async def _rooms(url: str) -> AsyncIterator[tuple[Any, ValkeyRooms]]:
    client: Any = connect(url)
    try:
        yield client, ValkeyRooms(client)
    finally:
        await client.aclose(close_connection_pool=True)


async def _filled(client: Any, rooms: ValkeyRooms, slug: str, entries: int) -> list[UUID]:
    """Publish a room and fill it as `join.lua` would; return its people."""
    now = datetime.now(UTC)
    await rooms.publish_drop(Facts(slug, now - _DAY, now, now + _DAY, 600, commitment(_SEED)))
    people = [new_id() for _ in range(entries)]
    at = to_milliseconds(now)
    for begin in range(0, entries, _PORTION):
        part = {str(one): f"{begin + number}:{at}" for number, one in enumerate(people[begin : begin + _PORTION])}
        await client.hset(f"room:{{{slug}}}:entries", mapping=part)
    last = await rooms.standing(slug, people[-1], now)
    joined = await rooms.join(slug, new_id(), now)
    if last.entry is None or (last.entry.index, joined.entry.index) != (entries - 1, entries):
        raise RuntimeError("the room does not know the entries; expected them as join.lua writes them")
    await rooms.open(slug, _SEED, now)
    return people


async def _memory(client: Any) -> int:
    return int((await client.info("memory"))["used_memory"])


async def _working_micros(client: Any) -> float:
    """Return the processor time of the thread that does all calls; other programs on the machine do not change it."""
    info = await client.info("cpu")
    return float(info["used_cpu_user_main_thread"] + info["used_cpu_sys_main_thread"]) * 1e6
