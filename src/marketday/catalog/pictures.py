"""The pictures that lie beside a catalogue's file, brought to where the mall serves them."""

import shutil
from pathlib import Path

SUFFIXES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif"})


def bring_pictures(folder: Path, media: Path) -> int:
    """Copy the pictures of `folder` that `media` has not, or has otherwise; return how many were copied.

    An absent folder has none. Links are left out: they may lead anywhere.
    """
    if not folder.is_dir():
        return 0
    media.mkdir(parents=True, exist_ok=True)
    found = [file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file()]
    new = [file for file in found if not file.is_symlink() and not _same(file, media / file.name)]
    for file in new:
        shutil.copyfile(file, media / file.name)
        (media / file.name).chmod(0o644)  # shown to everyone, and the mall may run as another account than we
    return len(new)


def _same(file: Path, copy: Path) -> bool:
    return copy.is_file() and copy.read_bytes() == file.read_bytes()
