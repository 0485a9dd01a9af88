"""The controller's rounds: they outlive a database, and no environment keeps another waiting."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import State, requested
from marketday.environments.service import EnvironmentService
from marketday.kit.ids import new_id
from marketday.rounds.environments import EnvironmentRounds
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
LONGEST_SECONDS = 20


@dataclass
class Lifecycle:
    service: EnvironmentService
    store: MemoryEnvironments
    plane: FilePlane


@pytest.fixture
def lifecycle(tmp_path):
    store, plane = MemoryEnvironments(), FilePlane(tmp_path)
    clock = FakeClock(DROP.schedule().build_at)
    return Lifecycle(EnvironmentService(store, plane, plane.steps(), NoticeBoard(), clock), store, plane)


async def _nothing_to_revive():
    return []


@asynccontextmanager
async def _going_round(lifecycle, revive=_nothing_to_revive):
    task = asyncio.create_task(EnvironmentRounds(lifecycle.store, lifecycle.service, revive, 0.01).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _add(lifecycle, slug):
    definition = DROP.model_copy(update={"slug": slug})
    environment = requested(new_id(), definition, definition.schedule())
    await lifecycle.store.add(environment)
    return environment.id


async def _until(holds):
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await holds():
            await asyncio.sleep(0.01)


async def test_every_environment_is_moved(lifecycle):
    ids = [await _add(lifecycle, slug) for slug in ("first-drop", "second-drop")]

    async def all_ready():
        return all([(await lifecycle.store.get(one)).state is State.READY for one in ids])

    async with _going_round(lifecycle):
        await _until(all_ready)


async def test_a_slow_one_keeps_no_other_waiting(lifecycle, monkeypatch):
    slow, quick = await _add(lifecycle, "slow-drop"), await _add(lifecycle, "quick-drop")
    apply = lifecycle.plane.apply

    async def stuck(environment):
        if environment.id == slow:
            await asyncio.Event().wait()
        return await apply(environment)

    monkeypatch.setattr(lifecycle.plane, "apply", stuck)

    async def quick_is_ready():
        return (await lifecycle.store.get(quick)).state is State.READY

    async with _going_round(lifecycle):
        await _until(quick_is_ready)
    assert (await lifecycle.store.get(slow)).state is State.PROVISIONING


async def test_records_that_are_away_are_asked_again(lifecycle, monkeypatch):
    one = await _add(lifecycle, "patient-drop")
    troubles = [RecordsUnavailable("restarting"), OSError("broken pipe"), ValueError("a bug")]
    living = lifecycle.store.living

    async def shaky():
        if troubles:
            raise troubles.pop()
        return await living()

    monkeypatch.setattr(lifecycle.store, "living", shaky)

    async def ready():
        return (await lifecycle.store.get(one)).state is State.READY

    async with _going_round(lifecycle):
        await _until(ready)


async def test_records_lost_in_the_middle_of_a_step_let_it_be_done_again(lifecycle, monkeypatch):
    one = await _add(lifecycle, "patient-drop")
    save, saves = lifecycle.store.save, []

    async def forgetful(environment, record):
        saves.append(record)
        if len(saves) == 2:  # the record of the first step's end
            raise RecordsUnavailable("restarting")
        return await save(environment, record)

    monkeypatch.setattr(lifecycle.store, "save", forgetful)

    async def ready():
        return (await lifecycle.store.get(one)).state is State.READY

    async with _going_round(lifecycle):
        await _until(ready)


async def test_what_cannot_be_kept_up_is_still_moved(lifecycle):
    one = await _add(lifecycle, "shaky-drop")
    lifecycle.plane.trouble["keep_up"] = [OSError("no such process")] * 1000
    await lifecycle.service.advance(one)  # from now on it stands

    async def ready():
        return (await lifecycle.store.get(one)).state is State.READY

    async with _going_round(lifecycle):
        await _until(ready)


async def test_supervisors_are_revived_in_every_round(lifecycle):
    asked = []

    async def revive():
        asked.append(1)
        return ["mall"]

    async def twice():
        return len(asked) > 1

    async with _going_round(lifecycle, revive):
        await _until(twice)


async def test_planes_that_cannot_be_revived_keep_no_environment_waiting(lifecycle):
    one = await _add(lifecycle, "patient-drop")

    async def revive():
        raise OSError("no process can be started")

    async def ready():
        return (await lifecycle.store.get(one)).state is State.READY

    async with _going_round(lifecycle, revive):
        await _until(ready)
