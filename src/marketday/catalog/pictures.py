"""Copy the pictures next to a catalogue file to the folder that the mall serves."""

import shutil
from pathlib import Path

SUFFIXES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif"})


def bring_pictures(folder: Path, media: Path) -> int:
    """Copy the pictures of `folder` that are missing or different in `media`; return how many were copied.

    A missing folder counts as empty. Symbolic links are ignored, because they may point to any file.
    """
    if not folder.is_dir():
        return 0
    media.mkdir(parents=True, exist_ok=True)
    found = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()]
    new = [file for file in found if not file.is_symlink() and not _same(file, media / file.name)]
    for file in new:
        shutil.copyfile(file, media / file.name)
        (media / file.name).chmod(0o644)  # pictures are public, and the mall may run as another account
    return len(new)


def _same(file: Path, copy: Path) -> bool:
    return copy.is_file() and copy.read_bytes() == file.read_bytes()
