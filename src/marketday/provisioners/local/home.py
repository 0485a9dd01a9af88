"""The home folder, `./.marketday` by default: it contains everything that Marketday keeps on this machine."""

import hashlib
import json
import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from marketday import __version__
from marketday.kit.files import data_folders
from marketday.kit.printable import printable
from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import passable_folder, reachable_by_others
from marketday.provisioners.local.errors import HomeUnusable, NoHome
from marketday.provisioners.local.plane_folder import PlaneFolder

HOLDER_NOTE = "holder.json"  # names the command that works on the home
DEMO_MARK = "demo.json"  # if it exists, a demo may empty the home and use it again
VERSION_NOTE = "home.json"  # who wrote the home last, and in which format
FORMAT = 1  # of the files in a home; a version that earlier ones cannot read has the next number
RESTORE_MARK = "restore.json"  # while it exists, the home is only half restored
_NOTES = frozenset({HOLDER_NOTE, VERSION_NOTE, RESTORE_MARK})
_OURS = frozenset(
    {"mall", "sandbox", "environments", "programs", "receipts", "crowd", "terraform", "checks", DEMO_MARK}
    | _NOTES
    | {f"{note}.new" for note in _NOTES}
)
KEPT = frozenset({HOLDER_NOTE, VERSION_NOTE})  # in a home that is emptied
_ELSEWHERE = Path("/var/tmp")  # noqa: S108 - reachable, and kept over a restart; our folder there is checked


@dataclass(frozen=True, slots=True)
class Home:
    """The home: `link` is the path that the operator uses, `root` the real folder."""

    root: Path
    link: Path

    @property
    def mall(self) -> PlaneFolder:
        """The mall's plane."""
        return PlaneFolder(self.root / "mall")

    @property
    def sandbox(self) -> PlaneFolder:
        """The plane of the payment gateway's sandbox, which stands for an outside company."""
        return PlaneFolder(self.root / "sandbox")

    @property
    def programs(self) -> Path:
        """The folder for copies of servers' programs."""
        return self.root / "programs"

    @property
    def checks(self) -> Path:
        """The folder in which backups are restored to check them."""
        return self.root / "checks"

    def environment(self, environment_id: UUID) -> PlaneFolder:
        """Return the event plane of an environment."""
        return PlaneFolder(self.root / "environments" / str(environment_id))

    def planes(self) -> list[PlaneFolder]:
        """Return all planes that have a description here, the mall's first."""
        return [folder for folder, _ in self.folders() if (folder.path / "plane.json").is_file()]

    def folders(self) -> list[tuple[PlaneFolder, str]]:
        """Return the folder of every plane with its mark, the mall's first, also of incomplete planes."""
        found = [
            (self.mall, self.plane_id("mall")),
            *self.event_folders(),
            (self.sandbox, self.plane_id("sandbox")),
        ]
        return [(folder, plane_id) for folder, plane_id in found if folder.path.is_dir()]

    def event_folders(self) -> list[tuple[PlaneFolder, str]]:
        """Return the folder of every event plane with its mark, also of incomplete ones."""
        return [(folder, plane_id_of(UUID(folder.path.name))) for folder in self.events()]

    def events(self) -> list[PlaneFolder]:
        """Return the folder of every event plane, complete or not."""
        folders = sorted((self.root / "environments").glob("*"))
        return [PlaneFolder(folder) for folder in folders if _is_id(folder.name) and folder.is_dir()]

    def plane_id(self, name: str) -> str:
        """Return the mark of the plane called `name`; it is different in every home on this machine."""
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
        """Remove everything in the home; the planes must be stopped. The lock on it is kept.

        Raises:
            HomeUnusable: something in it was not made by Marketday; nothing is removed.

        """
        self.refuse_foreign()
        for entry in self.root.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name not in KEPT:
                entry.unlink()

    def remove(self) -> None:
        """Remove everything in the home, and the home; raises the same error as `empty`."""
        self.empty()
        shutil.rmtree(self.root)
        if self.link.is_symlink():
            self.link.unlink()


