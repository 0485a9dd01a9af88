"""One suite for every closing: the one on record alone behaves as the one on an environment's servers."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from asyncpg import connect

from marketday.environments.errors import EnvironmentBusy, UnknownEnvironment
from marketday.environments.model import requested
from marketday.environments.plane.closing import PlaneClosing
from marketday.environments.plane.drain import PlaneDrain
from marketday.environments.plane.reaching import rooms
from marketday.environments.ports import Access, Released
from marketday.kit.ids import new_id
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.drops import Shop
from marketday.testing.environments import FilePlane, MemoryClosing, MemoryEnvironments


@pytest.fixture
def store():
    return MemoryEnvironments()


@pytest.fixture
async def environment(store):
    definition = dawn_serum()
    new = requested(new_id(), definition, definition.schedule())
    await store.add(replace(new, outputs={"commitment": bytes(32).hex()}))
    return await store.get(new.id)


@pytest.fixture
def clock(environment):
    return FakeClock(environment.schedule.opens_at + timedelta(minutes=5))


@pytest.fixture(params=["memory", "servers"])
def closing(request, store, clock, tmp_path):
    if request.param == "memory":
        return MemoryClosing(store, FilePlane(tmp_path), clock)
    access = Access(request.getfixturevalue("drop_database_url"), request.getfixturevalue("valkey_url"), "", "")

    async def reach(_environment):
        return access

    return PlaneClosing(store, SimpleNamespace(access=reach), clock)


async def test_a_drop_closes_now_and_once(closing, store, environment, clock):
    closed = await closing.close(environment.id)
    assert closed.schedule.closes_at == closed.definition.closes_at == clock.now()
    assert closed == await store.get(environment.id)
    clock.advance(60)
    assert (await closing.close(environment.id)).schedule.closes_at == closed.schedule.closes_at


async def test_where_nothing_is_held_nothing_is_released(closing, environment):
    await closing.close(environment.id)
    assert [await closing.release_held(environment.id, "ann") for _ in range(2)] == [Released(0, 0)] * 2


async def test_another_process_that_does_a_step_is_not_disturbed(closing, store, environment):
    async with store.lock(environment.id):
        with pytest.raises(EnvironmentBusy):
            await closing.close(environment.id)
        with pytest.raises(EnvironmentBusy):
            await closing.release_held(environment.id, "ann")
    assert (await store.get(environment.id)).schedule == environment.schedule


async def test_an_environment_that_nobody_knows_is_refused(closing):
    with pytest.raises(UnknownEnvironment):
        await closing.close(new_id())


async def test_the_step_that_drains_closes_a_drop_for_shoppers(drop_database_url, valkey_url, environment, clock):
    """As the mall's controller on AWS does it, while the link is open; the record is the lifecycle's."""
    access = Access(drop_database_url, valkey_url, "", "")
    owner = await connect(drop_database_url)
    try:
        await Shop(owner).drop(environment.drop_slug)
        closing = environment.closing_at(clock.now())
        for _ in range(2):
            await PlaneDrain(clock).close(closing, access)
        closes_at = await owner.fetchval("SELECT closes_at FROM drops WHERE slug = $1", environment.drop_slug)
    finally:
        await owner.close()
    async with rooms(access) as room:
        facts = (await room.snapshot(environment.drop_slug, clock.now())).facts
    assert closes_at == facts.closes_at == clock.now() < environment.schedule.closes_at
