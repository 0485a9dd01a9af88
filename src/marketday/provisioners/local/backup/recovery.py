"""Brings one cluster back: unpacks a base backup, adds its WAL, and lets PostgreSQL recover to a moment."""

import asyncio
import os
import re
import shutil
import struct
import subprocess
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from marketday.kit.private import private_opener, write_whole
from marketday.provisioners.local import processes, readiness
from marketday.provisioners.local.accounts import account_of, give_tree, passable_folder
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.archives import unpack
from marketday.provisioners.local.backup.clusters import Cluster, cluster_in
from marketday.provisioners.local.backup.errors import BackupError, BackupFailed, BackupUnusable, EndsBefore
from marketday.provisioners.local.backup.model import (
    SEGMENT_BYTES,
    BackupSnapshot,
    BaseBackup,
    after,
    is_segment,
    position_of,
    segment_at,
)
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.ports import free_ports

_PARTIAL = ".partial"
_RECOVERY_SECONDS = 6 * 3600
_POLL_SECONDS = 0.1
_SETTINGS = "postgresql.auto.conf"
_TOO_LATE = "recovery ended before configured recovery target was reached"
_LAST = re.compile(r"last completed transaction was at log time ([^\n]+)")
_LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
_SHOWN = 800
# How a segment begins (PostgreSQL's XLogLongPageHeaderData): 24 bytes of its first page, then the cluster's identifier.
_PAGE_HEAD = struct.Struct("=24xQ")


