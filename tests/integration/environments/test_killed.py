"""The controller is killed at every moment of every step, and the day ends as if it never had been."""

import asyncio
import signal

import pytest

from marketday.environments.model import Outcome, State, Step, requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane

from .controllers import controllers

WAY = [step for step in Step if step is not Step.WINDOW]  # a drop of an hour has no window
MOMENTS = [(step, moment) for step in WAY for moment in (Outcome.STARTED, "effect", Outcome.DONE)]


@pytest.fixture
async def store(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=2)
    yield PostgresEnvironments(pool)
    await pool.close()


@pytest.fixture
def settings(mall_database_url, tmp_path):
    return {"database_url": mall_database_url, "folder": str(tmp_path)}


async def test_killed_after_every_record_and_between_every_effect_and_its_record(store, settings, tmp_path):
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await store.add(environment)
    async with controllers("files", settings) as some:
        for step, moment in MOMENTS:
            assert await some.run(environment.id, step, moment) == -signal.SIGKILL, f"{step} {moment}"
        assert await some.run(environment.id) == 0
    await _went_well(store, tmp_path, environment.id)


async def _went_well(store, folder, environment_id):
    end = await store.get(environment_id)
    assert end.state is State.DESTROYED
    assert end.done == frozenset(WAY)
    diary = [(line.step, line.outcome) for line in await store.steps(environment_id)]
    assert diary == [(step, outcome) for step in WAY for outcome in (Outcome.STARTED, Outcome.DONE)]
    plane = FilePlane(folder)
    assert await plane.leftovers(environment_id) == []
    assert [file.name for file in (folder / "receipts").iterdir()] == [str(environment_id)]


async def test_two_controllers_share_the_work_without_doubling_it(store, settings, tmp_path):
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await store.add(environment)
    async with controllers("files", settings) as one, controllers("files", settings) as other:
        assert await asyncio.gather(*(each.run(environment.id) for each in (one, other))) == [0, 0]
    await _went_well(store, tmp_path, environment.id)
