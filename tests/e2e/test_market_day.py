"""A small market day with processes killed while it sells, interrupted, or kept. An undisturbed one: test_readme."""

import asyncio
import contextlib
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import psutil
import pytest

from marketday.provisioners.local.home import plane_id_of
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.processes import find

from .ground import LONGEST_DAY_SECONDS, Ground, assert_a_good_day, finished, ground_of_its_own, marked, orders_told

DAY = ("demo", "--fast", "--people", "120", "--units", "30", "--seed", "7", "--lang", "en")
PATIENCE_SECONDS = LONGEST_DAY_SECONDS
VICTIMS = (
    ("event", "store-1"),
    ("mall", "postgres"),
    ("event", "postgres"),
    ("event", "worker"),
    ("event", "gate-1"),
)
PATHS = ("/", "/search?q=serum", "/v1/products")  # of the mall: its database and its catalogue answer


@pytest.fixture
async def ground() -> AsyncIterator[Ground]:
    async with ground_of_its_own() as place:
        yield place


async def until(true: Callable[[], Any]) -> Any:
    """Poll until `true` returns something; fail after a long time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := true():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{true} did not come about within {PATIENCE_SECONDS} s")


@pytest.mark.long  # in CI tests/faults kills processes of a smaller sale
async def test_killed_processes_come_back_and_the_sums_hold(ground: Ground) -> None:
    async with ground.marketday(*DAY, "--report", str(ground.report)) as process:
        playing = asyncio.ensure_future(finished(process))
        try:
            await until(lambda: playing.done() or orders_told(ground.home) > 2)
            killed = await _kill_in_turn(ground.home, VICTIMS, playing)
            if not playing.done():
                await _the_mall_answers_without_the_event_plane(ground.home)
            status, out = await playing
        finally:
            playing.cancel()

    assert killed > 2, "the day was over before the third kill"
    assert_a_good_day(status, out, ground)


async def _kill_in_turn(home: Path, victims: Iterable[tuple[str, str]], playing: asyncio.Future[Any]) -> int:
    """Kill each, wait until it is back, and count. On a slow machine the day may be over before the last one."""
    killed = 0
    for plane, name in victims:
        await until(lambda: playing.done() or running(home, plane, name) or not running(home, plane))  # noqa: B023
        if not (found := running(home, plane, name)):
            break
        main = min(found, key=lambda each: each.create_time())
        os.kill(main.pid, signal.SIGKILL)
        killed += 1
        await until(lambda: playing.done() or _back(home, plane, name, main.pid) or not running(home, plane))  # noqa: B023
    return killed


async def _the_mall_answers_without_the_event_plane(home: Path) -> None:
    mall = read_ports(home / "mall" / "ports.json")["edge"]
    async with asyncio.timeout(PATIENCE_SECONDS):  # its database was killed a moment ago, and may still be recovering
        while [await _status(mall, path) for path in PATHS] != [200] * len(PATHS):
            await asyncio.sleep(0.1)
    for folder in (home / "environments").iterdir():
        for each in find(plane_id_of(UUID(folder.name)), folder):
            with contextlib.suppress(ProcessLookupError):  # its master's end was its own
                os.kill(each.pid, signal.SIGKILL)
    assert [await _status(mall, path) for path in PATHS] == [200] * len(PATHS)


async def _status(port: int, path: str) -> int:
    headers = {"Host": f"mall.localhost:{port}"}
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}", headers=headers) as got:
        return got.status


def running(home: Path, plane: str, name: str = "") -> list[psutil.Process]:
    """Return the processes of the plane of this kind; of those called `name` where it is given."""
    return [each for each, of, known in marked(home) if of.startswith(plane) and name in ("", known)]


def _back(home: Path, plane: str, name: str, before: int) -> bool:
    living = running(home, plane, name)
    return any(each.pid != before and each.status() != psutil.STATUS_ZOMBIE for each in living)


async def test_an_interrupted_day_ends_everything(ground: Ground) -> None:
    async with ground.marketday(*DAY, "--report", str(ground.report)) as process:
        playing = asyncio.ensure_future(finished(process))
        await until(lambda: running(ground.home, "event", "gate-1"))
        process.send_signal(signal.SIGINT)
        status, out = await playing

    assert status == 130, out
    assert marked(ground.home) == []


async def test_a_kept_day_is_ended_by_down(ground: Ground) -> None:
    few = ("--people", "8", "--keep", "--report", str(ground.report))  # so that something is left to play with
    status, out = await ground.play(*DAY, *few)
    assert status == 0, out
    assert marked(ground.home) != []
    again, refusal = await ground.play(*DAY)
    assert (again, "down" in refusal) == (1, True), refusal
    more, told = await ground.play("crowd", "run", *_addresses(out), "--item", "DAWN-SNOW-30:2", *FEW)
    assert more == 0, told
    assert re.search(r"^3 people, \d+ answers, [1-3] orders$", told, re.MULTILINE), told

    status, out = await ground.play("down", "--purge")

    assert status == 0, out
    assert "destroyed" in out
    assert marked(ground.home) == []
    assert not ground.home.exists()


FEW = ("--people", "3", "--seconds", "1", "--seed", "1", "--folder", "crowd")


def _addresses(out: str) -> list[str]:
    mall, store = (re.search(rf"^  {name}: (\S+)$", out, re.MULTILINE) for name in ("mall", "store"))
    assert mall, out
    assert store, out
    event, drop = store[1].split("/drops/")
    return ["--mall", mall[1], "--event", event, "--drop", drop]


async def test_a_home_that_is_not_the_demos_is_left_alone(ground: Ground) -> None:
    ground.home.mkdir()
    (ground.home / "novel.txt").write_text("once upon a time")

    status, out = await ground.play(*DAY)

    assert status == 1
    assert (ground.home / "novel.txt").is_file()
    assert "expected an empty or missing folder" in " ".join(out.split())
    (ground.home / "novel.txt").unlink()
    ground.home.rmdir()
