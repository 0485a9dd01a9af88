"""The folders that stand for repositories, and the charts that stand for those of registries. Nothing is fetched."""

import io
import re
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ci.gitops.application import Source
from ci.gitops.objects import Refused, documents
from ci.gitops.programs import git
from ci.unpack import Leaves
from ci.unpack import unpack as take_out

MOVING = {"HEAD", "main", "master"}
EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
CHART_BYTES = 64 * 1024 * 1024
UNPACKED_BYTES = 1024 * 1024 * 1024


class NoChart(Refused):
    """A chart that is not in the folder of charts."""


def same(url: str) -> str:
    """Return an address as it is compared: https://Host/a.git and git@host:a are not told apart by their endings."""
    short = url.strip().rstrip("/").removesuffix(".git").lower()
    return re.sub(r"^(ssh://)?git@([^:/]+)[:/]", r"ssh://\2/", short)


def within(root: Path, path: str, where: str) -> Path:
    """Return a path of a repository; refuse one that leaves it, also by a symbolic link."""
    if "\x00" in path or path.startswith("/"):
        raise Refused(f"{where} is {path!r}; expected a path inside of the repository")
    found = (root / path).resolve()
    if not found.is_relative_to(root.resolve()):
        raise Refused(f"{where} is {path!r}, which leaves the repository")
    return found


def keep_inside(root: Path) -> None:
    """Refuse a tree in which a symbolic link leaves it, as Argo CD does, or that has a pipe or a device."""
    for file in root.rglob("*"):
        place = file.relative_to(root)
        if file.is_symlink():
            to = file.readlink()
            if to.is_absolute() or not (file.parent / to).resolve().is_relative_to(root.resolve()):
                raise Refused(f"the repository has the symbolic link {place} to {to}, which leaves it")
        elif not file.is_file() and not file.is_dir():
            raise Refused(f"the repository has {place}, which is neither a file nor a folder")


def unpack(packed: bytes, to: Path, where: str) -> None:
    """Unpack a tar; refuse members that would be written or lead outside."""
    to.mkdir(parents=True)
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            total = 0
            for member in tar:  # what it says about its size, before anything is written
                total += member.size
                if total > UNPACKED_BYTES:
                    raise Refused(f"{where} has more than {UNPACKED_BYTES} bytes when it is unpacked")
            take_out(tar, to)
    except (tarfile.TarError, OSError, EOFError, Leaves) as error:
        raise Refused(f"{where} cannot be unpacked: {error}") from None
    keep_inside(to)


@dataclass
class Repositories:
    """What stands for which repository, each copied once into a workspace, in which files may be changed."""

    workspace: Path
    folders: dict[str, Path] = field(default_factory=dict)  # by `same`
    charts: Path | None = None
    copies: dict[tuple[str, str], Path] = field(default_factory=dict)

    def root(self, source: Source) -> Path:
        """Return the files of a source's repository at its revision."""
        url = same(source.repository)
        if url not in self.folders:
            raise Refused(
                f"no folder stands for the repository {source.repository}; add --repository {source.repository}=FOLDER"
            )
        folder = self.folders[url]
        if source.revision in MOVING:
            return self._copy((url, ""), lambda to: copied(folder, to))
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{source.revision}^{{commit}}")
        try:
            commit = git(folder, *asked).decode().strip()
        except Refused:
            raise Refused(
                f"{folder.name} has no revision {source.revision} of {source.repository}; expected "
                f"{', '.join(sorted(MOVING))} for the files as they are, or a commit, tag or branch that it has"
            ) from None
        what = f"{source.repository} at {source.revision}"
        return self._copy((url, commit), lambda to: unpack(git(folder, "archive", commit), to, what))

    def chart(self, source: Source) -> Path:
        """Return the unpacked chart of a registry, from the folder of charts."""
        name, version = str(source.chart).rpartition("/")[2], source.revision
        if not EXACT.fullmatch(version):
            raise Refused(f"the chart {name} has the version {version}; expected an exact one, such as 1.2.3")
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
            raise Refused(f"the chart is called {name!r}; expected small letters, digits and hyphens")
        file = f"{name}-{version}.tgz"
        packed = self.charts / file if self.charts else None
        if packed is None or not packed.is_file():
            place = f"in {self.charts.name}" if self.charts else "because there is no folder of charts"
            raise NoChart(f"the chart {name} {version} of {source.repository} is not here ({file} {place})")
        if packed.stat().st_size > CHART_BYTES:
            raise Refused(f"{file} has {packed.stat().st_size} bytes; expected at most {CHART_BYTES}")
        copy = self._copy(("chart", file), lambda to: unpack(packed.read_bytes(), to, file))
        told = within(copy, f"{name}/Chart.yaml", "the chart")
        if not told.is_file():
            raise Refused(f"{file} has no {name}/Chart.yaml")
        (about,) = documents(told.read_text("utf-8"), "Chart.yaml") or [{}]
        if (about.get("name"), str(about.get("version")).lstrip("v")) != (name, version.lstrip("v")):
            raise Refused(f"{file} has the chart {about.get('name')} {about.get('version')}; expected {name} {version}")
        return copy / name

    def _copy(self, what: tuple[str, str], make: Callable[[Path], object]) -> Path:
        if what not in self.copies:
            to = self.workspace / f"repository-{len(self.copies)}"
            make(to)
            self.copies[what] = to
        return self.copies[what]


def copied(folder: Path, to: Path) -> Path:
    """Copy a folder without its .git; no link is followed. Return the copy."""
    keep_inside_of = folder.resolve()

    def skipped(place: str, names: list[str]) -> list[str]:
        return [name for name in names if name == ".git" and Path(place).resolve() == keep_inside_of]

    for file in folder.rglob("*"):
        if not file.is_symlink() and not file.is_file() and not file.is_dir():
            raise Refused(f"the repository has {file.relative_to(folder)}, which is neither a file nor a folder")
    shutil.copytree(folder, to, symlinks=True, ignore=skipped)
    keep_inside(to)
    return to
