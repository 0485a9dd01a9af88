"""The ports of the lifecycle: what it needs from outside. Each adapter is named after its technology."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from marketday.drops.definition import DropDefinition
from marketday.environments.model import Environment, LinkClosing, StepRecord
from marketday.environments.notices import Notice


@dataclass(frozen=True, slots=True)
class Access:
    """How the prod side reaches an environment's servers. Holds secrets: never recorded, never logged."""

    database_url: str = field(repr=False)  # with the owner's credential
    valkey_url: str = field(repr=False)
    address: str  # http://127.0.0.1:port of the environment's nginx, reachable from here
    host: str  # the Host header under which it serves, such as event.localhost
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # with them the edge lets us in early
    replication: Mapping[str, str] = field(default_factory=dict)  # of the databases, while they are linked


@dataclass(frozen=True, slots=True)
class Health:
    """Whether one part of an environment runs."""

    part: str  # postgres, valkey, nginx, gate, store, worker, ...
    healthy: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A step is done. `detail` is for people; `outputs` are recorded with the environment."""

    detail: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotYet:
    """A step has to wait, and is tried again later. `reason` is what it waits for, such as `2 payments open`.

    `trouble` is what a person should know now, although nobody has to act yet; it is told once for a step.
    """

    reason: str
    trouble: str = ""
    closed_at: datetime | None = None  # the drop was closed early at this moment, which has to be recorded


@dataclass(frozen=True, slots=True)
class Released:
    """What was released early: the number of reservations, and of their units."""

    reservations: int
    units: int


class Provisioner(Protocol):
    """Builds an environment and removes it. Each call can be repeated, also when it was killed halfway."""

    async def plan(self, environment: Environment) -> Sequence[str]:
        """Return what `apply` would make, a line for each thing; change nothing."""
        ...

    async def apply(self, environment: Environment) -> Mapping[str, str] | NotYet:
        """Make all parts and start them; new databases are migrated and empty. Parts that exist keep their data.

        Returns the addresses to record, at least `public_url`, and never a secret. Long work is only begun here; then
        `NotYet` says how far it is.
        """
        ...

    async def open_link(self, environment: Environment) -> NotYet | None:
        """Open the path from the prod side to the environment's databases; None if it is open."""
        ...

    async def close_link(self, environment: Environment) -> None:
        """Begin to close the path to the databases; `keep_up` continues until it is closed."""
        ...

    async def keep_up(self, environment: Environment) -> Sequence[str]:
        """Start the parts again that should run and do not; return their names."""
        ...

    async def health(self, environment: Environment) -> Sequence[Health]:
        """Return the health of each part; empty when nothing is built."""
        ...

    async def access(self, environment: Environment) -> Access:
        """Return the addresses and credentials of the servers.

        Raises:
            NotBuilt: `apply` has not built them yet, or they are destroyed.

        """
        ...

    async def destroy(self, environment: Environment, receipt: str) -> NotYet | None:
        """Remove everything: processes, ports, directories, credentials; None if all is removed.

        Every adapter first verifies the receipt, with its `ReceiptVerifier`, before it touches anything.

        Raises:
            NoReceipt: the receipt is not this environment's, or not genuine.

        """
        ...

    async def leftovers(self, environment_id: UUID) -> Sequence[str]:
        """Return what still exists of an environment, found without its records; empty when nothing does."""
        ...


class EnvironmentStore(Protocol):
    """Where environments and their diaries are recorded."""

    async def add(self, environment: Environment) -> None:
        """Record a new environment.

        Raises:
            DropHasEnvironment: the drop has one that is not destroyed.

        """
        ...

    async def get(self, environment_id: UUID) -> Environment:
        """Return an environment.

        Raises:
            UnknownEnvironment: there is none with this id.

        """
        ...

    async def living(self) -> Sequence[Environment]:
        """Return all that are not destroyed, oldest first."""
        ...

    async def all(self) -> Sequence[Environment]:
        """Return all, oldest first."""
        ...

    async def save(self, environment: Environment, record: StepRecord | None) -> Environment:
        """Write an environment and a line of its diary together; return it as it is recorded now.

        Raises:
            OutdatedEnvironment: it is recorded with another version than `environment.version`.

        """
        ...

    async def steps(self, environment_id: UUID) -> Sequence[StepRecord]:
        """Return the diary, oldest first."""
        ...

    def lock(self, environment_id: UUID) -> AbstractAsyncContextManager[bool]:
        """Hold an environment for one step; False if another process holds it. Released when its holder ends."""
        ...