@dataclass(frozen=True, slots=True)
class WalStream:
    """The folder with the last seconds of WAL, which are not archived yet; it is plain, so only we may change it."""

    root: Path

    def folder(self, cluster: str) -> Path:
        """Return where the WAL of a cluster is."""
        return self.root / cluster

    def segments(self, cluster: str) -> dict[str, Path]:
        """Return the segments by name, the last of which may be incomplete."""
        folder = self.folder(cluster)
        found: dict[str, Path] = {}
        for path in sorted(folder.glob("*")) if folder.is_dir() and not folder.is_symlink() else ():
            name = path.name.removesuffix(_PARTIAL)
            known = name in found and path.name.endswith(_PARTIAL)
            if is_segment(name) and path.is_file() and not path.is_symlink() and not known:
                found[name] = path
        return found

    def refuse_other(self, base: BaseBackup) -> None:
        """Raise BackupUnusable if WAL here is of another database than the base backup: it would count as the end."""
        for path in self.segments(base.cluster).values():
            with path.open("rb") as source:
                head = source.read(_PAGE_HEAD.size)
            found = _PAGE_HEAD.unpack(head)[-1] if len(head) == _PAGE_HEAD.size else 0
            if found and str(found) != base.system_id:  # 0: nothing was written into it yet
                raise BackupUnusable(
                    f"{path} is of another database than the backup (system {found}; expected {base.system_id}); "
                    "expected the folder of `backup setup --stream` of the same mall"
                )

    def note_kept(self, cluster: str, lsn: str) -> None:
        """Note up to which position the WAL of a cluster is here, so that a restore sees if it finds less.

        It is not forced to the disk, because an older note is right too.
        """
        half = self.root / f"{cluster}.kept.new"
        with open(half, "w", opener=private_opener) as file:
            file.write(lsn)
        half.replace(self.root / f"{cluster}.kept")

    def kept(self, cluster: str) -> str | None:
        """Return the last such note; None if there is none that can be read."""
        try:
            found = (self.root / f"{cluster}.kept").read_text("utf-8")
        except (OSError, ValueError):
            return None
        return found if _LSN.fullmatch(found) else None

    def refuse_foreign(self) -> None:
        """Raise BackupUnusable if another account could have written the WAL here."""
        for folder in (self.root, *(path for path in sorted(self.root.glob("*")) if path.is_dir())):
            found = folder.lstat()
            if folder.is_symlink() or found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
                raise BackupUnusable(
                    f"others can change {folder}, which is not encrypted; expected a folder of this account"
                )


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is recovered: a base backup, its segments, the last seconds, and the moment (None: latest)."""

    vault: Vault
    snapshot: BackupSnapshot
    base: BaseBackup
    stream: WalStream | None
    at: datetime | None
    nice: int = 0  # how much less processor time than others the recovery gets

    def segments(self, archived: Collection[str]) -> list[str]:
        """Return the segments that follow the base backup; `archived` are those in the vault.

        Raises:
            BackupUnusable: one is missing, so that what comes after it cannot be reached.

        """
        present = set(archived)
        if self.stream is not None:
            present |= set(self.stream.segments(self.base.cluster))
        following, missing = after(self.base, present)
        if missing is not None and self.at is None:
            raise BackupUnusable(
                f"the WAL of {self.base.cluster} has no {missing}, but later segments: what came after it is lost or "
                "was removed. Restore to a moment before it with --at, or look for that file"
            )
        return following

    def bytes_needed(self) -> int:
        """Return how much space the recovery takes."""
        segments = self.segments(self.vault.segments(self.base.cluster))
        return self.base.part.raw_size * 2 + self.base.part.size + SEGMENT_BYTES * (len(segments) + 1)


def lay_cluster(wanted: Recovery, plane: Path, programs: Path) -> None:
    """Unpack the cluster below the plane's folder `plane`, ready to recover. The plane's secrets are there already.

    Raises:
        BackupUnusable: a part was altered or cut off, or is of another version of PostgreSQL.

    """
    lay_base(wanted, plane, programs)
    add_wal(wanted, plane)


def lay_base(wanted: Recovery, plane: Path, programs: Path) -> None:
    """Unpack the base backup alone, and compare its files with their checksums; raises as `lay_cluster`."""
    refuse_other_version(wanted.base, programs)
    folder = passable_folder(plane / "postgres", account_of(plane))
    data = folder / "data"
    data.mkdir(mode=0o700)
    archive = folder / "base.tar"
    wanted.vault.get_part(wanted.snapshot, wanted.base.part, archive)
    try:
        with archive.open("rb") as source:
            unpack(source, data, _is_data)
    finally:
        archive.unlink()
    for name in ("pg_wal/archive_status", "pg_wal/summaries", "pg_notify", "pg_stat_tmp", "pg_replslot", "pg_tblspc"):
        (data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    _verify(data, programs)
    tablespaces = data / "tablespace_map"
    if tablespaces.exists() and tablespaces.read_bytes():  # PostgreSQL would make links to the folders that it names
        raise BackupUnusable(f"the base backup of {wanted.base.cluster} has tablespaces; Marketday makes none")


def add_wal(wanted: Recovery, plane: Path) -> None:
    """Add the WAL to an unpacked base backup, and tell PostgreSQL to recover; raises as `lay_cluster`."""
    data = plane / "postgres" / "data"
    if wanted.stream is not None:
        wanted.stream.refuse_other(wanted.base)
    archived = set(wanted.vault.segments(wanted.base.cluster))
    for segment in wanted.segments(archived):
        _place(wanted, segment, data / "pg_wal" / segment, is_archived=segment in archived)
    _write_settings(data, wanted.at)
    account = account_of(plane)
    if account is not None:
        give_tree(data, account)


@asynccontextmanager
async def recovered(wanted: Recovery, plane: Path, programs: Path) -> AsyncIterator[Cluster]:
    """Let PostgreSQL recover the cluster that `lay_cluster` made, on a port of its own; it runs during the context.

    Raises:
        BackupUnusable: the moment comes after the last that the backup has, or the WAL cannot be read.
        BackupFailed: PostgreSQL ended for another reason, or needed too long.

    """
    cluster = cluster_in(plane, wanted.base.cluster, programs, free_ports(1)[0])
    spec = cluster.server.spec(archive_mode="off")
    log = plane / "recovery.log"
    child = await asyncio.to_thread(processes.start, spec, f"restore-{plane.name}", log, wanted.nice)
    try:
        await _until_recovered(cluster, child, log)
        async with figures.opened(cluster) as connection:
            await connection.execute("ALTER SYSTEM RESET ALL")  # what told it to recover
        yield cluster
    finally:
        await asyncio.to_thread(processes.end, child, spec)


def last_change(plane: Path) -> str | None:
    """Return the time of the last change that a recovery has found, as PostgreSQL wrote it; None if there was none."""
    found = _LAST.findall(readiness.log_end(plane / "recovery.log", 1 << 20))
    return str(found[-1]) if found else None


def missing_at_the_end(wanted: Recovery, plane: Path) -> str | None:
    """Return what is wrong if less WAL was recovered than the stream had; None if nothing is.

    PostgreSQL takes a damaged record for the end of the WAL. A new timeline's history says where the recovery ended.
    """
    kept = wanted.stream.kept(wanted.base.cluster) if wanted.stream is not None and wanted.at is None else None
    timeline = int(wanted.base.last_segment[:8], 16)
    history = plane / "postgres" / "data" / "pg_wal" / f"{timeline + 1:08X}.history"
    lines = [line.split("\t") for line in history.read_text("utf-8").splitlines() if line and line[0].isdigit()]
    end = lines[-1][1]
    if kept is None or position_of(end) >= position_of(kept):
        return None
    segment = segment_at(timeline, end)
    return (
        f"the WAL of {wanted.base.cluster} ends at {end}, but it was kept up to {kept}: {segment} in the stream is "
        "damaged. Orders after the last change may be missing"
    )


async def _until_recovered(cluster: Cluster, child: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        if child.poll() is not None:
            raise _ended(cluster.name, readiness.log_end(log, 1 << 16))
        try:
            async with figures.opened(cluster) as connection:
                if not await connection.fetchval("SELECT pg_is_in_recovery()"):
                    return
        except BackupFailed:
            pass  # it does not accept connections yet
        if time.monotonic() > deadline:
            raise BackupFailed(
                f"{cluster.name} was not recovered within {_RECOVERY_SECONDS:,} s: {readiness.log_end(log)}"
            )
        await asyncio.sleep(_POLL_SECONDS)


def _ended(name: str, log: str) -> BackupError:
    if _TOO_LATE in log:
        last = _LAST.findall(log)
        known = f"; the last change that it has is of {last[-1]}" if last else ""
        return EndsBefore(
            f"the backup of {name} ends before that moment{known}. Choose an earlier one, or leave out --at"
        )
    failure = BackupFailed if "No space left on device" in log else BackupUnusable
    return failure(f"PostgreSQL ended while it recovered {name}: {log.strip()[-_SHOWN:]}")


def refuse_other_version(base: BaseBackup, programs: Path) -> None:
    """Raise BackupUnusable if these programs are of another major version than the backup."""
    done = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/")
    found = re.search(r"(\d+)", done.stdout)
    if found is None or int(found[1]) != base.postgres:
        raise BackupUnusable(
            f"the backup of {base.cluster} is of PostgreSQL {base.postgres}, and here is {done.stdout.strip()}; "
            f"restore it with the version of Marketday that made it, and then upgrade"
        )


def _is_data(name: PurePosixPath) -> bool:
    """Leave out what belongs to the server that was copied: its settings of the moment are none of the new one's."""
    return str(name) not in (_SETTINGS, "standby.signal", "recovery.signal", "postmaster.pid")


