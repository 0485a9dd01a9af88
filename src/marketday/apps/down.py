"""`marketday down`: closes what is open, brings it home, destroys it with its receipt, and stops the mall."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from marketday.apps.demo_home import DemoError, hold_home
from marketday.apps.lifecycle import Lifecycle, open_lifecycle, prod_side
from marketday.environments.closing import close_drop
from marketday.environments.errors import EnvironmentBusy, NoReceipt, RecordsUnavailable
from marketday.environments.local.errors import LocalError
from marketday.environments.local.home import Home, find_home
from marketday.environments.local.mall_plane import start_mall, stop_everything
from marketday.environments.model import DRAIN_GRACE_SECONDS, Environment, Outcome, State
from marketday.kit.clock import SystemClock
from marketday.waitingroom.errors import RoomUnavailable

Tell = Callable[[str], None]

_LOOK_EVERY_SECONDS = 0.5
_LONGEST_SECONDS = 240.0  # for a drop to be handed back and destroyed, once it has come to rest


class StillStanding(DemoError):
    """An environment could not be brought to its end."""

    slug = "still-standing"


async def down(path: Path, purge: bool, tell: Tell) -> None:  # noqa: FBT001 - the command's own option
    """End everything in the home at `path`; with `purge` remove the home too. Repeating it changes nothing.

    Raises:
        StillStanding: an environment's orders could not be brought home; its data is kept, and so is the home.
        LocalError: the mall could not be started for that; everything is stopped, and all data kept.
        NoHome: there is no home.

    """
    with hold_home(path):
        home = find_home(path)
        if (home.mall.path / "plane.json").is_file():
            await _end_environments(home, tell)
        await stop_everything(home)
        tell("everything is stopped")
        if purge:
            home.remove()
            tell(f"{home.link} is removed")


async def _end_environments(home: Home, tell: Tell) -> None:
    """Bring every living environment to its end; the mall is started for that where it stands still."""
    if not home.mall.is_watched() and not any((home.root / "environments").glob("*")):
        return  # it was ended in order before
    try:
        plane = await start_mall(home)
    except LocalError:
        await stop_everything(home)  # with its data: nothing can be brought home today
        raise
    async with open_lifecycle(prod_side(plane)) as lifecycle:
        for environment in await lifecycle.store.living():
            tell(f"{environment.drop_slug}: {environment.state}, ending it")
            await _end(lifecycle, environment, tell)


async def _end(lifecycle: Lifecycle, environment: Environment, tell: Tell) -> None:
    """Close one environment's drop, or give it up where it never opened, and see it destroyed."""
    rest_seconds = environment.definition.hold_seconds + DRAIN_GRACE_SECONDS
    deadline = time.monotonic() + rest_seconds + _LONGEST_SECONDS
    shown = f"{environment.state}"
    while environment.state is not State.DESTROYED:
        # The controller is at it, it opened this very moment, or a server is coming back: then the next round does it.
        with suppress(EnvironmentBusy, NoReceipt, RecordsUnavailable, RoomUnavailable):
            await _push(lifecycle, environment)
        environment = await lifecycle.store.get(environment.id)
        waits = environment.last.detail if environment.last and environment.state is State.DRAINING else ""
        stands = f"{environment.state}, {waits}" if waits else f"{environment.state}"
        if stands != shown:
            shown = stands
            tell(f"{environment.drop_slug}: {shown}")
        if environment.state is State.FAILED or time.monotonic() > deadline:
            raise StillStanding(
                f"{environment.drop_slug} is {environment.state} at {environment.failed_step}: {environment.failure}; "
                f"its data is kept. `marketday env retry {environment.id}`, then `marketday down` again"
            )
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def _push(lifecycle: Lifecycle, environment: Environment) -> None:
    """Do what brings the environment nearer to its end; the mall's controller does the steps meanwhile, or we do."""
    if environment.opened:
        await close_drop(lifecycle.store, lifecycle.provisioner, environment.id, SystemClock().now())
        await lifecycle.service.advance(environment.id)
        return
    progress = await lifecycle.service.destroy(environment.id)
    if progress.outcome is Outcome.FAILED:  # somebody may shop in it by now: then it opens on record, and is closed
        await lifecycle.service.advance(environment.id)
