"""One environment on this machine for each branch of a repository: where its home is, and whether the branch exists.

They are in the folder that all worktrees of a repository share (`.git/marketday`), so that any of them can list all.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from marketday.kit.errors import Kind, MarketdayError, Permanent
from marketday.kit.moments import to_text_of_seconds
from marketday.kit.private import write_whole
from marketday.kit.reading import UnreadableFile, read_json
from marketday.kit.text import clean
from marketday.provisioners.local.branch_names import folder_name, is_folder_name
from marketday.provisioners.local.errors import LocalError
from marketday.provisioners.local.home import Home, find_home
from marketday.provisioners.local.mall_plane import read_mall

_FOLDER, _NOTE = "marketday", ".json"
_GIT_SECONDS = 20
_LARGEST_NOTE = 16 * 1024
_HEADS = "refs/heads/"


class NoBranch(LocalError, Permanent):
    """There is no branch here, or no environment of this branch."""

    kind = Kind.NOT_FOUND
    slug = "no-branch"


@dataclass(frozen=True, slots=True)
class BranchEnvironment:
    """A branch's environment. Times are UTC."""

    branch: str
    home: Path
    worktree: str  # the folder in which `up` was started
    since: datetime
    exists: bool  # the branch
    runs: bool
    addresses: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The branch, as a terminal may show it."""
        return shown(self.branch)


class Branches:
    """The branches of the repository at a folder, and their environments."""

    def __init__(self, folder: Path) -> None:
        """Find the repository.

        Raises:
            NoBranch: `folder` is in no repository, or git cannot read it.

        """
        self._folder = folder
        common = self._git("rev-parse", "--path-format=absolute", "--git-common-dir")
        self._root = Path(common) / _FOLDER

    def current(self) -> str:
        """Return the branch that is checked out; raises NoBranch."""
        try:
            return self._git("symbolic-ref", "--quiet", "HEAD").removeprefix(_HEADS)
        except NoBranch:
            raise NoBranch(
                f"no branch is checked out in {self._folder}; expected one: `git switch -c NAME` makes it"
            ) from None

    def home(self, branch: str) -> Path:
        """Return where the home of `branch` is, or will be."""
        return self._root / folder_name(branch)

    def note(self, branch: str) -> None:
        """Note that the environment of `branch` is started from here; the first note's time stays."""
        self._root.mkdir(parents=True, exist_ok=True)
        file, since = self._note(self.home(branch)), datetime.now(UTC)
        if (known := self._read(file)) is not None:
            since = known[1]
        text = {"branch": branch, "worktree": str(self._folder), "since": to_text_of_seconds(since)}
        write_whole(file, json.dumps(text, indent=1))

    def forget(self, branch: str) -> None:
        """Remove the note, once the home is removed."""
        home = self.home(branch)
        if not home.exists() and not home.is_symlink():
            self._note(home).unlink(missing_ok=True)

    def all(self) -> Sequence[BranchEnvironment]:
        """Return every environment of a branch, by the branch's name; raises NoBranch if git cannot list branches."""
        existing = self._existing()
        found = [self._environment(file, existing) for file in sorted(self._root.glob(f"*{_NOTE}"))]
        return sorted((one for one in found if one is not None), key=lambda one: one.branch)

    def gone(self) -> Sequence[BranchEnvironment]:
        """Return the environments whose branches were deleted or have another name now."""
        return [one for one in self.all() if not one.exists]

    def one(self, branch: str) -> BranchEnvironment:
        """Return the environment of `branch`; raises NoBranch."""
        everything = self.all()
        found = next((one for one in everything if one.branch == branch), None)
        if found is None:
            names = ", ".join(shown(one.branch) for one in everything) or "none"
            raise NoBranch(f"{shown(branch)} has no environment; expected a branch that has one: {names}")
        return found

    def _environment(self, file: Path, existing: frozenset[str]) -> BranchEnvironment | None:
        known = self._read(file)
        if known is None:
            return None
        branch, since, worktree = known
        path = self.home(branch)
        try:
            home = find_home(path)
        except MarketdayError:
            return BranchEnvironment(branch, path, worktree, since, branch in existing, runs=False)
        runs = any(folder.is_watched() for folder, _ in home.folders())
        return BranchEnvironment(
            branch, path, worktree, since, branch in existing, runs, _addresses(home) if runs else ()
        )

    def _read(self, file: Path) -> tuple[str, datetime, str] | None:
        """Return branch, time and folder of a note; None if it is not one of ours."""
        try:
            note = read_json(file, _LARGEST_NOTE)
            branch, worktree, since = str(note["branch"]), str(note["worktree"]), datetime.fromisoformat(note["since"])
        except (UnreadableFile, OSError, KeyError, TypeError, ValueError):
            return None
        ours = is_folder_name(file.stem) and file.stem == folder_name(branch) and since.tzinfo is not None
        return (branch, since, worktree) if ours else None

    def _existing(self) -> frozenset[str]:
        """Return all branches, also one without a commit that is checked out somewhere."""
        listed = self._git("for-each-ref", "--format=%(refname)", _HEADS).splitlines()
        checked_out = self._git("worktree", "list", "--porcelain", "-z").split("\0")
        unborn = [line.removeprefix("branch ") for line in checked_out if line.startswith("branch ")]
        return frozenset(name.removeprefix(_HEADS) for name in (*listed, *unborn))

    def _git(self, *arguments: str) -> str:
        passed = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        try:
            done = subprocess.run(
                ["git", "-C", str(self._folder), *arguments],
                env={**passed, "LC_ALL": "C"},
                capture_output=True, timeout=_GIT_SECONDS, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoBranch(f"git does not run ({type(error).__name__}); expected git on the path") from None
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no words"]
            raise NoBranch(f"{self._folder}: {words[0]}; expected a folder in a git repository of this account")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    @staticmethod
    def _note(home: Path) -> Path:
        return home.with_name(f"{home.name}{_NOTE}")


def _addresses(home: Home) -> tuple[str, ...]:
    try:
        plane = read_mall(home)
    except (MarketdayError, OSError, KeyError):
        return ()
    return (plane.public_url, plane.console_url)


def shown(branch: str) -> str:
    """Return a branch's name as a terminal may show it."""
    return clean(branch.encode("utf-8", "replace").decode())[:100]
