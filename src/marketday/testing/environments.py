"""Adapters of the lifecycle's ports, in memory and in plain files, so that tests can check what they did."""

# ruff: noqa: ARG002 - a fake has the signature of its port

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from marketday.accounts.tokens import parse_jwks, public_jwks
from marketday.environments.errors import (
    DropHasEnvironment,
    EnvironmentBusy,
    NoReceipt,
    NotBuilt,
    OutdatedEnvironment,
    UnknownEnvironment,
)
from marketday.environments.extension_permit import Permits
from marketday.environments.model import Environment, Outcome, State, StepRecord
from marketday.environments.notices import Notice, NoticeKind
from marketday.environments.ports import Access, Done, Health, NotYet, Released
from marketday.environments.steps import Steps
from marketday.kit.clock import Clock
from marketday.testing.accounts import a_signing_key


class MemoryEnvironments:
    """An `EnvironmentStore` in memory."""

    def __init__(self) -> None:
        self._environments: dict[UUID, Environment] = {}
        self._diaries: dict[UUID, list[StepRecord]] = {}
        self._held: set[UUID] = set()

    async def add(self, environment: Environment) -> None:
        """Record a new environment."""
        if any(other.drop_slug == environment.drop_slug for other in await self.living()):
            raise DropHasEnvironment(f"drop {environment.drop_slug!r} has an environment already")
        self._environments[environment.id] = environment
        self._diaries[environment.id] = []

    async def get(self, environment_id: UUID) -> Environment:
        """Return an environment."""
        if environment_id not in self._environments:
            raise UnknownEnvironment(f"no environment {environment_id}")
        diary = self._diaries[environment_id]
        done = frozenset(record.step for record in diary if record.outcome is Outcome.DONE)
        return replace(self._environments[environment_id], done=done, last=diary[-1] if diary else None)

    async def living(self) -> Sequence[Environment]:
        """Return all environments that are not destroyed."""
        return [environment for environment in await self.all() if environment.state is not State.DESTROYED]

    async def all(self) -> Sequence[Environment]:
        """Return all environments."""
        return [await self.get(environment_id) for environment_id in self._environments]

    async def save(self, environment: Environment, record: StepRecord | None) -> Environment:
        """Write an environment and a line of its diary."""
        if self._environments[environment.id].version != environment.version:
            raise OutdatedEnvironment(f"environment {environment.id} is no longer at version {environment.version}")
        self._environments[environment.id] = replace(environment, version=environment.version + 1)
        diary = self._diaries[environment.id]
        if record is not None and record.outcome is Outcome.STARTED and diary and _continues(diary[-1], record):
            diary[-1] = replace(diary[-1], detail=record.detail)
        elif record is not None:
            diary.append(record)
        return await self.get(environment.id)

    async def steps(self, environment_id: UUID) -> Sequence[StepRecord]:
        """Return the diary."""
        return list(self._diaries[environment_id])

    @asynccontextmanager
    async def lock(self, environment_id: UUID) -> AsyncIterator[bool]:
        """Hold an environment for one step."""
        if environment_id in self._held:
            yield False
            return
        self._held.add(environment_id)
        try:
            yield True
        finally:
            self._held.remove(environment_id)


def _continues(last: StepRecord, record: StepRecord) -> bool:
    return last.step is record.step and last.outcome is Outcome.STARTED


