"""Unpacks tar archives that somebody else may have made.

The filters of tarfile came with Python 3.11.4, and Debian 12 has 3.11.2.
"""

import shutil
import tarfile
from pathlib import Path, PurePosixPath

MODE = 0o755  # of what may be run; of others 0644


class Leaves(ValueError):
    """A member that is no file, folder or symbolic link, or whose name leads out of the folder."""


def unpack(archive: tarfile.TarFile, to: Path, *, links: bool = True) -> None:
    """Unpack files, folders and, if asked, symbolic links; owners, times and special bits are left out.

    Links come last, so that nothing is written through one. Where they lead to is for the caller to check.

    Raises:
        Leaves: see there; what came before it was written, all of it inside of the folder.
        OSError, tarfile.TarError: as tarfile raises them.

    """
    made = []
    for member in archive:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts or "\x00" in member.name:
            raise Leaves(f"{member.name!r} would be written outside of the folder")
        target = to / path
        if member.isdir():
            target.mkdir(parents=True, exist_ok=True)
        elif member.issym():
            made.append((target, member.linkname))
        elif not member.isreg() or (read := archive.extractfile(member)) is None:
            raise Leaves(f"{member.name!r} is neither a file nor a folder nor a symbolic link")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(read, file)
            target.chmod(MODE if member.mode & 0o100 else 0o644)
    for target, led in made if links else ():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(led)
