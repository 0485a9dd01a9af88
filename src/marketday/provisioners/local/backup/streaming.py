"""Keeps the last seconds of a cluster's WAL on another disk, before the cluster answers that something is committed.

pg_receivewal writes what PostgreSQL sends, and PostgreSQL waits for it at each commit (`synchronous_standby_names`). If
the other disk or this process does not answer, nobody waits for ever: after a few seconds the cluster continues without
it, that is recorded and told, and the waiting begins again when all that was missed has arrived.
"""

import asyncio
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from marketday.kit.connections import Connection
from marketday.kit.private import private_folder, private_opener
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.archiving import finished_segments
from marketday.provisioners.local.backup.clusters import APPLICATION, Cluster
from marketday.provisioners.local.backup.errors import BackupError
from marketday.provisioners.local.backup.model import SEGMENT_BYTES, kept_until
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.processes import inherited_environment
from marketday.provisioners.local.walls.enter import Confinement

GRACE_SECONDS = 3.0  # shorter than a service waits for an answer of the database, so that nobody is told "try again"
NO_ANSWER = "the database does not answer"
_LOOK_SECONDS = 0.5
_ANSWER_SECONDS = 4.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 5.0
_STEADY_SECONDS = 10.0
_END_SECONDS = 5.0
_MARKS = 32  # moments with what was written until then; more than the looks of the grace
_REMOVED = "has already been removed"  # says the server of WAL that a receiver asks for
# As much WAL as a cluster keeps for us while the other disk does not answer; after that a new base backup is needed.
MOST_KEPT = "4GB"
_SLOT = APPLICATION
# $2 is `now` of the look before: whether all that was written until then has been kept since.
_LOOK = """
SELECT current_setting('synchronous_standby_names') AS waits_for,
       (SELECT wal_status FROM pg_replication_slots WHERE slot_name = $1) AS slot,
       pg_current_wal_flush_lsn()::text AS now, kept::text AS kept, streams,
       kept >= $2::text::pg_lsn AS caught_up
FROM (VALUES (true)) AS one LEFT JOIN LATERAL (
    SELECT state = 'streaming' AS streams, flush_lsn AS kept
    FROM pg_stat_replication WHERE application_name = $1 LIMIT 1
) AS receiver ON true
"""

