"""What a scenario works with while its day is played."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from marketday.demo.opened import OpenedMall
from marketday.demo.screen import DemoScreen
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import Environment, State
from marketday.gameday.errors import GameDayError
from marketday.gameday.model import Fault, Moment, MomentKind
from marketday.gameday.setting import Setting
from marketday.gameday.texts import text
from marketday.kit.tasks import rest
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import MallPlane
from marketday.provisioners.local.plane_folder import PlaneFolder

LOOK_SECONDS = 0.2
_COMMAND_SECONDS = 240.0
_SIGNS = {
    MomentKind.BROKEN: "✗",
    MomentKind.MENDED: "○",
    MomentKind.RECOVERY: "+",
    MomentKind.OPERATOR: "»",
    MomentKind.DAY: "·",
}


@dataclass(slots=True)
class Stage:
    """A game day that is being played. `moments` is its log; `facts` are figures that only this scenario has."""

    home: Home
    plane: MallPlane
    mall: OpenedMall
    screen: DemoScreen
    setting: Setting
    environment: Environment
    planned_opening: float  # in seconds since 1970
    folder: Path  # for files of the scenario; it is removed at the end
    moments: list[Moment] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    holding: ExitStack = field(default_factory=ExitStack)  # holds the home against other commands
    hold: Callable[[], AbstractContextManager[object]] = nullcontext  # holds it again
    come: asyncio.Event = field(default_factory=asyncio.Event)  # set when the people of the drop may come

    @property
    def event(self) -> PlaneFolder:
        """The event plane of this day's environment."""
        return self.home.environment(self.environment.id)

    def note(self, kind: MomentKind, key: str, at: float | None = None, /, **values: object) -> Moment:
        """Add a moment to the log, and show it."""
        moment = Moment(
            time.time() if at is None else at, kind, key, {name: str(each) for name, each in values.items()}
        )
        self.moments.append(moment)
        told = text(self.screen.lang, f"moment.{key}", **moment.values)
        self.screen.say(f"  {_SIGNS[kind]} {self.since_opening(moment.at):+6.1f} s  {told}")
        return moment

    def since_opening(self, at: float) -> float:
        """Return the seconds from the drop's planned opening to `at`."""
        return at - self.planned_opening

    @asynccontextmanager
    async def broken(self, key: str, mended: str, **values: object) -> AsyncIterator[None]:
        """Record that something is broken while the context lasts: the page measures from its beginning."""
        begins = self.note(MomentKind.BROKEN, key, **values).at
        self.fault = Fault(begins, begins)
        try:
            yield
        finally:
            self.fault = Fault(begins, self.note(MomentKind.MENDED, mended, **values).at)

    async def sale_is(self, seconds: float) -> None:
        """Wait until the drop has been open for `seconds`."""
        opens = self.environment.schedule.opens_at.timestamp()
        await self.reaches(State.OPEN)
        await rest(max(0.0, opens + seconds - time.time()))

    async def closes(self) -> None:
        """Wait until the drop closes."""
        await self.reaches(State.OPEN)
        await rest(max(0.0, self.environment.schedule.closes_at.timestamp() - time.time()))

    async def reaches(self, *states: State, within: float = 240.0) -> None:
        """Wait until the environment is in one of `states`."""
        await self.until(lambda: self.environment.state in states, within)

    async def until(self, true: Callable[[], object], within: float) -> None:
        """Wait until `true`.

        Raises:
            GameDayError: it did not happen `within` that many seconds.

        """
        deadline = time.monotonic() + within
        while not true():
            if time.monotonic() > deadline:
                raise GameDayError(f"the day did not come to the scenario's next point within {within:g} s")
            await rest(LOOK_SECONDS)

    async def look(self) -> None:
        """Read the environment's record; a mall without its database is asked again later."""
        try:
            self.environment = await self.mall.environments.get(self.environment.id)
        except RecordsUnavailable:
            return

    @contextmanager
    def hands_off(self) -> Iterator[None]:
        """Let go of the home, so that a command of the operator can hold it, which works on all of it."""
        self.holding.close()
        try:
            yield
        finally:
            self.holding.enter_context(self.hold())

    async def operator(self, *arguments: str) -> tuple[int, str]:
        """Run a command of `marketday` as the operator would; return its exit status and what it printed."""
        command = " ".join(("marketday", *arguments))
        self.note(MomentKind.OPERATOR, "command", command=command)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "marketday.apps.start", "--home", str(self.home.link), *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), _COMMAND_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise GameDayError(f"{command} did not end within {_COMMAND_SECONDS:g} s") from None
        status = process.returncode or 0
        words = " ".join(output.decode(errors="replace").split())
        self.note(MomentKind.OPERATOR, "command_ended", command=command, status=status, said=words[-160:])
        return status, words
