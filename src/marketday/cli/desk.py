"""What the commands about environments work with, and how they tell what went wrong."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from marketday.cli.asking import ask
from marketday.cli.goods import GoodsOf
from marketday.drops.schedule import to_utc
from marketday.environments.ending import Ending
from marketday.environments.errors import CannotExtend, UnknownEnvironment
from marketday.environments.model import Environment, State, longest_life
from marketday.environments.permit import Permits
from marketday.environments.ports import EnvironmentStore, Provisioner
from marketday.environments.service import EnvironmentService
from marketday.handback.model import Receipt
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.ids import InvalidId, parse_id
from marketday.provisioners.terraform.ports import RunStore

_T = TypeVar("_T")


class ReceiptSource(Protocol):
    """Knows receipts."""

    async def receipt(self, environment_id: UUID) -> Receipt:
        """Return an environment's receipt; raises UnknownReceipt."""
        ...


class Desk(Protocol):
    """Everything that an operator's command may need of the lifecycle."""

    @property
    def service(self) -> EnvironmentService:
        """Moves environments."""
        ...

    @property
    def store(self) -> EnvironmentStore:
        """Knows environments."""
        ...

    @property
    def provisioner(self) -> Provisioner:
        """Makes and removes them."""
        ...

    @property
    def hand_back(self) -> ReceiptSource:
        """Knows receipts."""
        ...

    @property
    def runs(self) -> RunStore | None:
        """Knows the runs of Terraform; None where environments are made without it."""
        ...

    @property
    def goods(self) -> GoodsOf | None:
        """Knows the mall's goods; None where the mall's database cannot be reached from here."""
        ...

    @property
    def permits(self) -> Permits:
        """Signs and tells permits to live longer."""
        ...

    @property
    def ending(self) -> Ending:
        """Ends environments before their time."""
        ...

    @property
    def receipts(self) -> ReceiptVerifier:
        """Tells genuine receipts."""
        ...


OpenDesk = Callable[[], AbstractAsyncContextManager[Desk]]
"""What `ctx.obj` is for the commands `env` and `receipt`: opens the desk in the loop of the command."""


def at_desk(ctx: typer.Context, work: Callable[[Desk], Awaitable[_T]]) -> _T:
    """Open the desk, do `work`, close the desk; an error ends the command with status 1 and its words."""
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
    """Return the moment that `text` names: ISO 8601, without an offset in the drop's own zone; in UTC.

    Raises:
        CannotExtend: it names none.

    """
    try:
        return to_utc(datetime.fromisoformat(text), ZoneInfo(environment.definition.zone))
    except ValueError as error:
        zone = environment.definition.zone
        raise CannotExtend(f"{text!r} is no moment; expected one such as 2026-12-11T06:00 in {zone}: {error}") from None


def needs_permit(environment: Environment, text: str) -> datetime:
    """Return the moment that `text` names, as `moment_of`, where living so long needs a permit.

    Raises:
        CannotExtend: it names none, needs no permit, or the environment does not live any more.

    """
    until = moment_of(environment, text)
    if environment.state in (State.DESTROYING, State.DESTROYED):
        raise CannotExtend(f"environment {environment.id} is {environment.state}; expected one that lives")
    free = longest_life(environment).astimezone(ZoneInfo(environment.definition.zone))
    if until <= free:
        raise CannotExtend(f"{text} needs no permit; expected a moment after {free:%Y-%m-%dT%H:%M%z}")
    return until


def newest(environments: Sequence[Environment]) -> Environment:
    """Return the living one, else the last."""
    living = [one for one in environments if one.state is not State.DESTROYED]
    return (living or list(environments))[-1]