class Notifier(Protocol):
    """Notifies people."""

    async def notify(self, notice: Notice) -> bool:
        """Send `notice`; False if it did not arrive: then it is sent again later.

        Never raises an error: a day continues without notices.
        """
        ...


class LinkWatch(Protocol):
    """Finds out whether links to the databases are closed, if there are such links."""

    async def closing(self, environment_id: UUID) -> LinkClosing | None:
        """Return the progress of closing an environment's link; None if it need not be closed.

        Raises:
            RecordsUnavailable: the records cannot be read.

        """
        ...


NO_GO = "no-go: "  # how a line of an `Outlook` begins that stands against the day


def is_no_go(line: str) -> bool:
    """Return whether a line says that something is missing."""
    return line.startswith(NO_GO)


class Outlook(Protocol):
    """Looks days ahead whether there will be what a drop's environment needs."""

    async def lines(self, definition: DropDefinition) -> Sequence[str]:
        """Return what is there and what is not, a sentence for each; what cannot be read is said, and no error."""
        ...

    async def lacks(self, definition: DropDefinition) -> Sequence[str]:
        """Return only what is known to be missing; empty means go."""
        ...


class WakeUps(Protocol):
    """Calls the lifecycle at the moments of an environment's day, if no controller runs all the time."""

    async def set(self, environment: Environment) -> None:
        """Set the wake-ups for the schedule as it is now; remove those that are no longer planned."""
        ...

    async def cancel(self, environment: Environment) -> None:
        """Remove all wake-ups. Repeating it changes nothing."""
        ...


class HandOver(Protocol):
    """Gives the drop what it needs from the mall."""

    async def hand_over(self, environment: Environment, access: Access) -> Done:
        """Fill the environment's databases; lend the stock from the mall. Repeating it changes nothing."""
        ...

    async def publish(self, environment: Environment, access: Access) -> None:
        """Send the waiting room the drop's facts, so that it opens by its own clock. Repeating it changes nothing."""
        ...

    async def close_room(self, environment: Environment, access: Access, now: datetime) -> None:
        """Close the waiting room of a drop that is given up at `now`, if it was published. Repeatable."""
        ...


class Smoke(Protocol):
    """Tries the whole purchase before shoppers do."""

    async def walk(self, environment: Environment, access: Access) -> Done:
        """Buy something as a shopper would, through the edge, and leave no trace.

        Raises:
            SmokeFailed: a part of the purchase did not work; the detail names it.

        """
        ...


class Drain(Protocol):
    """Closes a drop early if that was asked, and checks whether everything of a closed drop is settled."""

    async def drain(self, environment: Environment, access: Access) -> Done | NotYet:
        """Return `Done` if no reservation is held, no payment is open, and the entries are exported."""
        ...

    async def close(self, environment: Environment, access: Access) -> None:
        """Close the drop for shoppers at the moment that the schedule of `environment` says; repeating it is safe."""
        ...


class Closing(Protocol):
    """Ends the sale of an opened environment before its time."""

    async def close(self, environment_id: UUID) -> Environment:
        """Close its drop now, for shoppers and on record; repeating it is safe.

        Raises:
            EnvironmentBusy: another process is doing a step of it; try again.

        """
        ...

    async def release_held(self, environment_id: UUID, by: str) -> Released:
        """Release the held, unpaid reservations of a closed drop, and record who asked for it."""
        ...


class HandBack(Protocol):
    """Copies the orders into the mall and proves it."""

    async def window(self, environment: Environment, access: Access) -> Done | NotYet:
        """Copy what the drop has so far into its archive, and compare it; nothing is promoted."""
        ...

    async def hand_back(self, environment: Environment, access: Access) -> Done | NotYet:
        """Copy, verify, promote, and write the receipt. Repeating it changes nothing."""
        ...

    async def close_drop(self, environment: Environment, access: Access | None, *, must_look: bool) -> None:
        """Close a drop in which nobody bought or reserved anything: its store sells nothing any more. Repeatable.

        `must_look` means that the drop could sell: its database has to be read, and if it does not answer, this fails.

        Raises:
            HasOpened: somebody bought or reserved something; it is not closed.
            MarketdayError: its database had to be read and cannot be reached.

        """
        ...

    async def never_opened(self, environment: Environment, access: Access | None, *, must_look: bool) -> Done:
        """Write the receipt of an environment in which nobody bought, and give its stock back.

        Raises:
            HasOpened, MarketdayError: as in `close_drop`, which has to be called first.

        """
        ...

    async def receipt(self, environment_id: UUID) -> str | None:
        """Return the receipt's token, if there is one."""
        ...
