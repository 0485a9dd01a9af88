"""Many environments at once: however small the pool is, none waits for another, and a silent database is no end."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import State, requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.rounds.environments import EnvironmentRounds
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, NoticeBoard
from marketday.testing.wire import wire_to

DROP = dawn_serum()
LONGEST_SECONDS = 90  # for a busy machine: nothing here is measured


@dataclass
class Lifecycle:
    service: EnvironmentService
    store: PostgresEnvironments


class WaitingPlane(FilePlane):
    """A plane whose building waits until all of them are being built, each in the middle of its step."""

    def __init__(self, folder, expected):
        super().__init__(folder)
        self.together = asyncio.Barrier(expected)

    async def apply(self, environment):
        await self.together.wait()
        return await super().apply(environment)


@asynccontextmanager
async def going_round(store, plane, clock):
    lifecycle = Lifecycle(EnvironmentService(store, plane, plane.steps(), NoticeBoard(), clock), store)

    async def nothing_to_revive():
        return []

    task = asyncio.create_task(EnvironmentRounds(lifecycle.store, lifecycle.service, nothing_to_revive, 0.05).run())
    try:
        yield lifecycle
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def add(store, count):
    for number in range(count):
        definition = DROP.model_copy(update={"slug": f"drop-{number}"})
        await store.add(requested(new_id(), definition, definition.schedule()))


async def until_all_are(store, state):
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            with suppress(RecordsUnavailable):
                if {one.state for one in await store.all()} == {state}:
                    return
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(("connections", "count"), [(2, 40), (10, 12)])
async def test_all_of_them_advance_and_come_home(mall_database_url, tmp_path, count, connections):
    clock = FakeClock(DROP.schedule().build_at)
    async with make_pool(mall_database_url, max_size=connections) as pool:
        store = PostgresEnvironments(pool)
        await add(store, count)
        async with going_round(store, WaitingPlane(tmp_path, count), clock):
            await until_all_are(store, State.READY)
            day = DROP.schedule()
            for state, at in (
                (State.OPEN, day.room_opens_at),
                (State.VERIFIED, day.closes_at),
                (State.DESTROYED, day.destroy_at),
            ):
                clock.advance((at - clock.now()).total_seconds())
                await until_all_are(store, state)


async def test_a_silence_in_the_middle_stops_nothing_for_good(mall_database_url, tmp_path):
    clock = FakeClock(DROP.schedule().build_at)
    async with wire_to(mall_database_url) as wire, make_pool(wire.url, max_size=4, seconds=2.0) as pool:
        store = PostgresEnvironments(pool)
        await add(store, 12)
        async with going_round(store, FilePlane(tmp_path), clock):
            wire.fall_silent()
            async with asyncio.timeout(20):
                with pytest.raises(RecordsUnavailable):
                    await store.living()
            wire.heal()
            await until_all_are(store, State.READY)


async def test_a_lock_whose_holder_cannot_be_heard_is_free_again(mall_database_url, monkeypatch):
    monkeypatch.setattr("marketday.kit.connections.SILENT_SECONDS", 2.0)
    environment_id = new_id()
    async with (
        wire_to(mall_database_url) as wire,
        make_pool(wire.url, seconds=2.0) as silent,
        make_pool(mall_database_url) as pool,
        PostgresEnvironments(silent).lock(environment_id) as mine,
    ):
        assert mine
        wire.fall_silent()
        async with asyncio.timeout(60):
            while True:
                async with PostgresEnvironments(pool).lock(environment_id) as ours:
                    if ours:
                        break
                await asyncio.sleep(0.2)


async def test_a_held_lock_outlives_a_long_step(mall_database_url, monkeypatch):
    monkeypatch.setattr("marketday.kit.advisory._WORD_SECONDS", 0.2)
    environment_id = new_id()
    async with make_pool(mall_database_url) as pool, make_pool(mall_database_url) as another:
        await another.execute("SELECT 1")
        async with PostgresEnvironments(pool).lock(environment_id) as mine:
            assert mine
            await pool.locks._connection.execute("SET idle_session_timeout = '1s'")
            async with asyncio.timeout(30):
                while (
                    await another.fetchval(
                        "SELECT clock_timestamp() - backend_start FROM pg_stat_activity WHERE pid = $1",
                        pool.locks._connection.get_server_pid(),
                    )
                ) < timedelta(seconds=3):
                    await asyncio.sleep(0.1)
            async with PostgresEnvironments(another).lock(environment_id) as ours:
                assert not ours


async def test_one_process_holds_a_lock_once(mall_database_url):
    environment_id = new_id()
    async with make_pool(mall_database_url, max_size=1) as pool:
        store = PostgresEnvironments(pool)
        async with store.lock(environment_id) as first, store.lock(environment_id) as second:
            assert (first, second) == (True, False)
        async with store.lock(environment_id) as again:
            assert again