def plane_id_of(environment_id: UUID) -> str:
    """Return the mark of every process of an environment."""
    return f"event-{environment_id}"


def open_home(path: Path) -> Home:
    """Return the home at `path`; make it if it is missing.

    If we are root, each plane has its own account. If other accounts cannot reach `path`, because it is for example in
    a closed home directory, the data is in a folder in /var/tmp, and `path` is a link to that folder.

    Raises:
        HomeUnusable: there is something else at `path`, other accounts can change it, or a newer version wrote it.

    """
    path = path.absolute()
    if path.exists() and not path.is_dir():
        raise HomeUnusable(f"{path} is not a folder; expected a folder, or nothing")
    if os.geteuid() == 0 and not path.is_symlink() and not reachable_by_others(path):
        _lead_elsewhere(path)
    if path.is_symlink() and not path.exists():  # somebody emptied /var/tmp, and the data is lost
        _make_private(path.readlink())
    path.mkdir(parents=True, exist_ok=True)
    root = path.resolve()
    _refuse_foreign(root)
    passable_folder(root)
    if os.geteuid() == 0 and not reachable_by_others(root):
        raise HomeUnusable(f"{root} cannot be reached by other accounts; expected every part of the path with mode o+x")
    if _refuse_newer(root, path) != __version__ and _is_ours(root):
        write_whole(root / VERSION_NOTE, json.dumps({"format": FORMAT, "version": __version__}))
    return Home(root, path)


def find_home(path: Path) -> Home:
    """Return the existing home at `path`; nothing is made.

    Raises:
        NoHome: there is no home.
        HomeUnusable: it is not a folder, belongs to another account, or a newer version wrote it.

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
        raise HomeUnusable(f"{path} is not a folder; expected the folder that `marketday up` or `demo --keep` made")
    if os.geteuid() not in (0, found.st_uid):
        owner = _account_name(found.st_uid)
        raise HomeUnusable(f"{path} belongs to the account {owner}; use it with that account, or choose another --home")
    _refuse_newer(path.resolve(), path)
    return Home(path.resolve(), path)


def _is_ours(root: Path) -> bool:
    """Whether a folder is empty or has something of ours: in somebody else's we write nothing."""
    names = {each.name for each in root.iterdir()}
    return not names or bool(names & (_OURS - {HOLDER_NOTE}))


def _refuse_newer(root: Path, path: Path) -> str | None:
    """Return which version wrote the home last, None for a new home; refuse a format that is newer than ours."""
    try:
        note = json.loads((root / VERSION_NOTE).read_text("utf-8"))
        format_, version = int(note["format"]), str(note["version"])
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        found = f"{path / VERSION_NOTE} is damaged"
        raise HomeUnusable(f'{found}; expected {{"format": {FORMAT}, "version": "{__version__}"}}') from None
    if format_ > FORMAT:
        raise HomeUnusable(
            f"{path} was written by Marketday {printable(version, 40)} in format {format_}, and this is {__version__}, "
            f"which knows format {FORMAT}; use that version or a newer one, or choose another --home"
        )
    return version


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
            raise HomeUnusable(f"{detail}; expected it empty, missing, or with mode o+x on every part of the path")
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
    """Make a folder in a place where everyone may make folders; refuse one that another account made before us."""
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise HomeUnusable(f"others can change {folder}; expected a folder of user {os.geteuid()} with mode 0711")


def _refuse_foreign(root: Path) -> None:
    """Refuse a home in which another account could make links, or whose files every service may read."""
    owner = root.stat().st_uid
    if owner != os.geteuid():
        raise HomeUnusable(f"{root} belongs to user {owner}; expected a folder of user {os.geteuid()}: choose another")
    programs = [path.resolve() for path in (*map(Path, (sys.prefix, sys.base_prefix, "/usr")), *data_folders())]
    if over := next((path for path in programs if root.is_relative_to(path)), None):
        raise HomeUnusable(f"{root} is inside {over}, whose programs every service may read; choose another home")
