"""What the commands about environments need, and how they show errors."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from marketday.cli.asking import ask
from marketday.cli.goods import GoodsOf
from marketday.drops.schedule import to_utc
from marketday.environments.ending import Ending
from marketday.environments.errors import CannotExtend, UnknownEnvironment
from marketday.environments.extension_permit import Permits
from marketday.environments.model import Environment, State, longest_life
from marketday.environments.ports import EnvironmentStore, Outlook, Provisioner
from marketday.environments.service import EnvironmentService
from marketday.environments.writing_off import WritingOff
from marketday.handback.model import Receipt
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.ids import InvalidId, parse_id
from marketday.provisioners.terraform.ports import RunStore

if TYPE_CHECKING:
    from marketday.provisioners.terraform.previews import Previews

_T = TypeVar("_T")


class ReceiptSource(Protocol):
    """Finds receipts."""

    async def receipt(self, environment_id: UUID) -> Receipt:
        """Return an environment's receipt; raises UnknownReceipt."""
        ...


class Desk(Protocol):
    """The parts of the lifecycle that an operator's command may need."""

    @property
    def service(self) -> EnvironmentService:
        """Moves environments through their lifecycle."""
        ...

    @property
    def store(self) -> EnvironmentStore:
        """Stores environments."""
        ...

    @property
    def provisioner(self) -> Provisioner:
        """Builds and removes environments."""
        ...

    @property
    def hand_back(self) -> ReceiptSource:
        """Finds receipts."""
        ...

    @property
    def runs(self) -> RunStore | None:
        """Lists the runs of Terraform; None if environments are built without it."""
        ...

    @property
    def goods(self) -> GoodsOf | None:
        """Reads the mall's goods; None if the mall's database cannot be reached from here."""
        ...

    @property
    def permits(self) -> Permits:
        """Signs and checks permits for an environment to exist longer."""
        ...

    @property
    def ending(self) -> Ending | None:
        """Ends environments before their planned end; None if their databases cannot be reached from here."""
        ...

    @property
    def writing_off(self) -> WritingOff | None:
        """Gives up environments whose servers are lost; None if the mall's database cannot be reached from here."""
        ...

    @property
    def outlook(self) -> Outlook | None:
        """Looks whether there will be what an environment needs; None if there is nothing to ask."""
        ...

    @property
    def previews(self) -> "Previews | None":
        """Looks whether a branch can be built here; None if environments here are not built from commits."""
        ...

    @property
    def receipts(self) -> ReceiptVerifier:
        """Checks whether receipts are genuine."""
        ...


OpenDesk = Callable[[], AbstractAsyncContextManager[Desk]]
"""The type of `ctx.obj` for the commands `env` and `receipt`: opens the desk in the command's event loop."""


def at_desk(ctx: typer.Context, work: Callable[[Desk], Awaitable[_T]]) -> _T:
    """Open the desk, do `work`, close the desk. An error ends the command with status 1 and its message."""
    opener: OpenDesk = ctx.obj
    return ask(opener, work)


async def find(store: EnvironmentStore, name: str) -> Environment:
    """Return the environment with the id `name`, or the newest one of the drop `name`.

    Raises:
        UnknownEnvironment: there is neither.

    """
    try:
        return await store.get(parse_id(name))
    except InvalidId:
        of_drop = [one for one in await store.all() if one.drop_slug == name]
    if not of_drop:
        raise UnknownEnvironment(f"{name!r}: expected the id of an environment, or the slug of a drop that has one")
    return newest(of_drop)


def moment_of(environment: Environment, text: str) -> datetime:
    """Return the moment that `text` names, in UTC. `text` is ISO 8601; without an offset it is in the drop's zone.

    Raises:
        CannotExtend: `text` is not a moment.

    """
    try:
        return to_utc(datetime.fromisoformat(text), ZoneInfo(environment.definition.zone))
    except ValueError as error:
        zone = environment.definition.zone
        raise CannotExtend(
            f"{text!r} is not a moment; expected one such as 2026-12-11T06:00 in {zone}: {error}"
        ) from None


def needs_permit(environment: Environment, text: str) -> datetime:
    """Return the moment that `text` names, as `moment_of` does, if an environment needs a permit to exist until then.

    Raises:
        CannotExtend: `text` is not a moment, needs no permit, or the environment has ended.

    """
    until = moment_of(environment, text)
    if environment.state in (State.DESTROYING, State.DESTROYED):
        raise CannotExtend(
            f"environment {environment.id} is {environment.state}; expected one that is not destroyed yet"
        )
    free = longest_life(environment).astimezone(ZoneInfo(environment.definition.zone))
    if until <= free:
        raise CannotExtend(f"{text} needs no permit; expected a moment after {free:%Y-%m-%dT%H:%M%z}")
    return until


def newest(environments: Sequence[Environment]) -> Environment:
    """Return the environment that is not destroyed; if all are destroyed, the last one."""
    living = [one for one in environments if one.state is not State.DESTROYED]
    return (living or list(environments))[-1]
