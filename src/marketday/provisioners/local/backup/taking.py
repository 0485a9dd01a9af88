"""Makes a snapshot of a home while its mall runs: a base backup of each cluster, and the files."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import IO

from marketday import __version__
from marketday.kit.private import private_folder
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.clusters import Cluster
from marketday.provisioners.local.backup.configuration import archiver_of
from marketday.provisioners.local.backup.errors import BackupFailed
from marketday.provisioners.local.backup.home_files import keep_valkey_still, let_valkey_go, pack_home
from marketday.provisioners.local.backup.model import MALL, BackupPart, BackupSnapshot, BaseBackup, segment_at
from marketday.provisioners.local.backup.places import FolderPlace
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import read_mall
from marketday.provisioners.local.processes import inherited_environment
from marketday.provisioners.local.walls.enter import Confinement

# An order has the time at which its transaction began, and no such transaction takes longer than this. So what is older
# is complete, and a check may count it.
SETTLED = timedelta(seconds=60)
_END_SECONDS = 60
_NICE = 15
_RATE = "50M"  # bytes a second of pg_basebackup, so that shoppers are not slowed by it
_SHOWN = 500
_MOST_OF_A_DROP = 64 * 1024**3

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Facts:
    system_id: str
    version: int
    timeline: int
    size: int
    clock: datetime


def new_id(now: datetime) -> str:
    """Return the id of a snapshot that begins `now`."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token_hex(4)}"


async def take(home: Home, vault: Vault, clusters: Sequence[Cluster], report: Report) -> BackupSnapshot:
    """Make a snapshot of `clusters` and of the files. The caller holds the lock of the backup.

    It exists when its manifest is written, at the end; what an interrupted one left is removed by the next.

    Raises:
        BackupError: a database does not answer, or the place does not take it.

    """
    begun = datetime.now(UTC)
    snapshot_id = new_id(begun)
    await asyncio.to_thread(_clean, vault)
    facts = {each.name: await _facts(each) for each in clusters}
    await asyncio.to_thread(_refuse_full, vault, sum(one.size for one in facts.values()))
    bases = []
    for cluster in clusters:
        report(f"{cluster.name}: copying {facts[cluster.name].size / 1e6:,.0f} MB")
        bases.append(await _base(home, cluster, vault, snapshot_id, facts[cluster.name]))
    report("keys, pictures and other files")
    files = await _files(home, vault, snapshot_id)
    snapshot = BackupSnapshot(
        id=snapshot_id,
        begun_at=begun,
        ended_at=max([datetime.now(UTC), *(base.ended_at for base in bases)]),
        marketday=__version__,
        bases=bases,
        files=files,
    )
    await asyncio.to_thread(vault.put_snapshot, snapshot)
    return snapshot


def _clean(vault: Vault) -> None:
    for one in vault.unfinished():
        vault.remove_snapshot(one)
    if isinstance(vault.place, FolderPlace):
        vault.place.remove_halves()


def _refuse_full(vault: Vault, needed: int) -> None:
    free = vault.place.free_bytes()
    if free is not None and free < needed:
        raise BackupFailed(
            f"{vault.place.address} has {free / 1e6:,.0f} MB free; expected at least {needed / 1e6:,.0f} MB, the "
            "size of the databases: free some, or keep fewer backups (`backup setup --keep`)"
        )


async def _facts(cluster: Cluster) -> _Facts:
    async with figures.opened(cluster) as connection:
        row = await connection.fetchrow(
            "SELECT s.system_identifier::text AS system_id, c.timeline_id, clock_timestamp() AS clock, "
            "current_setting('server_version_num')::integer / 10000 AS version, "
            "(SELECT sum(pg_database_size(oid)) FROM pg_database)::bigint AS size "
            "FROM pg_control_system() AS s, pg_control_checkpoint() AS c"
        )
    assert row is not None  # noqa: S101 - both functions return one row
    return _Facts(row["system_id"], row["version"], row["timeline_id"], row["size"], row["clock"])


