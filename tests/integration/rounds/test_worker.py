"""The worker as a whole: alone, replaced, killed, and its servers killed under it."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import httpx
import pytest
from fastapi import FastAPI

from marketday.apps.worker import Settings, create_app
from marketday.catalog.stock import StockState
from marketday.kit.database import connect as connect_database
from marketday.provisioners.local.ports import free_ports
from marketday.rounds.postgres import LOCK, WorkerLock
from marketday.testing.wire import wire_to

from .conftest import Plane, until


def settings(database_url: str, valkey_url: str, port: int = 1) -> Settings:
    return Settings(
        port=port,
        database_url=database_url,
        valkey_url=valkey_url,
        gateway_url="http://127.0.0.1:9",
        gateway_key="a key of the sandbox",
    )


@pytest.fixture
async def app(worker_database_url: str, valkey_url: str) -> FastAPI:
    return create_app(settings(worker_database_url, valkey_url))


async def readiness(app: FastAPI) -> dict[str, object]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://worker") as client:
        return dict((await client.get("/readyz")).json())


async def test_it_records_opens_calls_and_tells_by_itself(app: FastAPI, plane: Plane) -> None:
    facts = await plane.sell(opens_in=1, stock=3)
    await plane.crowd(facts, 10, recorded=False)

    async def called() -> bool:
        return (await plane.rooms.snapshot(facts.slug, datetime.now(UTC))).serving_number > 0

    async def sold_out() -> bool:
        return (await plane.rooms.snapshot(facts.slug, datetime.now(UTC))).board.stock is StockState.SOLD_OUT

    async with app.router.lifespan_context(app):
        await until(called)
        await plane.stock(facts.slug, reserved=0, sold=3)
        await until(sold_out)
        assert await plane.owner.fetchval("SELECT count(*) FROM entries") == 10
        ready = await readiness(app)
    assert (ready["status"], ready["acting"]) == ("ready", True)
    ages = ready["seconds_since_success"]
    assert isinstance(ages, dict)
    assert set(ages) == {"draws", "calling", "boards", "outbox", "expiry", "settlement", "pace", "places"}


async def test_it_goes_on_when_its_servers_are_heard_of_again(
    worker_database_url: str, valkey_url: str, plane: Plane
) -> None:
    """Packets vanish on the way to both; the sessions that hold its lock and its statements are not missed there."""
    facts = await plane.sell(opens_in=-60, stock=3)
    await plane.crowd(facts, 10)

    async def moved_on(number: int) -> bool:
        return (await plane.rooms.snapshot(facts.slug, datetime.now(UTC))).serving_number >= number

    async with wire_to(worker_database_url) as database, wire_to(valkey_url) as valkey:
        app = create_app(settings(database.url, valkey.url))

        async def acting(*, wanted: bool) -> bool:
            answer = await readiness(app)
            return answer.get("acting") is wanted or (not wanted and answer["status"] == 503)

        async with app.router.lifespan_context(app):
            await until(lambda: moved_on(1))
            database.fall_silent()
            valkey.fall_silent()
            await until(lambda: acting(wanted=False))
            await plane.stock(facts.slug, reserved=0, sold=3)
            database.heal()
            valkey.heal()

            async def sold_out() -> bool:
                room = await plane.rooms.snapshot(facts.slug, datetime.now(UTC))
                return room.board.stock is StockState.SOLD_OUT

            await until(sold_out)
            await until(lambda: acting(wanted=True))


async def test_one_acts_and_the_other_stands_by_until_it_is_gone(
    worker_database_url: str, valkey_url: str, plane: Plane
) -> None:
    one, other = (create_app(settings(worker_database_url, valkey_url)) for _ in range(2))

    async def acting(app: FastAPI) -> bool:
        return (await readiness(app))["acting"] is True

    async with AsyncExitStack() as stack:
        async with one.router.lifespan_context(one):
            await until(lambda: acting(one))
            await stack.enter_async_context(other.router.lifespan_context(other))
            assert not await acting(other)
        await until(lambda: acting(other))


async def test_without_the_lock_two_would_act_and_with_it_one(worker_database_url: str) -> None:
    acting, most = 0, 0

    async def work() -> None:
        nonlocal acting, most
        acting += 1
        most = max(most, acting)
        try:
            await asyncio.sleep(3600)
        finally:
            acting -= 1

    async def seen() -> bool:
        return acting > 0

    tasks = [asyncio.create_task(work()) for _ in range(2)]
    await until(seen)
    await stop(tasks)
    assert (most, acting) == (2, 0)
    most = 0
    tasks = [asyncio.create_task(WorkerLock(worker_database_url).act_alone(work)) for _ in range(4)]
    await until(seen)
    await stop(tasks)
    assert (most, acting) == (1, 0)


async def test_it_can_be_stopped_at_any_moment(worker_database_url: str) -> None:
    async def work() -> None:
        await asyncio.sleep(3600)

    for steps in range(0, 120, 4):
        tasks = [asyncio.create_task(WorkerLock(worker_database_url).act_alone(work)) for _ in range(2)]
        for _ in range(steps):
            await asyncio.sleep(0)
        async with asyncio.timeout(20):
            await stop(tasks)


async def stop(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    async with asyncio.timeout(20):
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_loses_the_lock_stops_and_competes_again(worker_database_url: str, drop_database_url: str) -> None:
    began = 0
    stopped = 0

    async def work() -> None:
        nonlocal began, stopped
        began += 1
        try:
            await asyncio.sleep(3600)
        finally:
            stopped += 1

    async def begun(times: int) -> bool:
        return began >= times

    owner = await connect_database(drop_database_url)
    task = asyncio.create_task(WorkerLock(worker_database_url).act_alone(work))
    try:
        await until(lambda: begun(1))
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND ((classid::bigint << 32) | objid::bigint) = $1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            LOCK,
        )
        await until(lambda: begun(2))
        assert stopped == 1
    finally:
        await stop([task])
        await owner.close()


@pytest.fixture
def worker_process(worker_database_url: str, valkey_url: str, tmp_path: Path) -> "Iterator[list[Popen[bytes]]]":
    children: list[Popen[bytes]] = []
    yield children
    for child in children:
        child.kill()
        child.wait()


def start(worker: Settings, log: Path) -> "Popen[bytes]":
    environment = {
        **os.environ,
        "MARKETDAY_PORT": str(worker.port),
        "MARKETDAY_DATABASE_URL": worker.database_url.get_secret_value(),
        "MARKETDAY_VALKEY_URL": worker.valkey_url.get_secret_value(),
        "MARKETDAY_GATEWAY_URL": worker.gateway_url,
        "MARKETDAY_GATEWAY_KEY": worker.gateway_key.get_secret_value(),
    }
    with log.open("ab") as output:
        return Popen([sys.executable, "-m", "marketday.apps.worker"], env=environment, stdout=output, stderr=output)


async def test_killed_again_and_again_it_draws_once_and_goes_on_calling(
    plane: Plane,
    worker_process: "list[Popen[bytes]]",
    worker_database_url: str,
    valkey_url: str,
    tmp_path: Path,
) -> None:
    facts = await plane.sell(stock=500, admissions_per_second=50, inside=500)
    await plane.crowd(facts, 60)
    worker = settings(worker_database_url, valkey_url, free_ports(1)[0])
    serving = 0
    cohorts = set()

    async def moved_on() -> bool:
        room = await plane.rooms.snapshot(facts.slug, datetime.now(UTC))
        if room.draw is not None:
            cohorts.add((room.draw.seed, room.draw.cohort))
        assert room.serving_number >= serving
        return room.serving_number > serving

    for _ in range(2):
        child = start(worker, tmp_path / "worker.log")
        worker_process.append(child)
        await until(moved_on, 40)
        child.send_signal(signal.SIGKILL)
        child.wait()
        serving = (await plane.rooms.snapshot(facts.slug, datetime.now(UTC))).serving_number
        await plane.crowd(facts, 60)
    assert len(cohorts) == 1
    assert await plane.owner.fetchval("SELECT cohort FROM draws") == 60
