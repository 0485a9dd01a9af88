"""`make release-check`: say whether a folder is a release as the owner of a key signed it, and of which commit."""

import argparse
import gzip
import io
import sys
import tarfile
import zlib
from pathlib import Path
from typing import NoReturn

from ci.stage import Stopped
from release.build import refuse_other_files
from release.signed import check_folder, version_in


def check(folder: Path, key_file: Path) -> str:
    """Return what a folder is; stop if it is not a release as it was signed."""
    files = check_folder(folder, key_file)
    version = version_in(files)
    stem = f"marketday-{version}"
    wanted = {f"{stem}-source.tar.gz", f"{stem}.tar.gz", f"{stem}-py3-none-any.whl"}
    if missing := sorted(wanted - set(files)):
        raise Stopped(f"there is no {missing[0]}; expected it beside the others")
    archive = files[f"{stem}-source.tar.gz"]
    refuse_other_files({name: files[name] for name in wanted if "-source" not in name}, archive, stem)
    return f"Marketday {version} of {commit_of(archive)}, {len(files)} files as they were signed"


def commit_of(archive: bytes) -> str:
    """Return the commit that git wrote into an archive of its files."""
    try:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive))) as opened:
            commit = opened.pax_headers.get("comment", "")
    except (OSError, EOFError, zlib.error, tarfile.TarError):
        commit = ""
    if not commit:
        raise Stopped("the source archive names no commit; expected one that `make release` made")
    return commit


def _refuse_nothing() -> NoReturn:
    raise Stopped("a folder or a key is missing; expected make release-check FOLDER=dist/0.2.0 KEY=release.pub")


def main() -> None:
    """Check a folder; end with one sentence and status 2 if it is not as it should be."""
    parser = argparse.ArgumentParser(prog="make release-check", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", help="the folder of the release")
    parser.add_argument("key", help="the public key, PEM")
    words = parser.parse_args()
    try:
        if not (words.folder and words.key):
            _refuse_nothing()
        said = check(Path(words.folder), Path(words.key))
    except Stopped as stopped:
        sys.stderr.write(f"release-check: {stopped}\n")
        sys.exit(2)
    sys.stdout.write(f"{said}\n")


if __name__ == "__main__":
    main()
