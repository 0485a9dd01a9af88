"""Each server of a sale is killed, and stopped for a while, while people shop: nothing that was promised is missing.

How long it takes until the first good order is printed (`-s`), and decides nothing.
"""

import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from marketday.kit.ids import new_id

from .plane import until
from .sale import People, broken_promises, people, selling

KINDS = ("store", "gate", "worker", "postgres", "valkey", "nginx")


async def more_orders(crowd: People, count: int = 10) -> float:
    """Wait for so many orders more; return how long the first of them took."""
    begun, before = time.monotonic(), len(crowd.orders)
    await until(lambda: len(crowd.orders) > before)
    seconds = time.monotonic() - begun
    await until(lambda: len(crowd.orders) >= before + count)
    return seconds


async def stop_for_a_while(crowd: People, kind: str) -> None:
    """Stop all processes of a kind until somebody gets no answer, or until people manage without them."""
    plane, before, orders = crowd.plane, crowd.unanswered, len(crowd.orders)
    plane.send(kind, signal.SIGSTOP)
    try:
        with suppress(TimeoutError):
            await until(lambda: crowd.unanswered > before or len(crowd.orders) > orders + 20, seconds=10)
    finally:
        plane.send(kind, signal.SIGCONT)


async def kill(crowd: People, kind: str) -> None:
    """Kill all processes of a kind; the supervisor starts new ones."""
    killed = set(crowd.plane.processes(kind))
    crowd.plane.send(kind, signal.SIGKILL)
    await until(lambda: (now := set(crowd.plane.processes(kind))) and not now & killed)


@pytest.mark.long
async def test_no_promise_is_broken_whatever_is_killed_or_stopped(server_folder: Path, capsys):
    async with selling(server_folder / f"home-{new_id().hex}") as plane:
        async with people(plane) as crowd:
            await more_orders(crowd)
            for kind in KINDS:
                for fault in (kill, stop_for_a_while):
                    await fault(crowd, kind)
                    seconds = await more_orders(crowd)
                    with capsys.disabled():
                        sys.stdout.write(f"\n{kind} {fault.__name__}: first good order after {seconds:.1f} s")
        assert await broken_promises(crowd) == []
        assert len(crowd.orders) >= 10 * 2 * len(KINDS)


def lose_everything(file: Path) -> None:
    file.write_bytes(b"")


def lose_the_tail(file: Path) -> None:
    """Lose what Valkey wrote last, about a second of it, as a server that fails over may."""
    with file.open("r+b") as opened:
        opened.truncate(max(file.stat().st_size - 20_000, 0))


def has_ended(pid: int) -> bool:
    """Return whether a process runs no more, even if its parent has not been told."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


async def start_without(crowd: People, lose: Callable[[Path], None]) -> None:
    """Kill Valkey, and start it without some of its data, before the supervisor does."""
    killed = set(crowd.plane.processes("valkey"))
    [file] = (crowd.plane.folder / "valkey").glob("appendonlydir/*.incr.aof")
    crowd.plane.send("supervisor", signal.SIGSTOP)
    try:
        crowd.plane.send("valkey", signal.SIGKILL)
        await until(lambda: all(map(has_ended, killed)))
        lose(file)
    finally:
        crowd.plane.send("supervisor", signal.SIGCONT)
    await until(lambda: (now := set(crowd.plane.processes("valkey"))) and not now & killed)


@pytest.mark.long
async def test_no_place_is_lost_when_valkey_loses_its_data(server_folder: Path, capsys):
    """Twice everything, twice the last second, while people join, reserve and pay."""
    async with selling(server_folder / f"home-{new_id().hex}") as plane:
        async with people(plane) as crowd:
            await more_orders(crowd, 50)
            for lose in (lose_everything, lose_the_tail) * 2:
                await start_without(crowd, lose)
                seconds = await more_orders(crowd, 50)
                with capsys.disabled():
                    sys.stdout.write(f"\n{lose.__name__}: first good order after {seconds:.1f} s")
        assert await broken_promises(crowd) == []
        assert len(crowd.places) >= 50 * 5
