"""`marketday down`: closes open drops, hands them back, destroys their environments, and stops the mall."""

import asyncio
import shlex
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from marketday.environments.ending import Ending, NotEnded, Report, operator
from marketday.environments.errors import StillStanding
from marketday.environments.model import State
from marketday.kit.errors import MarketdayError, Temporary
from marketday.provisioners.local.errors import HomeUnusable, LocalError
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import Home, find_home
from marketday.provisioners.local.mall_plane import MallPlane, start_mall, stop_everything
from marketday.provisioners.local.start_stop import start_plane

OpenEnding = Callable[[MallPlane], AbstractAsyncContextManager[Ending]]


class MallNotStarted(Temporary):
    """The mall could not be started, so nothing was handed back."""

    slug = "mall-not-started"


async def down(open_ending: OpenEnding, path: Path, report: Report, *, purge: bool = False, now: bool = False) -> None:
    """End everything in the home at `path`; with `purge` remove the home too. Repeating it changes nothing.

    `open_ending` opens what ends a mall's environments. This waits for what people hold; with `now` it is released.

    Raises:
        StillStanding: an environment could not be ended; it and the mall are kept as they are.
        MallNotStarted: the mall is needed to end environments, but did not start; all is stopped, and all data kept.
        LocalError: there is no home, it cannot be used, another command uses it, or something could not be stopped.

    """
    home = find_home(path)
    with hold_home(home, f"marketday down{' --now' if now else ''}{' --purge' if purge else ''}"):
        if purge:
            home.refuse_foreign()
        if home.mall.is_watched() or home.events():  # otherwise an earlier command ended it in order
            await _end_environments(open_ending, home, report, now=now)
        await stop_everything(home)
        report("everything is stopped")
        if purge:
            _refuse_unknown(home)
            home.remove()
            report(f"{home.link} is removed")


async def _end_environments(open_ending: OpenEnding, home: Home, report: Report, *, now: bool) -> None:
    """End every environment that is not destroyed; the mall is started for that if it does not run."""
    plane = await _mall_of(home)
    for folder in home.planes():  # also a plane that an earlier `down` had to stop
        with suppress(LocalError, OSError):  # then ending its environment reports what is missing
            await asyncio.to_thread(start_plane, folder.path)
    async with open_ending(plane) as ending:
        living = await ending.living()
        for each in living:
            report(f"{each.drop_slug}: {each.state}, ending it")
        if not now and any(each.state in (State.OPEN, State.DRAINING) for each in living):
            report("people may still pay for what they reserved; to end at once, Ctrl-C and `marketday down --now`")
        release = f"marketday down --now by {operator()}" if now else ""
        standing = await ending.end_all(living, report, release)
    if standing:
        raise StillStanding(_told(home, standing))


async def _mall_of(home: Home) -> MallPlane:
    try:
        return await start_mall(home)
    except Exception as error:
        reason = str(error) if isinstance(error, MarketdayError | OSError) else f"{type(error).__name__}: {error}"
        again = f"repair that, then run `marketday --home {shlex.quote(str(home.link))} down`"
        try:
            await stop_everything(home)
        except LocalError as left:
            raise MallNotStarted(f"{reason}. {left}. All data is kept; {again}") from error
        raise MallNotStarted(f"{reason}. Everything is stopped and all data kept; {again}") from error


def _told(home: Home, standing: Sequence[NotEnded]) -> str:
    command = f"marketday --home {shlex.quote(str(home.link))}"
    lines = [f"{each}; continue with `{command} {each.go_on}`" for each in standing]
    last = f"then run `{command} down` again. The mall still runs, and all remaining data is kept"
    return "\n".join([*lines, last])


def _refuse_unknown(home: Home) -> None:
    """Raise HomeUnusable if there is an event plane that is not in the mall's records: it may have orders."""
    if unknown := [str(folder.path) for folder in home.events()]:
        detail = f"{', '.join(unknown)}: a plane that is not in the mall's records; it may have orders"
        raise HomeUnusable(f"{detail}. Nothing is removed; check the folder, and remove it yourself")
