"""The commit that is released: what must be true of it, and the archive of exactly its files."""

import gzip
import hashlib
import io
import posixpath
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ci.stage import Stopped, run
from ci.unpack import Leaves
from ci.unpack import unpack as take_out
from release.version import changes, earlier, numbers, refuse_unless_greater, written_version

MODULE = "src/marketday/__init__.py"
_EXECUTABLE, _LINK, _MODULE = "100755", "120000", "160000"
_MODES = {"100644": 0o644, _EXECUTABLE: 0o755}
# What a person has set in git must not change an archive; nor may objects that replace others here alone.
_NEUTRAL = (
    "--no-replace-objects",
    "-c",
    "tar.umask=0022",
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.attributesFile=/dev/null",
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that can be released."""

    id: str
    seconds: int  # when it was made, since 1970: the time of everything that is built of it
    version: str
    notes: str

    @property
    def tag(self) -> str:
        """The tag of the release."""
        return f"v{self.version}"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a commit, a link if `mode` says so; `blob` is git's number of its content."""

    mode: str
    blob: str


def checked_commit(root: Path) -> Commit:
    """Return the commit at the head of `root`, if it can be released; stop otherwise."""
    if changed := run("git", "status", "--porcelain", cwd=root):
        raise Stopped(f"files differ from the commit, such as {changed.split()[1]}; expected a clean checkout")
    commit = run("git", "rev-parse", "HEAD", cwd=root).strip()
    # Of the commit, not of the folder: git can be told to look away from a changed file.
    module, changelog = (
        run("git", *_NEUTRAL, "show", f"{commit}:{name}", cwd=root) for name in (MODULE, "CHANGELOG.md")
    )
    version = written_version(module)
    numbers(version)
    _, notes = changes(changelog, version)
    tags = run("git", "tag", "--list", "v*", cwd=root).split()
    refuse_unless_greater(version, earlier(changelog, tags, version))
    _refuse_other_branch(root, commit)
    _refuse_other_tag(root, f"v{version}", commit, tags)
    seconds = int(run("git", "show", "--no-patch", "--format=%ct", commit, cwd=root))
    return Commit(commit, seconds, version, notes)


def _refuse_other_branch(root: Path, commit: str) -> None:
    known = run("git", "for-each-ref", "--format=%(refname)", "refs/heads/main", "refs/remotes/origin/main", cwd=root)
    main = max(known.split(), default="")  # origin's, if there is one: others have that
    if not main:
        raise Stopped("there is no branch main here; expected a clone with origin/main or main")
    if run("git", "merge-base", commit, main, cwd=root).strip() != commit:
        raise Stopped(f"{commit[:12]} is not on {main}; expected a commit that is merged")


def _refuse_other_tag(root: Path, tag: str, commit: str, tags: list[str]) -> None:
    if tag in tags and (tagged := run("git", "rev-parse", f"{tag}^{{commit}}", cwd=root).strip()) != commit:
        raise Stopped(f"the tag {tag} is at {tagged[:12]}, and this is {commit[:12]}; expected a new version")


def files_of(root: Path, commit: str) -> dict[str, File]:
    """Return the files of a commit by their paths; stop at what cannot be in an archive."""
    found = {}
    for line in filter(None, run("git", *_NEUTRAL, "ls-tree", "-r", "-z", "--full-tree", commit, cwd=root).split("\0")):
        words, _, path = line.partition("\t")
        mode, _, blob = words.split()
        if mode == _MODULE:
            raise Stopped(f"{path} is a submodule; expected files: its content is in no archive")
        found[path] = File(mode, blob)
    return found


def source_archive(root: Path, commit: Commit) -> bytes:
    """Return all files of a commit as a tar.gz, the same bytes each time, after a comparison with the commit."""
    prefix = f"marketday-{commit.version}"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "source.tar"
        words = ("archive", "--format=tar", f"--prefix={prefix}/", f"--output={file}", commit.id)
        run("git", *_NEUTRAL, *words, cwd=root)
        content = file.read_bytes()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        _refuse_differences(archive, prefix, files_of(root, commit.id))
    return gzip.compress(content, 9, mtime=0)


def _refuse_differences(archive: tarfile.TarFile, prefix: str, files: Mapping[str, File]) -> None:
    seen = set()
    for member in archive:
        path = member.name.removeprefix(f"{prefix}/")
        if member.isdir():
            continue
        file = files.get(path)
        if file is None or not _is(archive, member, file):
            raise Stopped(f"{path} is not in the archive as in the commit; an attribute of git may change it")
        if member.issym():
            refuse_link_outside(path, member.linkname)
        seen.add(path)
    if missing := sorted(set(files) - seen):
        raise Stopped(f"{missing[0]} is missing in the archive; an attribute of git leaves it out")


def _is(archive: tarfile.TarFile, member: tarfile.TarInfo, file: File) -> bool:
    if member.issym():
        content, mode = member.linkname.encode(), file.mode == _LINK
    else:
        read = archive.extractfile(member)
        content, mode = read.read() if read else b"", _MODES.get(file.mode) == member.mode
    algorithm = "sha1" if len(file.blob) == 40 else "sha256"  # noqa: PLR2004 - hexadecimal digits of SHA-1
    return mode and hashlib.new(algorithm, b"blob %d\0" % len(content) + content).hexdigest() == file.blob


def refuse_link_outside(path: str, target: str) -> None:
    """Stop if a link leads out of the archive."""
    led = posixpath.normpath(str(PurePosixPath(path).parent / target))
    if target.startswith("/") or led in (".", "..") or led.startswith("../"):
        raise Stopped(f"{path} is a link to {target}; expected one that stays among our files")


def unpack(archive: bytes, folder: Path) -> Path:
    """Unpack the files of a tar.gz of ours, and return its one folder. Links are left out: nothing is built of them."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            take_out(opened, folder, links=False)
    except Leaves as error:
        raise Stopped(f"the archive has what does not belong there: {error}") from None
    [inside] = folder.iterdir()
    return inside
