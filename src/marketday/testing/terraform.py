"""Hosts and records of Terraform's runs in memory, so that tests can check what they did."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.errors import OutdatedRun, RunLost
from marketday.provisioners.terraform.model import Action, Change, Exit, Lock, Run, RunOutcome, Stack
from marketday.provisioners.terraform.ports import Begun, Starting


class MemoryRuns:
    """A `RunStore` in memory."""

    def __init__(self) -> None:
        self._runs: dict[UUID, Run] = {}

    async def latest(self, environment_id: UUID, stack: Stack) -> Run | None:
        """Return the newest run of an environment's stack."""
        of_stack = [run for run in await self.of_environment(environment_id) if run.stack is stack]
        return of_stack[-1] if of_stack else None

    async def of_environment(self, environment_id: UUID) -> Sequence[Run]:
        """Return all runs of an environment, oldest first."""
        return sorted((run for run in self._runs.values() if run.environment_id == environment_id), key=lambda r: r.id)

    async def save(self, run: Run) -> Run:
        """Record `run`, if its version is still the one with which it was read."""
        kept = self._runs.get(run.id)
        if (kept.version if kept else 0) != run.version:
            raise OutdatedRun(f"run {run.id} is no longer at version {run.version}")
        self._runs[run.id] = replace(run, version=run.version + 1)
        return self._runs[run.id]


class MemoryLocks:
    """`StateLocks` in memory; `lock` is the one that is held."""

    def __init__(self) -> None:
        self.lock: Lock | None = None

    async def held(self, run: Run) -> Lock | None:
        """Return `lock`."""
        del run
        return self.lock

    async def remove(self, run: Run, lock: Lock) -> None:
        """Remove the lock, if it is still that one."""
        del run
        if lock == self.lock:
            self.lock = None

    def by_hand(self, run: Run, lock_id: str) -> str:
        """Return a command."""
        return f"force-unlock {lock_id} of {run.stack}"


class ScriptedHost:
    """A `TerraformHost` whose runs end when they were read `looks` times.

    Their exit codes are those in `ends`, one after the other, and then always 0.
    """

    def __init__(self, looks: int = 1) -> None:
        self.looks = looks
        self.begun: list[Run] = []
        self.ends: list[RunOutcome] = []
        self.trouble: dict[str, list[Exception]] = {}
        self.released: list[tuple[UUID, Stack | None]] = []
        self.who = ""
        self.starting: list[str] = []  # machines that are not ready when they are asked for
        self.asked_gone: list[str] = []
        self.living: set[UUID] = set()  # runs whose machine still exists
        self._left: dict[UUID, int] = {}
        self._ended: dict[UUID, RunOutcome] = {}
        self.changes = [Change("aws_vpc.this", ("create",))]

    def _do(self, part: str) -> None:
        if self.trouble.get(part):
            raise self.trouble[part].pop(0)

    async def begin(self, run: Run) -> Begun | NotYet:
        """Note the run; a second call with the same run changes nothing."""
        self._do("begin")
        if self.starting:
            return Starting("a machine starts", host=self.starting.pop(0))
        if run.id not in self._left:
            self.begun.append(run)
            self._left[run.id] = self.looks
        return Begun("host-1", self.who)

    async def outcome(self, run: Run) -> RunOutcome | NotYet:
        """Return how the run ended. The first `looks` calls for a run return NotYet."""
        self._do("outcome")
        if run.id not in self._left:
            raise RunLost(f"run {run.id} was never begun here")
        if self._left[run.id] > 0:
            self._left[run.id] -= 1
            return NotYet(f"terraform: {run.action}")
        if run.id not in self._ended:
            self._ended[run.id] = self.ends.pop(0) if self.ends else self._done(run)
        return self._ended[run.id]

    async def release(self, environment_id: UUID, stack: Stack | None = None) -> None:
        """Note that an environment's host for a stack was released, or all its hosts."""
        self.released.append((environment_id, stack))

    async def gone(self, run: Run) -> bool:
        """Return whether `living` does not have the run."""
        self.asked_gone.append(run.host)
        return run.id not in self.living

    def _done(self, run: Run) -> RunOutcome:
        outputs = {
            "public_url": "https://event.example",
            "vpc_id": "vpc-1",
            "vpc_cidr": run.variables.get("vpc_cidr"),
            "database": {"host": "db", "port": 5432, "name": "drop", "secret_arn": "arn"},
            "cache": {"host": "cache", "port": 6379, "secret_arn": "arn", "security_group_id": "sg-cache"},
        }
        planned = [] if run.action is Action.DESTROY else self.changes
        return RunOutcome(Exit.DONE, "", f"log of {run.id}", planned, (), outputs if run.action is Action.APPLY else {})
