"""The controller is killed at every moment of every step, and the day ends as if it never had been."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from marketday.environments.model import Outcome, State, Step, requested
from marketday.environments.postgres import PostgresEnvironments
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane

CONTROLLER = Path(__file__).with_name("killed_controller.py")
WAY = [step for step in Step if step is not Step.WINDOW]  # a drop of an hour has no window
MOMENTS = [(step, moment) for step in WAY for moment in (Outcome.STARTED, "effect", Outcome.DONE)]


@pytest.fixture
async def store(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=2)
    yield PostgresEnvironments(pool)
    await pool.close()


async def _run(url, folder, environment_id, step="", moment=""):
    arguments = [sys.executable, str(CONTROLLER), url, str(folder), str(environment_id), step, moment]
    child = await asyncio.create_subprocess_exec(*arguments, stderr=asyncio.subprocess.PIPE)
    _, errors = await asyncio.wait_for(child.communicate(), 60)
    return child.returncode, errors.decode()


async def test_killed_after_every_record_and_between_every_effect_and_its_record(store, mall_database_url, tmp_path):
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await store.add(environment)
    for step, moment in MOMENTS:
        code, errors = await _run(mall_database_url, tmp_path, environment.id, step, moment)
        assert code == -signal.SIGKILL, f"{step} {moment}: {errors}"
    code, errors = await _run(mall_database_url, tmp_path, environment.id)
    assert code == 0, errors
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


async def test_two_controllers_share_the_work_without_doubling_it(store, mall_database_url, tmp_path):
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await store.add(environment)
    ends = await asyncio.gather(*(_run(mall_database_url, tmp_path, environment.id) for _ in range(2)))
    assert [code for code, _ in ends] == [0, 0], ends
    await _went_well(store, tmp_path, environment.id)
