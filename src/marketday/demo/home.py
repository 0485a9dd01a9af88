"""The demo's home: emptied for each day, but only if it belongs to a demo."""

import json
import shlex

from marketday.kit.errors import Kind, Permanent
from marketday.kit.private import write_whole
from marketday.provisioners.local.home import DEMO_MARK, KEPT, Home
from marketday.provisioners.local.mall_plane import stop_everything


class DemoError(Permanent):
    """The demo cannot run."""

    kind = Kind.CONFLICT
    slug = "demo-error"


class HomeIsNotTheDemos(DemoError):
    """This home does not belong to a demo."""

    slug = "home-is-not-the-demos"


class DemoRuns(DemoError):
    """A market day is already running here."""

    slug = "demo-runs"


async def make_fresh(home: Home) -> None:
    """Empty the home: remove what an earlier demo left. The caller holds the home's lock.

    Raises:
        HomeIsNotTheDemos: the folder has files, but not a demo's mark.
        HomeUnusable: the folder has files that no demo made.
        DemoRuns: a mall runs there.

    """
    mark = home.root / DEMO_MARK
    if not mark.is_file() and any(each.name not in KEPT for each in home.root.iterdir()):
        raise HomeIsNotTheDemos(
            f"{home.link} has files and no {DEMO_MARK}; expected an empty or missing folder: choose another --home"
        )
    refuse_running(home)
    await stop_everything(home)  # processes that a killed demo left
    home.empty()
    mark_as_demo(home)


def mark_as_demo(home: Home) -> None:
    """Let a later demo empty the home and use it again."""
    write_whole(home.root / DEMO_MARK, json.dumps({"made_by": "marketday demo"}))


def refuse_running(home: Home) -> None:
    """Raise DemoRuns if the supervisor of a plane of `home` runs."""
    running = [plane.path.name for plane in home.planes() if plane.is_watched()]
    if running:
        names, where = ", ".join(running), shlex.quote(str(home.link))
        raise DemoRuns(f"{home.link} is already running ({names}); stop it with: marketday --home {where} down")
