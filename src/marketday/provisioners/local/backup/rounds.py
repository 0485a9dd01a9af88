"""What is done again and again: snapshots on schedule, the check of each, and the removal of old ones."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import UUID

from marketday.provisioners.local.backup.checking import check
from marketday.provisioners.local.backup.clusters import Cluster, clusters_of
from marketday.provisioners.local.backup.configuration import BackupPlan, archiver_of
from marketday.provisioners.local.backup.errors import BackupRuns
from marketday.provisioners.local.backup.model import (
    MALL,
    BackupSnapshot,
    RestoreCheck,
    removable,
    unneeded_segments,
)
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.backup.taking import take
from marketday.provisioners.local.backup.telling import tell
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.plane_folder import held

Report = Callable[[str], None]
_THREADS, _NICE = 8, 10


@asynccontextmanager
async def alone(home: Home, patience_seconds: float = 0) -> AsyncIterator[None]:
    """Let only one process at a time make, check or remove backups of a home.

    Raises:
        BackupRuns: another one does.

    """
    lock = archiver_of(home).lock
    with held(lock, patience_seconds) as ours:
        if not ours:
            raise BackupRuns(f"another backup or check of {home.link} is running; try again when it has ended")
        yield


async def back_up(
    home: Home, plan: BackupPlan, vault: Vault, report: Report, only: Sequence[Cluster] | None = None
) -> tuple[BackupSnapshot, RestoreCheck]:
    """Make a snapshot, of `only` some clusters or of all, check it by a restore, and remove what is not needed.

    The caller is `alone`. If the check fails, that is told.
    """
    snapshot = await take(home, vault, clusters_of(home) if only is None else only, report)
    report("checking it by a restore")
    result = await check_told(home, plan, vault, snapshot, report)
    await asyncio.to_thread(remove_old, vault, plan.keep)
    if plan.stream is not None:
        living = {one.name for one in clusters_of(home)}
        await asyncio.to_thread(forget_streams, vault, WalStream(plan.stream), living)
    return snapshot, result


async def check_told(
    home: Home, plan: BackupPlan, vault: Vault, snapshot: BackupSnapshot, report: Report
) -> RestoreCheck:
    """Check a snapshot, and tell people if it is not good."""
    stream = WalStream(plan.stream) if plan.stream is not None else None
    result = await check(home, vault, snapshot, stream, report)
    if result.problems:
        await tell(plan.slack_webhook_file, f"{snapshot.id} is no backup: {'; '.join(result.problems)[:1000]}")
    return result


def remove_old(vault: Vault, keep: int) -> list[str]:
    """Remove snapshots and WAL that are not needed; return the ids of the snapshots. The last checked one stays."""
    snapshots, problems = vault.look()
    if problems:  # what cannot be read may be needed: a person decides
        return []
    old = removable(snapshots, vault.checks(), keep)
    for one in old:
        vault.remove_snapshot(one.id)
        vault.place.remove([f"checks/{one.id}"])
    kept = [one for one in snapshots if one not in old]
    if not old:
        return []
    for cluster in vault.clusters():
        present = vault.segments(cluster)
        unneeded = unneeded_segments(kept, cluster, present)
        known = any(one.base(cluster) is not None for one in kept)
        vault.remove_segments(cluster, unneeded if known else present)
    return [one.id for one in old]


def forget_streams(vault: Vault, stream: WalStream, living: Collection[str]) -> None:
    """Remove the last seconds of clusters that are gone and of which no base backup is kept: nothing needs them."""
    snapshots, problems = vault.look()
    if problems or not stream.root.is_dir():
        return
    needed = {*living, MALL, *(base.cluster for one in snapshots for base in one.bases)}
    for folder in [each for each in stream.root.iterdir() if each.is_dir() and _is_cluster(each.name)]:
        if folder.name not in needed and not folder.is_symlink():
            shutil.rmtree(folder)
            (stream.root / f"{folder.name}.kept").unlink(missing_ok=True)


def _is_cluster(name: str) -> bool:
    with suppress(ValueError):
        return str(UUID(name)) == name
    return False


def work_behind_others() -> ThreadPoolExecutor:
    """Return threads that compress and encrypt when shoppers leave the processor; on Linux each thread has a priority.

    They are made the loop's own, which `asyncio.to_thread` uses.
    """
    threads = ThreadPoolExecutor(_THREADS, initializer=partial(os.nice, _NICE))
    asyncio.get_running_loop().set_default_executor(threads)
    return threads