class FilePlane:
    """A plane that is only files in a folder: a Provisioner, HandOver, Smoke, Drain and HandBack in one class.

    `trouble` maps the name of a method to the errors that it raises, one at each call; `waits` is what the drain still
    waits for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trouble: dict[str, list[Exception]] = {}
        self.waits: list[str] = []
        self.kept_up: list[str] = []
        self.apply_waits: list[str] = []
        self.link_open = False
        self.link_waits: list[str] = []

    def steps(self) -> Steps:
        """Return the lifecycle's steps on this plane."""
        return Steps(self, self, self, self, self)

    def _do(self, part: str) -> None:
        if self.trouble.get(part):
            raise self.trouble[part].pop(0)

    async def plan(self, environment: Environment) -> Sequence[str]:
        """Return what apply would make."""
        return [f"folder {self._home(environment.id)}"]

    async def apply(self, environment: Environment) -> Mapping[str, str] | NotYet:
        """Make a folder; or return the next reason to wait that a test put into `apply_waits`."""
        self._do("apply")
        if self.apply_waits:
            return NotYet(self.apply_waits.pop(0))
        self._home(environment.id).mkdir(parents=True, exist_ok=True)
        return {"public_url": f"http://event.localhost/{environment.drop_slug}"}

    async def keep_up(self, environment: Environment) -> Sequence[str]:
        """Return the names that a test put into `kept_up`."""
        self._do("keep_up")
        revived, self.kept_up = self.kept_up, []
        return revived

    async def health(self, environment: Environment) -> Sequence[Health]:
        """Return the health of each part."""
        return [Health("folder", True)] if self._home(environment.id).is_dir() else []

    async def access(self, environment: Environment) -> Access:
        """Return how to reach the folder."""
        home = self._home(environment.id)
        if not home.is_dir():
            raise NotBuilt(f"{home} is missing")
        return Access(str(home), str(home), "http://127.0.0.1", "event.localhost")

    async def open_link(self, environment: Environment) -> NotYet | None:
        """Note that the link is open; or return the next reason to wait in `link_waits`."""
        self._do("open_link")
        if self.link_waits:
            return NotYet(self.link_waits.pop(0))
        self.link_open = True
        return None

    async def close_link(self, environment: Environment) -> None:
        """Note that the link is closed."""
        self._do("close_link")
        self.link_open = False

    async def window(self, environment: Environment, access: Access) -> Done | NotYet:
        """Write a file for each window."""
        self._do("window")
        (Path(access.database_url) / f"window-{environment.windows}").touch()
        return Done("brought")

    async def destroy(self, environment: Environment, receipt: str) -> NotYet | None:
        """Remove the folder."""
        if receipt != f"receipt of {environment.id}":
            raise NoReceipt(f"{receipt!r} is not the receipt of {environment.id}")
        self._do("destroy")
        home = self._home(environment.id)
        for file in home.glob("*") if home.is_dir() else ():
            file.unlink()
        if home.is_dir():
            home.rmdir()
        return None

    async def leftovers(self, environment_id: UUID) -> Sequence[str]:
        """Return the folder, if it exists."""
        home = self._home(environment_id)
        return [str(home)] if home.exists() else []

    async def hand_over(self, environment: Environment, access: Access) -> Done:
        """Write a file."""
        self._do("hand_over")
        (Path(access.database_url) / "stock").write_text("400")
        return Done("400 units", {"commitment": "c0ffee"})

    async def publish(self, environment: Environment, access: Access) -> None:
        """Write a file."""
        self._do("publish")
        (Path(access.database_url) / "room").touch()

    async def walk(self, environment: Environment, access: Access) -> Done:
        """Write a file."""
        self._do("walk")
        (Path(access.database_url) / "smoke").touch()
        return Done("walked")

    async def close(self, environment: Environment, access: Access) -> None:
        """Write the moment into a file."""
        self._do("close")
        (Path(access.database_url) / "closed-early").write_text(environment.schedule.closes_at.isoformat())

    async def drain(self, environment: Environment, access: Access) -> Done | NotYet:
        """Return the next reason to wait that a test put into `waits`; if there is none, the drop is drained."""
        self._do("drain")
        return NotYet(self.waits.pop(0)) if self.waits else Done("everything is settled")

    async def hand_back(self, environment: Environment, access: Access) -> Done:
        """Write the receipt."""
        self._do("hand_back")
        return self._signed(environment.id, "handed back")

    async def close_drop(self, environment: Environment, access: Access | None, *, must_look: bool) -> None:
        """Write a file, if the folder exists."""
        self._do("close_drop")
        if access is not None:
            (Path(access.database_url) / "closed").touch()

    async def close_room(self, environment: Environment, access: Access, now: datetime) -> None:
        """Remove the file that `publish` wrote."""
        self._do("close_room")
        (Path(access.database_url) / "room").unlink(missing_ok=True)

    async def never_opened(self, environment: Environment, access: Access | None, *, must_look: bool) -> Done:
        """Write the receipt."""
        self._do("never_opened")
        return self._signed(environment.id, "never opened")

    async def receipt(self, environment_id: UUID) -> str | None:
        """Return the receipt."""
        file = self._receipt(environment_id)
        return file.read_text() if file.exists() else None

    def _home(self, environment_id: UUID) -> Path:
        return self.folder / "environments" / str(environment_id)

    def _signed(self, environment_id: UUID, summary: str) -> Done:
        receipt = f"receipt of {environment_id}"
        self._receipt(environment_id).write_text(receipt)
        return Done(summary, {"receipt": receipt})

    def _receipt(self, environment_id: UUID) -> Path:
        folder = self.folder / "receipts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / str(environment_id)


class MemoryClosing:
    """A `Closing` that only changes records. `released` has the `by` of each call of `release_held`."""

    def __init__(self, store: MemoryEnvironments, plane: FilePlane, clock: Clock) -> None:
        self._store = store
        self._plane = plane
        self._clock = clock
        self.released: list[str] = []
        self._count = 0

    async def close(self, environment_id: UUID) -> Environment:
        """Move the closing and the destruction of the environment to now."""
        async with self._held(environment_id) as environment:
            now = self._clock.now()
            if environment.schedule.closes_at <= now and environment.schedule.destroy_at <= now:
                return environment
            return await self._store.save(environment.closing_at(now), None)

    async def release_held(self, environment_id: UUID, by: str) -> Released:
        """End the waiting of the drain; return how much was released by all calls together."""
        async with self._held(environment_id):
            self.released.append(by)
            self._count += len(self._plane.waits)
            self._plane.waits = []
            return Released(self._count, self._count)

    @asynccontextmanager
    async def _held(self, environment_id: UUID) -> AsyncIterator[Environment]:
        async with self._store.lock(environment_id) as mine:
            environment = await self._store.get(environment_id)
            if not mine:
                raise EnvironmentBusy(f"environment {environment_id} is in the middle of a step")
            yield environment


def new_permits(mall: str) -> Permits:
    """Return permits of a mall with a new key."""
    key = a_signing_key()
    return Permits(parse_jwks(public_jwks(key, mall)), key)


class NoticeBoard:
    """A `Notifier` that keeps its notices, so that tests can read them."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.silent = False

    def of(self, kind: NoticeKind) -> list[Notice]:
        """Return the notices of one kind."""
        return [notice for notice in self.notices if notice.kind is kind]

    async def notify(self, notice: Notice) -> bool:
        """Keep the notice, unless `silent`."""
        if self.silent:
            return False
        self.notices.append(notice)
        return True
