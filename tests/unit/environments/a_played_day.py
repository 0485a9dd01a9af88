"""A drop's day over a plane of files, played by a clock that a test moves."""

from marketday.environments.model import Outcome
from marketday.environments.service import EnvironmentService
from marketday.kit.errors import Permanent
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
DAY = DROP.schedule()


class Broken(Permanent):
    """It is broken."""


class Played:
    def __init__(self, folder, drop=DROP, **more):
        self.clock = FakeClock(drop.schedule().build_at)
        self.store, self.plane, self.board = MemoryEnvironments(), FilePlane(folder), NoticeBoard()
        self.service = EnvironmentService(self.store, self.plane, self.plane.steps(), self.board, self.clock, **more)

    async def begin(self, drop=DROP):
        self.id = (await self.service.request(drop)).id
        return await self.go_on()

    async def go_on(self):
        while (progress := await self.service.advance(self.id)).outcome is Outcome.DONE:
            pass
        return progress

    async def at(self, moment):
        self.clock.advance((moment - self.clock.now()).total_seconds())
        return await self.go_on()

    def told(self, kind):
        return [(notice.step, notice.reason) for notice in self.board.of(kind)]
