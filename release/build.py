"""The source distribution and the wheel, built from the archive of the commit: nothing else can get in.

hatchling and what it needs are in requirements-dev.lock with their hashes; nothing is asked of a network. The same
commit gives the same bytes: https://reproducible-builds.org/specs/source-date-epoch
"""

import hashlib
import io
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ci.stage import Stopped, run
from release.source import Commit, unpack

# Where the wheel has what the commit has elsewhere: the table force-include of pyproject.toml.
_MOVED = {
    "marketday/_files/sql/": "sql/",
    "marketday/_files/examples/": "examples/",
    "marketday/_files/infra/prices/": "infra/prices/",
    "marketday/": "src/marketday/",
}
_MADE = {"PKG-INFO"}  # what hatchling writes itself; in a wheel that is its folder of metadata


def built(commit: Commit, archive: bytes) -> dict[str, bytes]:
    """Return the source distribution and the wheel by their names; the wheel is built of the distribution alone."""
    with TemporaryDirectory() as name:
        place = Path(name)
        for folder in ("source", "sdist"):
            (place / folder).mkdir()
        sdist = _build(unpack(archive, place / "source"), "sdist", commit)
        wheel = _build(unpack(sdist, place / "sdist"), "wheel", commit)
    stem = f"marketday-{commit.version}"
    found = {f"{stem}.tar.gz": sdist, f"{stem}-py3-none-any.whl": wheel}
    refuse_other_files(found, archive, stem)
    return found


def _build(folder: Path, kind: str, commit: Commit) -> bytes:
    target = folder.parent / f"made-{kind}"
    words = (sys.executable, "-P", "-m", "hatchling", "build", "--target", kind, "--directory", target)
    # Nothing but this reaches the build: HATCH_* variables, for one, change what is built.
    plain = {"PATH": os.defpath, "SOURCE_DATE_EPOCH": str(commit.seconds), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    run("env", "-i", *(f"{name}={value}" for name, value in plain.items()), *words, cwd=folder)
    [made] = target.iterdir()
    if commit.version not in made.name:
        raise Stopped(f"the build made {made.name}; expected the version {commit.version}")
    return made.read_bytes()


def refuse_other_files(packages: Mapping[str, bytes], archive: bytes, stem: str) -> None:
    """Stop if a distribution or a wheel has a file that is not so in the archive of the source, or lacks one."""
    source = dict(_tar(archive, stem))
    wanted = {path for path in source if path.startswith(tuple(_MOVED.values()))}
    for name, content in packages.items():
        inside = dict(_wheel(content, stem) if name.endswith(".whl") else _tar(content, stem))
        for path, number in inside.items():
            if path not in _MADE and source.get(path) != number:
                raise Stopped(f"{name} has {path}, which is not so in the commit; expected only what is committed")
        if missing := sorted(wanted - set(inside)):
            raise Stopped(f"{name} has no {missing[0]}, which is committed; expected it: .gitignore may leave it out")


def _tar(content: bytes, stem: str) -> Iterator[tuple[str, str]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            if not member.isdir():  # a link among what is packed is missed by the packages
                read = archive.extractfile(member) if member.isfile() else None
                yield member.name.removeprefix(f"{stem}/"), _number(read.read() if read else b"")


def _wheel(content: bytes, stem: str) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith(f"{stem}.dist-info/"):
                continue
            begin = next((each for each in _MOVED if name.startswith(each)), "")
            yield _MOVED.get(begin, "") + name.removeprefix(begin), _number(archive.read(name))


def _number(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
