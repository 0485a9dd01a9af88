"""The demo's home: made fresh for each day, and never out of a folder that holds something else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketday.environments.local.home import Home, open_home
from marketday.environments.local.mall_plane import stop_everything
from marketday.environments.local.plane_folder import held
from marketday.kit.errors import Kind, MarketdayError
from marketday.kit.private import write_whole

MARK = "demo.json"


class DemoError(MarketdayError):
    """The demo cannot be played."""

    kind = Kind.CONFLICT
    slug = "demo-error"


class HomeIsNotTheDemos(DemoError):
    """This home holds something else than a demo."""

    slug = "home-is-not-the-demos"


class DemoRuns(DemoError):
    """A market day is under way here."""

    slug = "demo-runs"


@contextmanager
def hold_home(path: Path) -> Iterator[None]:
    """Hold the home at `path` against a second demo, for as long as this process lives.

    Raises:
        DemoRuns: another demo holds it.

    """
    lock = path.absolute().with_name(f"{path.name}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with held(lock, 0) as ours:
        if not ours:
            raise DemoRuns(f"{path} is used by another `marketday demo`; let it end, or name another --home")
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)  # by its holder alone: without it a third could hold a lock of its own


async def fresh_home(path: Path) -> Home:
    """Return an empty home at `path`: what an earlier demo left there is removed.

    Raises:
        HomeIsNotTheDemos: the folder has files and no demo's mark.
        DemoRuns: a mall runs there.

    """
    if path.exists() and any(path.iterdir()) and not (path / MARK).is_file():
        raise HomeIsNotTheDemos(
            f"{path} has files and no {MARK}; expected an empty or absent folder: name another --home"
        )
    home = open_home(path)
    refuse_running(home)
    await stop_everything(home)  # what a killed demo left half started
    home.remove()
    home = open_home(path)
    write_whole(home.root / MARK, json.dumps({"made_by": "marketday demo"}))
    return home


def refuse_running(home: Home) -> None:
    """Raise DemoRuns where a plane of `home` is watched over."""
    running = [plane.path.name for plane in home.planes() if plane.is_watched()]
    if running:
        raise DemoRuns(
            f"{home.link} runs already ({', '.join(running)}); end it with: marketday --home {home.link} down"
        )
