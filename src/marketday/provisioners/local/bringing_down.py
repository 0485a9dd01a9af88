"""`marketday down`: closes what is open, brings it home, destroys it with its receipt, and stops the mall."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

from marketday.environments.ending import Ending, NotEnded, Tell, operator
from marketday.environments.errors import StillStanding
from marketday.kit.errors import MarketdayError, Temporary
from marketday.provisioners.local.errors import HomeUnusable, LocalError
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import Home, find_home
from marketday.provisioners.local.mall_plane import MallPlane, start_mall, stop_everything
from marketday.provisioners.local.supervision import start_plane

OpenEnding = Callable[[MallPlane], AbstractAsyncContextManager[Ending]]


class MallNotStarted(Temporary):
    """The mall could not be started, so nothing was handed back."""

    slug = "mall-not-started"


async def down(open_ending: OpenEnding, path: Path, tell: Tell, *, purge: bool = False, now: bool = False) -> None:
    """End everything in the home at `path`; with `purge` remove the home too. Repeating it changes nothing.

    `open_ending` opens what ends the environments of a mall. What people hold is waited for; with `now` it is released.

    Raises:
        StillStanding: an environment's orders could not be brought home; it stands as it is, and so does the mall.
        MallNotStarted: the mall is needed for that, and did not start; everything is stopped, and all data kept.
        LocalError: there is no home, it cannot be used, another command holds it, or something could not be stopped.

    """
    home = find_home(path)
    with hold_home(home, f"marketday down{' --now' if now else ''}{' --purge' if purge else ''}"):
        if purge:
            home.refuse_foreign()
        if home.mall.is_watched() or home.events():  # else it was ended in order before
            await _end_environments(open_ending, home, tell, now=now)
        await stop_everything(home)
        tell("everything is stopped")
        if purge:
            _refuse_unknown(home)
            home.remove()
            tell(f"{home.link} is removed")


async def _end_environments(open_ending: OpenEnding, home: Home, tell: Tell, *, now: bool) -> None:
    """Bring every living environment to its end; the mall is started for that where it stands still."""
    plane = await _mall_of(home)
    for folder in home.planes():  # also one that a `down` before this one had to stop
        with suppress(LocalError, OSError):  # then its environment says what is missing
            await asyncio.to_thread(start_plane, folder.path)
    async with open_ending(plane) as ending:
        living = await ending.living()
        for each in living:
            tell(f"{each.drop_slug}: {each.state}, ending it")
        release = f"marketday down --now by {operator()}" if now else ""
        standing = await ending.end_all(living, tell, release)
    if standing:
        raise StillStanding(_told(home, standing))


async def _mall_of(home: Home) -> MallPlane:
    try:
        return await start_mall(home)
    except Exception as error:
        reason = str(error) if isinstance(error, MarketdayError | OSError) else f"{type(error).__name__}: {error}"
        again = f"mend that, then `marketday --home {home.link} down`"
        try:
            await stop_everything(home)
        except LocalError as left:
            raise MallNotStarted(f"{reason}. {left}. All data is kept; {again}") from error
        raise MallNotStarted(f"{reason}. Everything is stopped and all data kept; {again}") from error


def _told(home: Home, standing: Sequence[NotEnded]) -> str:
    command = f"marketday --home {home.link}"
    lines = [f"{each}; go on with `{command} {each.go_on}`" for each in standing]
    last = f"then `{command} down` again. The mall still runs, and the data of what stands is kept"
    return "\n".join([*lines, last])


def _refuse_unknown(home: Home) -> None:
    """Raise HomeUnusable where an event plane stands that the mall's records do not know: it may hold orders."""
    if unknown := [str(folder.path) for folder in home.events()]:
        detail = f"{', '.join(unknown)} stands, and the mall's records do not know it; it may hold orders"
        raise HomeUnusable(f"{detail}. Nothing is removed; look at it, and remove the folder yourself")
