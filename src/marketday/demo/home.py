"""The demo's home: made fresh for each day, and never out of a folder that holds something else."""

import json

from marketday.kit.errors import Kind, MarketdayError
from marketday.kit.private import write_whole
from marketday.provisioners.local.home import DEMO_MARK, HOLDER_NOTE, Home
from marketday.provisioners.local.mall_plane import stop_everything


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


async def make_fresh(home: Home) -> None:
    """Empty the home: what an earlier demo left there is removed. The caller holds it.

    Raises:
        HomeIsNotTheDemos: the folder has files and no demo's mark.
        HomeUnusable: the folder has files that no demo made.
        DemoRuns: a mall runs there.

    """
    mark = home.root / DEMO_MARK
    if not mark.is_file() and any(each.name != HOLDER_NOTE for each in home.root.iterdir()):
        raise HomeIsNotTheDemos(
            f"{home.link} has files and no {DEMO_MARK}; expected an empty or absent folder: name another --home"
        )
    refuse_running(home)
    await stop_everything(home)  # what a killed demo left half started
    home.empty()
    write_whole(mark, json.dumps({"made_by": "marketday demo"}))


def refuse_running(home: Home) -> None:
    """Raise DemoRuns where a plane of `home` is watched over."""
    running = [plane.path.name for plane in home.planes() if plane.is_watched()]
    if running:
        raise DemoRuns(
            f"{home.link} runs already ({', '.join(running)}); end it with: marketday --home {home.link} down"
        )
