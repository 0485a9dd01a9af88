"""The home folder: everything that Marketday keeps on this machine lies under it, `./.marketday` by default."""

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from marketday.environments.local.accounts import passable_folder, reachable_by_others
from marketday.environments.local.errors import HomeUnusable, NoHome
from marketday.environments.local.plane_folder import PlaneFolder

_ELSEWHERE = Path("/var/tmp")  # noqa: S108 - reachable, and kept over a restart; our folder there is checked


@dataclass(frozen=True, slots=True)
class Home:
    """The home: `link` is where the operator sees it, `root` where it really lies."""

    root: Path
    link: Path

    @property
    def mall(self) -> PlaneFolder:
        """The mall's plane."""
        return PlaneFolder(self.root / "mall")

    @property
    def sandbox(self) -> PlaneFolder:
        """The payment gateway sandbox's plane: an outside party."""
        return PlaneFolder(self.root / "sandbox")

    @property
    def programs(self) -> Path:
        """Where copies of servers' programs are kept."""
        return self.root / "programs"

    def environment(self, environment_id: UUID) -> PlaneFolder:
        """Return the event plane of an environment."""
        return PlaneFolder(self.root / "environments" / str(environment_id))

    def planes(self) -> list[PlaneFolder]:
        """Return all planes that stand here, the mall's first."""
        events = sorted((self.root / "environments").glob("*/plane.json"))
        folders = [self.mall, *(PlaneFolder(file.parent) for file in events), self.sandbox]
        return [folder for folder in folders if (folder.path / "plane.json").is_file()]

    def plane_id(self, name: str) -> str:
        """Return the mark of the plane called `name`: another one in every home on this machine."""
        return f"{name}-{hashlib.sha256(str(self.root).encode()).hexdigest()[:12]}"

    def remove(self) -> None:
        """Remove everything under the home, and the home; the planes must be stopped."""
        shutil.rmtree(self.root, ignore_errors=False)
        if self.link.is_symlink():
            self.link.unlink()


def open_home(path: Path) -> Home:
    """Return the home at `path`, made where it is absent.

    Run as root, each plane has an account of its own. Where other accounts cannot reach `path`, such as under a
    closed home directory, the data lies in a folder under /var/tmp, and `path` is a link to it.

    Raises:
        HomeUnusable: something else stands there, or it is not ours alone.

    """
    path = path.absolute()
    if path.exists() and not path.is_dir():
        raise HomeUnusable(f"{path} is no folder; expected one, or nothing")
    if os.geteuid() == 0 and not path.is_symlink() and not reachable_by_others(path):
        _lead_elsewhere(path)
    if path.is_symlink() and not path.exists():  # whoever tidied /var/tmp took the data
        _make_private(path.readlink())
    path.mkdir(parents=True, exist_ok=True)
    root = path.resolve()
    _refuse_foreign(root)
    passable_folder(root)
    if os.geteuid() == 0 and not reachable_by_others(root):
        raise HomeUnusable(f"{root} cannot be reached by other accounts; expected every part with mode o+x")
    return Home(root, path)


def find_home(path: Path) -> Home:
    """Return the home that stands at `path`; nothing is made.

    Raises:
        NoHome: there is none.

    """
    path = path.absolute()
    if not path.is_dir():
        raise NoHome(f"nothing stands at {path}; open a mall with `marketday up` or `marketday demo --keep`")
    return Home(path.resolve(), path)


def _lead_elsewhere(path: Path) -> None:
    if path.is_dir():
        if any(path.iterdir()):
            detail = f"{path} holds data and cannot be reached by other accounts"
            raise HomeUnusable(f"{detail}; expected it empty, absent, or every part of it with mode o+x")
        path.rmdir()
    target = _ELSEWHERE / f"marketday-{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    _make_private(target)
    try:
        path.symlink_to(target)
    except OSError:
        target.rmdir()
        raise


def _make_private(folder: Path) -> None:
    """Make a folder where everyone may make some; one that another account made before us is refused."""
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise HomeUnusable(f"{folder} is not ours alone; expected a folder of user {os.geteuid()} with mode 0711")


def _refuse_foreign(root: Path) -> None:
    """Refuse a home in which another account could put links in our way, or whose files programs may read."""
    owner = root.stat().st_uid
    if owner != os.geteuid():
        raise HomeUnusable(f"{root} belongs to user {owner}; expected a folder of user {os.geteuid()}: name another")
    programs = [Path(path).resolve() for path in (sys.prefix, sys.base_prefix, "/usr")]
    if over := next((path for path in programs if root.is_relative_to(path)), None):
        raise HomeUnusable(f"{root} lies among the programs of {over}, which every service may read; name another home")
