"""What the Terraform provisioner needs: a host that runs Terraform, records of the runs, and a sweep for leftovers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from marketday.environments.ports import NotYet
from marketday.provisioners.sweep.model import Leftover, Thing
from marketday.provisioners.terraform.model import Lock, Run, RunOutcome, Stack


@dataclass(frozen=True, slots=True)
class Begun:
    """A run is under way, detached: it continues when the process that started it has ended."""

    host: str  # where it runs, such as i-0abc or a process id
    who: str = ""  # as in `Run`


@dataclass(frozen=True, slots=True)
class Starting(NotYet):
    """A machine was started for a run, and is not ready yet."""

    host: str = ""


class TerraformHost(Protocol):
    """Where Terraform runs. No call waits for Terraform: each does what can be done now, within a minute."""

    async def begin(self, run: Run) -> Begun | NotYet:
        """Start `run`. Repeating it changes nothing: a run that was started is not started again.

        Starting names a machine that is recorded in `run.hosts` before the next call.

        Raises:
            HostUnavailable, HostKeyDiffers, SecretMissing: there is no usable host.

        """
        ...

    async def outcome(self, run: Run) -> RunOutcome | NotYet:
        """Return the result of `run`, or how far it is.

        Raises:
            HostUnavailable, HostKeyDiffers, SecretMissing: the host cannot be asked.
            RunLost: the run, or its host, is gone without a result.

        """
        ...

    async def release(self, environment_id: UUID, stack: Stack | None = None) -> None:
        """Release what the runs of a stack of an environment use, or of all its stacks, such as a machine.

        Repeating it changes nothing.
        """
        ...

    async def gone(self, run: Run) -> bool:
        """Whether the machine of `run` does not exist any more, so that nothing of the run can still work.

        Raises:
            HostUnavailable: this cannot be found out now.

        """
        ...


class StateLocks(Protocol):
    """The locks of Terraform's states."""

    async def held(self, run: Run) -> Lock | None:
        """Return the lock of the state that `run` works with; None if nobody holds it.

        Raises:
            HostUnavailable, AccessRefused: it cannot be read.

        """
        ...

    async def remove(self, run: Run, lock: Lock) -> None:
        """Remove `lock`, and never one that was taken after it. Repeating it changes nothing.

        Raises:
            HostUnavailable, AccessRefused: it cannot be removed.

        """
        ...

    def by_hand(self, run: Run, lock_id: str) -> str:
        """Return the command with which a person removes a lock, to be run in the repository's folder."""
        ...


class Adoption(Protocol):
    """Finds what a lost run made and the state of its stack does not know."""

    async def of(self, plan: Run) -> Mapping[str, str] | NotYet:
        """Return the ids, by their addresses, of what exists although `plan` would create it; NotYet until it is ready.

        Raises:
            CannotAdopt: something exists that Terraform cannot take over.
            LifecycleError: it could not be found out.

        """
        ...


class RunStore(Protocol):
    """Where runs are recorded."""

    async def latest(self, environment_id: UUID, stack: Stack) -> Run | None:
        """Return the newest run of an environment's stack."""
        ...

    async def of_environment(self, environment_id: UUID) -> Sequence[Run]:
        """Return all runs of an environment, oldest first."""
        ...

    async def save(self, run: Run) -> Run:
        """Record `run` over the version that it was read with; return it as it is recorded now.

        Raises:
            OutdatedRun: it is recorded with another version.

        """
        ...


class Sweep(Protocol):
    """Looks for what is left of an environment, found without its records."""

    async def leftovers(self, environment_id: UUID, drop_slug: str | None = None) -> Sequence[Leftover]:
        """Return what still exists, found by tag and by name, also what does not block; empty if nothing is left.

        Raises:
            LifecycleError: a service did not answer, so that nothing is proven.

        """
        ...

    async def things(self, environment_id: UUID) -> Sequence[Thing]:
        """Return the same as AWS describes it, with its tags where the service tells them.

        Raises:
            LifecycleError: a service did not answer, so that nothing is proven.

        """
        ...

    async def remove_late_logs(self, environment_id: UUID) -> Sequence[str]:
        """Remove the log groups that came back after they were destroyed; return their names.

        Raises:
            LifecycleError: we are not allowed to remove them, or AWS did not answer.

        """
        ...
