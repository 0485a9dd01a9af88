"""The home folder: everything that Marketday keeps on this machine lies under it, `./.marketday` by default."""

import hashlib
import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from marketday.kit.files import data_folders
from marketday.provisioners.local.accounts import passable_folder, reachable_by_others
from marketday.provisioners.local.errors import HomeUnusable, NoHome
from marketday.provisioners.local.plane_folder import PlaneFolder

HOLDER_NOTE = "holder.json"  # says which command works on the home
DEMO_MARK = "demo.json"  # says that the home may be made anew for a demo
_OURS = frozenset(
    {"mall", "sandbox", "environments", "programs", "receipts", "crowd", "terraform", DEMO_MARK, HOLDER_NOTE}
    | {f"{HOLDER_NOTE}.new"}
)
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
        """Return all planes that are described here, the mall's first."""
        return [folder for folder, _ in self.folders() if (folder.path / "plane.json").is_file()]

    def folders(self) -> list[tuple[PlaneFolder, str]]:
        """Return the folder of every plane with its mark, the mall's first: also of one that is half made."""
        found = [
            (self.mall, self.plane_id("mall")),
            *((folder, plane_id_of(UUID(folder.path.name))) for folder in self.events()),
            (self.sandbox, self.plane_id("sandbox")),
        ]
        return [(folder, plane_id) for folder, plane_id in found if folder.path.is_dir()]

    def events(self) -> list[PlaneFolder]:
        """Return the folder of every event plane, half made or whole."""
        folders = sorted((self.root / "environments").glob("*"))
        return [PlaneFolder(folder) for folder in folders if _is_id(folder.name) and folder.is_dir()]

    def plane_id(self, name: str) -> str:
        """Return the mark of the plane called `name`: another one in every home on this machine."""
        return f"{name}-{hashlib.sha256(str(self.root).encode()).hexdigest()[:12]}"

    def foreign(self) -> list[str]:
        """Return the names of things in the home that Marketday did not make."""
        return sorted({each.name for each in self.root.iterdir()} - _OURS)

    def refuse_foreign(self) -> None:
        """Raise HomeUnusable if the home has things that Marketday did not make."""
        if foreign := self.foreign():
            detail = f"{self.link} also has {', '.join(foreign[:3])}, which Marketday did not make"
            raise HomeUnusable(f"{detail}; nothing is removed. Move it away first, or remove the folder yourself")

    def empty(self) -> None:
        """Remove everything under the home; the planes must be stopped. The lock on it is kept.

        Raises:
            HomeUnusable: something in it was not made by Marketday; nothing is removed.

        """
        self.refuse_foreign()
        for entry in self.root.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != HOLDER_NOTE:
                entry.unlink()

    def remove(self) -> None:
        """Remove everything under the home, and the home; raises as `empty` does."""
        self.empty()
        shutil.rmtree(self.root)
        if self.link.is_symlink():
            self.link.unlink()


def plane_id_of(environment_id: UUID) -> str:
    """Return the mark that every process of an environment carries."""
    return f"event-{environment_id}"


def open_home(path: Path) -> Home:
    """Return the home at `path`, made where it is absent.

    Run as root, each plane has an account of its own. Where other accounts cannot reach `path`, such as under a
    closed home directory, the data lies in a folder under /var/tmp, and `path` is a link to it.

    Raises:
        HomeUnusable: something else is there, or other accounts can change it.

    """
    path = path.absolute()
    if path.exists() and not path.is_dir():
        raise HomeUnusable(f"{path} is no folder; expected one, or nothing")
    if os.geteuid() == 0 and not path.is_symlink() and not reachable_by_others(path):
        _lead_elsewhere(path)
    if path.is_symlink() and not path.exists():  # somebody cleaned /var/tmp, and the data is lost
        _make_private(path.readlink())
    path.mkdir(parents=True, exist_ok=True)
    root = path.resolve()
    _refuse_foreign(root)
    passable_folder(root)
    if os.geteuid() == 0 and not reachable_by_others(root):
        raise HomeUnusable(f"{root} cannot be reached by other accounts; expected every part with mode o+x")
    return Home(root, path)


def find_home(path: Path) -> Home:
    """Return the existing home at `path`; nothing is made.

    Raises:
        NoHome: there is none.
        HomeUnusable: it is no folder, or belongs to another account.

    """
    path = path.absolute()
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        gone = f"{path} leads to {path.readlink()}, which is missing" if path.is_symlink() else f"{path} is missing"
        raise NoHome(f"{gone}; open a mall with `marketday up` or `marketday demo --keep`") from None
    except OSError as error:
        raise HomeUnusable(f"{path} cannot be reached ({error.strerror}); expected a folder of your own") from None
    if not path.is_dir():
        raise HomeUnusable(f"{path} is no folder; expected the folder that `marketday up` or `demo --keep` made")
    if os.geteuid() not in (0, found.st_uid):
        owner = _account_name(found.st_uid)
        raise HomeUnusable(f"{path} belongs to the account {owner}; use it as that account, or name another --home")
    return Home(path.resolve(), path)


def _account_name(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


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
    programs = [path.resolve() for path in (*map(Path, (sys.prefix, sys.base_prefix, "/usr")), *data_folders())]
    if over := next((path for path in programs if root.is_relative_to(path)), None):
        raise HomeUnusable(f"{root} lies among the programs of {over}, which every service may read; name another home")