def _verify(data: Path, programs: Path) -> None:
    """Compare each file with the checksums that the server made while it was copied."""
    done = subprocess.run(
        [programs / "pg_verifybackup", "-n", "-q", f"--ignore={_SETTINGS}", data],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"LC_ALL": "C"},
    )
    if done.returncode != 0:
        raise BackupUnusable(f"the base backup does not have its checksums: {done.stderr.strip()[-_SHOWN:]}")


def _place(wanted: Recovery, segment: str, target: Path, *, is_archived: bool) -> None:
    """Write a segment of WAL: archived if it is, and otherwise from the stream, as long as it is there."""
    cluster = wanted.base.cluster
    live = wanted.stream.segments(cluster).get(segment) if wanted.stream is not None else None
    if is_archived:
        content = wanted.vault.segment(cluster, segment)
        with open(target, "wb", opener=private_opener) as file:
            file.write(content)
    elif live is not None:
        with live.open("rb") as source, open(target, "wb", opener=private_opener) as file:
            shutil.copyfileobj(source, file)
            file.truncate(SEGMENT_BYTES)


def _write_settings(data: Path, at: datetime | None) -> None:
    """Tell PostgreSQL to recover from the WAL in its own folder, and to begin a new timeline then."""
    lines = ["restore_command = 'false'", "recovery_target_action = 'promote'", "recovery_target_timeline = 'current'"]
    if at is not None:
        lines.append(f"recovery_target_time = '{at.astimezone(UTC).isoformat()}'")
    write_whole(data / _SETTINGS, "\n".join(lines))
    write_whole(data / "recovery.signal", "")