async def _base(home: Home, cluster: Cluster, vault: Vault, snapshot_id: str, facts: _Facts) -> BaseBackup:
    witness = await figures.read_witness(cluster, facts.clock - SETTLED)
    folder = private_folder(archiver_of(home).folder / "copying")
    part, (timeline, start, end) = await asyncio.to_thread(_copy, cluster, vault, snapshot_id, folder)
    async with figures.opened(cluster) as connection:
        ended_at = await connection.fetchval("SELECT clock_timestamp()")
    return BaseBackup(
        cluster=cluster.name,
        database=cluster.database,
        system_id=facts.system_id,
        postgres=facts.version,
        first_segment=segment_at(timeline, start),
        last_segment=segment_at(timeline, end),
        ended_at=ended_at,
        part=part,
        witness=witness,
    )


def _copy(cluster: Cluster, vault: Vault, snapshot_id: str, folder: Path) -> tuple[BackupPart, tuple[int, str, str]]:
    """Send what pg_basebackup writes through compression and encryption; return the part, and where its WAL is."""
    command = [cluster.program("pg_basebackup"), "-d", cluster.connection(), "-D", "-", "-F", "tar", "-X", "fetch"]
    command += ["-c", "fast", "-v", "-w", "--manifest-checksums=SHA256", f"--max-rate={_RATE}", "-l", snapshot_id]
    # The server of a drop is not trusted: what reads from it reaches only an empty folder and that port.
    server = cluster.server
    walls = Confinement(str(folder), read=[str(server.programs.parents[2])], connect=[server.port])
    said = bytearray()
    process = subprocess.Popen(
        walls.command(tuple(command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=cluster.environment(inherited_environment()),
        cwd="/",
    )
    assert process.stdout is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101
    os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    reader = threading.Thread(target=_listen, args=(process.stderr, said))
    reader.start()
    most = sys.maxsize if cluster.name == MALL else _MOST_OF_A_DROP
    try:
        part = vault.put_part(snapshot_id, f"{cluster.name}.base", _Ended(process, said, reader, most))
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        process.stderr.close()
    return part, _positions(said.decode("utf-8", "replace"))


def _listen(source: IO[bytes], said: bytearray) -> None:
    while block := source.read1(4096):  # type: ignore[attr-defined]
        said += block


class _Ended:
    """A program's output, which ends only if the program succeeded: otherwise half of it would count as all.

    The server of a drop could send without end: more than `most` bytes are refused.
    """

    def __init__(
        self, process: "subprocess.Popen[bytes]", said: bytearray, reader: threading.Thread, most: int
    ) -> None:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        self._process, self._source, self._said, self._reader = process, process.stdout, said, reader
        self._most, self._size = most, 0

    def read(self, size: int) -> bytes:
        block = self._source.read(size)
        self._size += len(block)
        if self._size > self._most:
            raise BackupFailed(f"a copy of more than {self._most:,} bytes was sent; a drop has no such database")
        if not block and self._process.wait(_END_SECONDS) != 0:
            self._reader.join()
            raise BackupFailed(f"pg_basebackup: {self._said.decode('utf-8', 'replace').strip()[-_SHOWN:]}")
        return block


def _positions(said: str) -> tuple[int, str, str]:
    start = re.search(r"write-ahead log start point: ([0-9A-F]+/[0-9A-F]+) on timeline (\d+)", said)
    end = re.search(r"write-ahead log end point: ([0-9A-F]+/[0-9A-F]+)", said)
    if start is None or end is None:
        raise BackupFailed(f"pg_basebackup did not say where its WAL begins and ends: {said.strip()[-_SHOWN:]}")
    return int(start[2]), start[1], end[1]


async def _files(home: Home, vault: Vault, snapshot_id: str) -> BackupPart:
    archiver_of(home)  # makes the folder in which the ledger is copied
    url = read_mall(home).valkey_url
    try:
        await keep_valkey_still(url)
    except Exception as error:  # the driver's errors have no common class with what they are caused by
        raise BackupFailed(f"the mall's Valkey does not answer: {type(error).__name__}: {error}") from error
    try:
        return await asyncio.to_thread(_pack, home, vault, snapshot_id)
    finally:
        with suppress(Exception):
            await let_valkey_go(url)


def _pack(home: Home, vault: Vault, snapshot_id: str) -> BackupPart:
    with tempfile.TemporaryFile(dir=archiver_of(home).folder) as file:
        pack_home(home, file)
        file.seek(0)
        return vault.put_part(snapshot_id, "files", file)