_log = structlog.get_logger()
Tell = Callable[[str], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Keeping:
    """One cluster whose WAL is kept; `protected` is whether it waits for the other disk."""

    cluster: Cluster
    folder: Path
    log: Path
    tell: Tell
    protected: bool = False
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    reason: str = "it is starting"
    _child: "subprocess.Popen[bytes] | None" = None
    _started: float = 0.0
    _pause: float = _FIRST_PAUSE_SECONDS
    _streamed: float = field(default_factory=time.monotonic)
    _told: bool = True  # a start is no news
    _starter: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, 1))
    _starting: "asyncio.Future[None] | None" = None
    _failure: str = ""
    _news: "set[asyncio.Task[None]]" = field(default_factory=set)
    _lsn: str | None = None
    _kept: str | None = None
    _noted: str | None = None
    _marks: "deque[tuple[float, str]]" = field(default_factory=lambda: deque(maxlen=_MARKS))

    async def run(self) -> None:
        """Keep the WAL until cancelled; then the cluster waits for nobody any more."""
        try:
            while True:
                with suppress(BackupError):
                    async with figures.opened(self.cluster, _ANSWER_SECONDS) as connection:
                        await self._begin(connection)
                        while True:
                            await self._look(connection)
                            await asyncio.sleep(_LOOK_SECONDS)
                self._set(protected=False, reason=NO_ANSWER)
                self._lsn = self._kept = None
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await release(self.cluster)
            await asyncio.to_thread(self._end_child)
            self._starter.shutdown(wait=False)

    async def _begin(self, connection: Connection) -> None:
        self._streamed = time.monotonic()  # after a crash of the database, the receiver needs a moment too
        self._marks.clear()
        found = await connection.fetchval("SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1", _SLOT)
        if not found:
            await connection.execute("SELECT pg_create_physical_replication_slot($1, true)", _SLOT)
        await connection.execute(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{MOST_KEPT}'")
        await connection.execute("SELECT pg_reload_conf()")

    async def _look(self, connection: Connection) -> None:
        """Start the receiver if it does not run, and decide whether the cluster waits for it."""
        await self._ensure_child()
        row = await connection.fetchrow(_LOOK, APPLICATION, self._lsn)
        assert row is not None  # noqa: S101 - one row
        if row["slot"] == "lost" or (not row["streams"] and _REMOVED in self._why(streams=False)):
            await self._begin_anew(connection)
            return
        self._lsn, self._kept = row["now"], row["kept"]
        now, waits, streams = time.monotonic(), bool(row["waits_for"]), bool(row["streams"])
        self._marks.append((now, row["now"]))
        if streams and row["kept"] is not None:  # a disk that is too slow moves too, and commits wait for it
            self._streamed = max(self._streamed, kept_until(self._marks, row["kept"]) or 0)
        if now - self._streamed > GRACE_SECONDS:
            if waits:
                await _set_waiting(connection, "")
            self._set(protected=False, reason=self._why(streams=streams))
        elif streams and row["caught_up"]:
            if waits:  # since the look before, so all sessions know it
                self._set(protected=True, reason="")
            else:
                await _set_waiting(connection, APPLICATION)
        self._tell_news()

    async def _begin_anew(self, connection: Connection) -> None:
        """Give up WAL that the cluster could not keep any longer; a new base backup begins after it.

        What had arrived before is archived first: without a base backup after it, it is all that there is.
        """
        await _set_waiting(connection, "")
        self._set(protected=False, reason="WAL is lost that the database kept too long; a new backup is made")
        self._tell_news()
        await asyncio.to_thread(self._end_child)
        if len(await asyncio.to_thread(finished_segments, self.folder)) > 1:
            return
        for path in self.folder.iterdir():  # otherwise the receiver would ask for what comes after these
            path.unlink()
        self.log.unlink(missing_ok=True)
        await connection.execute("SELECT pg_drop_replication_slot($1)", _SLOT)
        await self._begin(connection)

    async def _ensure_child(self) -> None:
        """Start the receiver if it does not run; a disk that hangs does not keep us from looking at the database."""
        if self._starting is None or self._starting.done():
            # In a thread of its own: the others have a low priority, which the receiver would get too.
            self._starting = asyncio.get_running_loop().run_in_executor(self._starter, self._start_child)
        await asyncio.wait({self._starting}, timeout=_LOOK_SECONDS)
        failure = self._starting.exception() if self._starting.done() else None
        if failure is not None and not isinstance(failure, OSError):
            raise failure
        self._failure = "" if failure is None else str(failure)

    def _start_child(self) -> None:
        if self._kept is not None and self._kept != self._noted:
            WalStream(self.folder.parent).note_kept(self.folder.name, self._kept)
            self._noted = self._kept
        if self._child is not None and self._child.poll() is None:
            return
        now = time.monotonic()
        if self._child is not None:
            lived = now - self._started
            self._pause = (
                _FIRST_PAUSE_SECONDS if lived > _STEADY_SECONDS else min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            )
            if lived < self._pause:
                return
        private_folder(self.folder)
        remove_unbegun(self.folder)
        command = [self.cluster.program("pg_receivewal"), "-d", self.cluster.connection(), "-D", str(self.folder)]
        command += ["--slot", _SLOT, "--synchronous", "--no-loop", "--status-interval=1", "-w"]
        # The server of a drop is not trusted: what reads from it reaches only this folder and that port.
        server = self.cluster.server
        walls = Confinement(str(self.folder), read=[str(server.programs.parents[2])], connect=[server.port])
        with open(self.log, "wb", opener=private_opener) as output:
            self._child = subprocess.Popen(
                walls.command(tuple(command)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.cluster.environment(inherited_environment()),
                cwd="/",
                umask=0o077,
            )
        self._started = now

    def _why(self, *, streams: bool) -> str:
        if streams:
            return f"{self.folder} does not write in time"
        with suppress(OSError):
            if self._failure:
                return self._failure
            lines = self.log.read_text("utf-8", "replace").splitlines()
            errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
            if errors:
                return errors[0][:300]
        return f"{self.folder} has not caught up yet"

    def _set(self, *, protected: bool, reason: str) -> None:
        if protected != self.protected:
            self.protected, self.since, self._told = protected, datetime.now(UTC), False
        self.reason = reason

    def _tell_news(self) -> None:
        if self._told:
            return
        self._told = True
        if self.protected:
            _log.info("wal_kept", cluster=self.cluster.name)
            self._say(f"{self.cluster.name}: from now on each commit is on the second disk before it is told")
        else:
            _log.error("wal_not_kept", cluster=self.cluster.name, reason=self.reason)
            self._say(
                f"{self.cluster.name}: the last seconds are NOT kept on the second disk ({self.reason}). "
                "The sale continues; if the first disk is lost now, orders since this message are lost with it"
            )

    def _say(self, text: str) -> None:
        """Tell people without waiting for them: a commit may wait for us at that time."""
        news = asyncio.create_task(self.tell(text))
        self._news.add(news)
        news.add_done_callback(self._news.discard)

    def _end_child(self) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGINT)  # it closes its file in order
        try:
            self._child.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()  # a process that waits for a dead disk may stay; it writes nothing that counts


def remove_unbegun(folder: Path) -> None:
    """Remove a segment that pg_receivewal could not fill with zeros, which it does before it writes any WAL into it.

    It does so on a full disk, or when it is killed at that moment, and afterwards refuses to begin with such a file.
    """
    for path in folder.glob("*.partial"):
        if 0 < path.stat().st_size < SEGMENT_BYTES and not any(path.read_bytes()):
            path.unlink()


async def release(cluster: Cluster) -> None:
    """Let a cluster wait for nobody; if it does not answer, it is not running, or does so after its next start."""
    with suppress(BackupError):
        async with figures.opened(cluster, _ANSWER_SECONDS) as connection:
            await _set_waiting(connection, "")


async def forget(cluster: Cluster) -> None:
    """Remove all settings of the archive from a cluster that is not kept any more."""
    with suppress(BackupError):
        async with figures.opened(cluster, _ANSWER_SECONDS) as connection:
            await _set_waiting(connection, "")
            await connection.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
            await connection.execute("SELECT pg_reload_conf()")
            await connection.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                "WHERE slot_name = $1 AND NOT active",
                _SLOT,
            )


async def _set_waiting(connection: Connection, names: str) -> None:
    await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    await connection.execute("SELECT pg_reload_conf()")
