"""Writing off: only what is gone, and only once; then the environment is destroyed with its receipt."""

import shutil

import pytest

from marketday.environments.errors import CannotWriteOff
from marketday.environments.model import State
from marketday.environments.ports import Done
from marketday.environments.service import EnvironmentService
from marketday.environments.writing_off import WritingOff
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
DAY = DROP.schedule()


class Plane(FilePlane):
    """A plane that can be lost, and whose hand-back can give everything back."""

    asked = 0

    async def write_off(self, environment, by):
        self.asked += 1
        return await self.never_opened(environment, None, must_look=False) or Done(by)


class Day:
    def __init__(self, folder):
        self.clock, self.store, self.plane = FakeClock(DAY.build_at), MemoryEnvironments(), Plane(folder)
        self.service = EnvironmentService(self.store, self.plane, self.plane.steps(), NoticeBoard(), self.clock)
        self.writing_off = WritingOff(self.store, self.plane, self.plane, self.clock)

    async def at(self, moment):
        self.clock.advance((moment - self.clock.now()).total_seconds())
        for environment in await self.store.living():
            while (await self.service.advance(environment.id)).outcome:
                pass

    async def begun(self, moment):
        environment = await self.service.request(DROP)
        if moment is not None:
            await self.at(moment)
        return await self.store.get(environment.id)

    def lose(self):
        for folder in self.plane.folder.iterdir():
            shutil.rmtree(folder) if folder.is_dir() else folder.unlink()


@pytest.fixture
def day(tmp_path):
    return Day(tmp_path)


@pytest.mark.parametrize("moment", [DAY.build_at, DAY.opens_at], ids=["before it opened", "while it sells"])
async def test_a_lost_environment_gets_a_receipt_and_is_destroyed(day, moment):
    environment = await day.begun(moment)
    day.lose()
    written = await day.writing_off.write_off(environment.id, "the operator")
    assert (written.state, day.plane.asked) == (State.VERIFIED, 1)
    await day.at(day.clock.now())
    assert (await day.store.get(environment.id)).state is State.DESTROYED


async def test_what_still_stands_is_not_written_off(day):
    environment = await day.begun(DAY.opens_at)
    with pytest.raises(CannotWriteOff, match="expected nothing of it"):
        await day.writing_off.write_off(environment.id, "the operator")
    assert day.plane.asked == 0


async def test_what_was_never_built_is_not_written_off(day):
    environment = await day.begun(None)
    with pytest.raises(CannotWriteOff, match="never built"):
        await day.writing_off.write_off(environment.id, "the operator")


async def test_what_has_its_receipt_is_not_written_off(day):
    environment = await day.begun(DAY.opens_at)
    await day.at(DAY.destroy_at)
    with pytest.raises(CannotWriteOff, match="has its receipt"):
        await day.writing_off.write_off(environment.id, "the operator")
