"""`make release`: from a commit of main to a signed folder. Nothing is published; with `--tag` the commit gets its tag.

It tests nothing: the pipeline does (docs/delivery.md), and a commit on main has been through it.
"""

import argparse
import sys
from pathlib import Path

from ci.signatures import signing_key
from ci.stage import ROOT, Stopped, run, setting
from release.build import built
from release.notes import HOW_TO_CHECK, notes
from release.signed import SIGNATURE, SUMS, fingerprint, write_folder
from release.source import Commit, checked_commit, source_archive

KEY = "RELEASE_SIGNING_KEY"
LOCK = "requirements-local.lock"


def files_of_release(root: Path, commit: Commit) -> dict[str, bytes]:
    """Return what a release has, but for the list and its signature: the same bytes each time."""
    archive = source_archive(root, commit)
    stem = f"marketday-{commit.version}"
    return {
        f"{stem}-source.tar.gz": archive,
        **built(commit, archive),
        f"{stem}-requirements.lock": run(
            "git", "--no-replace-objects", "show", f"{commit.id}:{LOCK}", cwd=root
        ).encode(),
        f"{stem}-notes.md": notes(commit).encode(),
    }


def make(root: Path, *, tag: bool) -> str:
    """Write dist/VERSION, and the tag if it is wanted; return what to say."""
    file = Path(setting(KEY, "the file of the key that signs a release: PEM, ECDSA on P-256, without a password"))
    try:
        key = signing_key(file.read_bytes())
    except OSError:
        raise Stopped(f"there is no {file}; expected the key that signs, as {KEY} says") from None
    commit = checked_commit(root)
    folder = root / "dist" / commit.version
    files = files_of_release(root, commit)
    write_folder(folder, files, key)
    said = "".join(f"  {folder.relative_to(root) / name}\n" for name in sorted((*files, SUMS, SIGNATURE)))
    if tag and not run("git", "tag", "--list", commit.tag, cwd=root).strip():
        for name in ("user.name", "user.email"):
            _refuse_without(root, name)
        run("git", "tag", "--annotate", "--message", f"Marketday {commit.version}", commit.tag, commit.id, cwd=root)
    tagged = f"The tag {commit.tag} is here; nothing is pushed.\n" if tag else "No tag is made; --tag makes it.\n"
    return (
        f"Marketday {commit.version} of {commit.id[:12]}:\n{said}{tagged}Signed with the key whose public half has the "
        f"SHA-256 {fingerprint(key.public_key())}. To verify, in {folder.relative_to(root)}:\n"
        + "".join(f"  {line}\n" for line in HOW_TO_CHECK.splitlines())
    )


def _refuse_without(root: Path, name: str) -> None:
    try:
        run("git", "config", name, cwd=root)
    except Stopped:
        raise Stopped(f"git has no {name}, which a tag needs; the folder is written. Set it, and repeat") from None


def main(root: Path = ROOT) -> None:
    """Make a release; end with one sentence and status 2 if it cannot be."""
    parser = argparse.ArgumentParser(prog="make release", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tag", action="store_true", help="also make the tag, which is not pushed")
    words = parser.parse_args()
    sys.stderr.write("release: the commit is looked at, then three archives are built, in ten seconds ...\n")
    try:
        said = make(root, tag=words.tag)
    except Stopped as stopped:
        sys.stderr.write(f"release: {stopped}\n")
        sys.exit(2)
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
