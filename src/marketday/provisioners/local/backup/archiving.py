"""Moves finished segments of WAL from the stream's folder into the place of the backup, encrypted."""

import contextlib
from pathlib import Path

from marketday.provisioners.local.backup.errors import BackupUnusable
from marketday.provisioners.local.backup.model import SEGMENT_BYTES, is_segment
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.backup.vault import Vault


def archive(vault: Vault, stream: WalStream, cluster: str) -> int:
    """Archive every finished segment of a cluster, and remove it from the stream; return how many.

    The newest one stays, because pg_receivewal sees from it where it has to go on. A segment that is archived already,
    after an archiver that was killed, is not written again.

    Raises:
        BackupError: the place does not take it; nothing is removed.

    """
    finished = finished_segments(stream.folder(cluster))
    if len(finished) == 0:
        return 0
    there = set(vault.segments(cluster))
    count = 0
    for path in finished:
        if path.name not in there:
            content = path.read_bytes()
            if len(content) != SEGMENT_BYTES:
                raise BackupUnusable(f"{path} has {len(content):,} bytes; expected {SEGMENT_BYTES:,}")
            vault.put_segment(cluster, path.name, content)
            count += 1
    for path in finished[:-1]:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    return count


def finished_segments(folder: Path) -> list[Path]:
    """Return the files of whole segments in the stream's folder, the oldest first."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_segment(path.name) and path.is_file())
