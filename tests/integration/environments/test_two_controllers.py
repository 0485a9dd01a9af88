"""Two controllers, as the prod plane runs them, with one run table: for each environment one of them acts."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

import pytest

from marketday.environments.dynamodb import store as store_of_the_run_table
from marketday.environments.dynamodb.store import LEASE, DynamoEnvironments
from marketday.environments.errors import OutdatedEnvironment, RecordsUnavailable
from marketday.environments.model import Outcome, State, Step, requested
from marketday.environments.postgres.mirror import MirroredEnvironments
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.environments.service import EnvironmentService
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id
from marketday.rounds.environments import EnvironmentRounds
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, NoticeBoard
from marketday.testing.run_table import run_table

DAY = dawn_serum().schedule()
DROPS = 2
LONGEST_SECONDS = 90  # for a busy machine: nothing here is measured


class WatchedPlane(FilePlane):
    """Counts how often each step begins, and notes an environment on which two work at once."""

    def __init__(self, folder):
        super().__init__(folder)
        self.begun, self.at_work, self.together = Counter(), set(), []
        self.hangs = asyncio.Event()
        self.hanging = asyncio.Event()
        self.hangs.set()

    async def _watched(self, part, environment, work):
        self.begun[environment.drop_slug, part] += 1
        if environment.id in self.at_work:
            self.together.append((environment.drop_slug, part))
        self.at_work.add(environment.id)
        try:
            if not self.hangs.is_set():
                self.hanging.set()
                await self.hangs.wait()
            await asyncio.sleep(0.15)  # long enough for the other controller to look
            return await work()
        finally:
            self.at_work.discard(environment.id)

    async def apply(self, environment):
        return await self._watched("apply", environment, lambda: FilePlane.apply(self, environment))

    async def hand_over(self, environment, access):
        return await self._watched("hand_over", environment, lambda: FilePlane.hand_over(self, environment, access))

    async def walk(self, environment, access):
        return await self._watched("walk", environment, lambda: FilePlane.walk(self, environment, access))

    async def hand_back(self, environment, access):
        return await self._watched("hand_back", environment, lambda: FilePlane.hand_back(self, environment, access))


@asynccontextmanager
async def controller(table, mall_url, plane, clock):
    """One controller until the block ends; yields its store and its task."""

    async def nothing_to_revive():
        return []

    async with make_pool(mall_url, max_size=4) as pool:
        store = MirroredEnvironments(DynamoEnvironments(table, clock), pool)
        service = EnvironmentService(store, plane, plane.steps(), NoticeBoard(), clock)
        task = asyncio.create_task(EnvironmentRounds(store, service, nothing_to_revive, 0.5).run())
        try:
            yield store, task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until_all_are(store, state):
    async with asyncio.timeout(LONGEST_SECONDS):
        while {one.state for one in await store.all()} != {state}:
            await asyncio.sleep(0.5)


async def add(store, count):
    for number in range(count):
        definition = dawn_serum().model_copy(update={"slug": f"drop-{number}"})
        await store.add(requested(new_id(), definition, definition.schedule()))


@pytest.fixture
def table():
    with run_table() as table:
        yield table


async def test_each_step_of_each_environment_is_done_once(table, mall_database_url, tmp_path):
    clock, plane = FakeClock(DAY.build_at), WatchedPlane(tmp_path)
    truth = DynamoEnvironments(table, clock)
    await add(truth, DROPS)
    async with AsyncExitStack() as both:
        for _ in range(2):
            await both.enter_async_context(controller(table, mall_database_url, plane, clock))
        await until_all_are(truth, State.READY)
        for state, at in (
            (State.OPEN, DAY.room_opens_at),
            (State.VERIFIED, DAY.closes_at),
            (State.DESTROYED, DAY.destroy_at),
        ):
            clock.advance((at - clock.now()).total_seconds())
            await until_all_are(truth, state)
        async with make_pool(mall_database_url) as pool:  # what mall and console show is copied after it is recorded
            await until_all_are(PostgresEnvironments(pool), State.DESTROYED)
    assert plane.together == []
    assert set(plane.begun.values()) == {1}
    assert len(plane.begun) == 4 * DROPS
    for one in await truth.all():
        steps = [line.step for line in await truth.steps(one.id) if line.outcome is Outcome.DONE]
        assert [step for step in Step if steps.count(step) > 1 and step is not Step.WINDOW] == []


async def test_the_other_one_continues_when_one_is_killed_in_a_step(table, mall_database_url, tmp_path, monkeypatch):
    clock, plane = FakeClock(DAY.build_at), WatchedPlane(tmp_path)
    truth = DynamoEnvironments(table, clock)
    await add(truth, 1)
    plane.hangs.clear()
    async with controller(table, mall_database_url, plane, clock) as (_, killed):
        await asyncio.wait_for(plane.hanging.wait(), LONGEST_SECONDS)
        with monkeypatch.context() as no_end:
            no_end.setattr(DynamoEnvironments, "_let_go", nothing)  # a killed process gives nothing back
            killed.cancel()
            with suppress(asyncio.CancelledError):
                await killed
    plane.hangs.set()
    async with controller(table, mall_database_url, plane, clock) as (store, _):
        [environment] = await truth.all()
        async with truth.lock(environment.id) as free:
            assert not free, "its lease still holds"
        assert plane.begun["drop-0", "apply"] == 1
        clock.advance(LEASE.total_seconds() + 1)
        await until_all_are(store, State.READY)
    assert plane.begun["drop-0", "apply"] == 2


async def test_who_stood_still_stops_its_step_when_it_goes_on(table, mall_database_url, tmp_path, monkeypatch):
    """To the other one's clock the lease is over, as after a pause; the next renewal tells the first."""
    monkeypatch.setattr(store_of_the_run_table, "_RENEWALS", LEASE.total_seconds() * 2)
    clock, plane = FakeClock(DAY.build_at), WatchedPlane(tmp_path)
    later = DynamoEnvironments(table, FakeClock(DAY.build_at + LEASE + timedelta(seconds=5)))
    await add(later, 1)
    plane.hangs.clear()
    async with controller(table, mall_database_url, plane, clock) as (store, first):
        await asyncio.wait_for(plane.hanging.wait(), LONGEST_SECONDS)
        [environment] = await later.all()
        async with later.lock(environment.id) as taken, asyncio.timeout(LONGEST_SECONDS):
            assert taken
            while plane.at_work:
                await asyncio.sleep(0.1)
        plane.hangs.set()
        await until_all_are(store, State.READY)
        assert not first.done()
    assert plane.begun["drop-0", "apply"] == 2


async def test_a_lease_that_cannot_be_renewed_is_given_up_when_it_is_over(table, monkeypatch):
    seconds = 2.0
    monkeypatch.setattr(store_of_the_run_table, "LEASE", timedelta(seconds=seconds))
    store = DynamoEnvironments(table, FakeClock(DAY.build_at))
    asked = []

    async def away(*_):
        asked.append(asyncio.get_running_loop().time())
        raise RecordsUnavailable("the run table is away")

    async def work():
        async with store.lock(new_id()) as mine:
            assert mine
            monkeypatch.setattr(store, "_lease", away)
            await asyncio.sleep(LONGEST_SECONDS)

    began = asyncio.get_running_loop().time()
    with pytest.raises(OutdatedEnvironment, match="was lost during a step"):
        await work()
    assert asyncio.get_running_loop().time() - began >= seconds
    assert len(asked) >= 3


async def nothing(*_):
    """Do nothing."""
