"""Pictures as files: their kinds, and how those next to a catalogue file come to the folder that the mall serves."""

import shutil
from pathlib import Path, PurePath

# The same on every machine: what Python itself knows of WebP and AVIF depends on the system's files.
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
}


def kind_of(name: str) -> str | None:
    """Return the media type of a picture's file by its name, None if it is not a picture."""
    return KINDS.get(PurePath(name).suffix.lower())


def bring_pictures(folder: Path, media: Path) -> int:
    """Copy the pictures of `folder` that are missing or different in `media`; return how many were copied.

    A missing folder counts as empty. Symbolic links are ignored, because they may point to any file.
    """
    if not folder.is_dir():
        return 0
    media.mkdir(parents=True, exist_ok=True)
    found = [file for file in folder.iterdir() if kind_of(file.name) and file.is_file()]
    new = [file for file in found if not file.is_symlink() and not _same(file, media / file.name)]
    for file in new:
        shutil.copyfile(file, media / file.name)
        (media / file.name).chmod(0o644)  # pictures are public, and the mall may run as another account
    return len(new)


def _same(file: Path, copy: Path) -> bool:
    return copy.is_file() and copy.read_bytes() == file.read_bytes()
