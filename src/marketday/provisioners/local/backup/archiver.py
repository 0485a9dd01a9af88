"""The archiver of a mall: it keeps the WAL of all its clusters, and makes and checks snapshots on schedule."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from marketday.kit.errors import MarketdayError
from marketday.provisioners.local.backup import figures
from marketday.provisioners.local.backup.archiving import archive
from marketday.provisioners.local.backup.clusters import Cluster, clusters_of
from marketday.provisioners.local.backup.configuration import BackupPlan, archiver_of, open_vault, read_plan
from marketday.provisioners.local.backup.errors import BackupRuns
from marketday.provisioners.local.backup.model import MALL, BackupSnapshot, BackupState, is_due, needs_base, state_of
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.backup.rounds import alone, back_up, check_told
from marketday.provisioners.local.backup.streaming import NO_ANSWER, Keeping, release
from marketday.provisioners.local.backup.telling import tell
from marketday.provisioners.local.backup.vault import Vault
from marketday.provisioners.local.home import Home

_LOOK_SECONDS = 1.0
_RECORD_SECONDS = 10.0
_HEARTBEAT_SECONDS = 60.0
_SWITCH_SECONDS = 600.0
_BUCKET_SWITCH_SECONDS = 60.0  # then the loss of the whole machine, with all its disks, costs about a minute
_SCHEDULE_SECONDS = 5.0
_PAUSE_AFTER_FAILURE = timedelta(minutes=10)
_HOURS_AFTER_FAILURE = 1.0
_WITHOUT_STREAM = timedelta(minutes=10)  # then a dead second disk, or a dead drop, does not stop the mall's backups
_log = structlog.get_logger()


@dataclass(slots=True)
class ArchiverRounds:
    """The loops of one home's archiver."""

    home: Home
    plan: BackupPlan
    _opened: Vault | None = None  # the place may be away when we start; the stream does not need it
    _keeping: dict[str, tuple[Keeping, "asyncio.Task[None]"]] = field(default_factory=dict)
    _failures: dict[str, str] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)
    _not_before: datetime | None = None
    _changed: bool = False
    _recorded: dict[str, object] = field(default_factory=dict)
    _recorded_at: datetime | None = None

    async def run(self) -> None:
        """Run until cancelled, or the settings change; then no cluster waits for the stream any more."""
        loops = [self._look_at_clusters, self._archive, self._beat, self._keep_schedule]
        tasks = [asyncio.create_task(each()) for each in loops]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each_task in tasks:
                each_task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            _log.info("ended", settings_changed=self._changed, errors=[repr(one) for one in ended if _is_error(one)])
            for _, task in self._keeping.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in self._keeping.values()), return_exceptions=True)
            if self._changed and self.plan.stream is not None:  # the next stream may be another folder
                for name in self._keeping:
                    with self._noted(f"archiving the WAL of {name}"):
                        await asyncio.to_thread(archive, await self._vault(), WalStream(self.plan.stream), name)

    @property
    def _stream(self) -> WalStream | None:
        return WalStream(self.plan.stream) if self.plan.stream is not None else None

    async def _vault(self) -> Vault:
        if self._opened is None:
            self._opened = await asyncio.to_thread(open_vault, self.plan)
        return self._opened

    async def _tell(self, text: str) -> None:
        await tell(self.plan.slack_webhook_file, text)

    async def _tell_failures(self) -> None:
        """Tell each failure once, and its end."""
        for what in [one for one in self._told if one not in self._failures]:
            del self._told[what]
            await self._tell(f"{what} works again")
        for what, why in list(self._failures.items()):
            if what not in self._told:
                await self._tell(f"{what} failed: {why}")
            self._told[what] = why

    async def _look_at_clusters(self) -> None:
        """Begin to keep new clusters, forget those that are gone, and record the state for `backup status`."""
        while not self._changed:
            with self._noted("looking for planes"):
                await self._follow(clusters_of(self.home))
                self._record()
                self._changed = await asyncio.to_thread(read_plan, self.home) != self.plan
            await self._tell_failures()
            await asyncio.sleep(_LOOK_SECONDS)

    def _record(self) -> None:
        """Write the state down if it changed, and every few seconds, so that one sees that we run."""
        state, now = self._state(), datetime.now(UTC)
        if state != self._recorded or is_due(self._recorded_at, now, _RECORD_SECONDS):
            archiver_of(self.home).write({"at": now.isoformat(), **state})
            self._recorded, self._recorded_at = state, now

    async def _follow(self, found: list[Cluster]) -> None:
        stream = self._stream
        if stream is None:
            return
        by_name = {each.name: each for each in found}
        for name in [one for one in self._keeping if one not in by_name]:
            gone, task = self._keeping.pop(name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            gone.log.unlink(missing_ok=True)
        for name, cluster in by_name.items():
            kept = self._keeping.get(name)
            if kept is not None and kept[1].done():
                _log.error("keeping_ended", cluster=name, reason=repr(kept[1].exception()))
                await release(cluster)
            if kept is None or kept[1].done() or kept[0].cluster != cluster:
                if kept is not None:
                    kept[1].cancel()
                    await asyncio.gather(kept[1], return_exceptions=True)
                keeping = Keeping(cluster, stream.folder(name), self.home.mall.log(f"archiver-{name}"), self._tell)
                self._keeping[name] = keeping, asyncio.create_task(keeping.run())

    async def _archive(self) -> None:
        """Move finished segments into the place."""
        while True:
            stream = self._stream
            for name in list(self._keeping) if stream is not None else ():
                assert stream is not None  # noqa: S101 - as just asked
                with self._noted(f"archiving the WAL of {name}"):
                    await asyncio.to_thread(archive, await self._vault(), stream, name)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _beat(self) -> None:
        """Write a moment into each cluster's WAL, so that every minute can be restored to, and close segments."""
        switch_seconds = _BUCKET_SWITCH_SECONDS if self.plan.to.startswith("s3://") else _SWITCH_SECONDS
        beats = 0
        while True:
            beats += 1
            for name, (keeping, _) in list(self._keeping.items()):
                with self._noted(f"marking the time in {name}"):
                    async with figures.opened(keeping.cluster) as connection:
                        await connection.execute("SELECT pg_logical_emit_message(true, 'marketday backup', '')")
                        if beats * _HEARTBEAT_SECONDS % switch_seconds < _HEARTBEAT_SECONDS:
                            await connection.execute("SELECT pg_switch_wal()")
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    async def _keep_schedule(self) -> None:
        """Make and check snapshots when they are due."""
        while True:
            now = datetime.now(UTC)
            if self._not_before is None or now >= self._not_before:  # a pause does not say that it works again
                with self._noted("the schedule"):
                    self._not_before = now + _PAUSE_AFTER_FAILURE
                    await self._do_what_is_due(now)
                    self._not_before = None
            await asyncio.sleep(_SCHEDULE_SECONDS)

    async def _do_what_is_due(self, now: datetime) -> None:
        with suppress(BackupRuns):
            async with alone(self.home):
                await self._work(now)

    async def _work(self, now: datetime) -> None:
        clusters = clusters_of(self.home)
        unkept = [each.name for each in clusters if self.plan.stream is not None and not self._is_streaming(each.name)]
        if any(not self._is_given_up(name, now) for name in unkept):
            return  # a base backup that is older than its WAL has a gap after it
        clusters = [each for each in clusters if each.name == MALL or self._answers(each.name)]
        vault = await self._vault()
        snapshots = await asyncio.to_thread(vault.snapshots)
        checks = await asyncio.to_thread(vault.checks)
        fresh = [each for each in clusters if each.name != MALL and not _has(snapshots, each.name)]
        gaps = [each for each in clusters if await asyncio.to_thread(self._gap, vault, snapshots, each.name)]
        gaps = [each for each in gaps if each.name not in unkept]
        if fresh or gaps:  # also while a drop sells: without it, nothing of the plane could be restored
            await back_up(self.home, self.plan, vault, _quiet, fresh or gaps)
            return
        wholes = [one for one in snapshots if one.whole]
        last = wholes[-1].ended_at if wholes else None
        if wholes and await figures.is_selling(clusters[0]):
            return  # shoppers need the machine
        hours = self.plan.every_hours
        if wholes and state_of(wholes[-1], checks) is BackupState.FAILED:
            hours = min(hours, _HOURS_AFTER_FAILURE)
        if is_due(last, now, hours * 3600):
            await back_up(self.home, self.plan, vault, _quiet, clusters)
        elif wholes and state_of(wholes[-1], checks) is BackupState.UNCHECKED:
            await check_told(self.home, self.plan, vault, wholes[-1], _quiet)

    def _is_streaming(self, name: str) -> bool:
        kept = self._keeping.get(name)
        return kept is not None and kept[0].protected

    def _is_given_up(self, name: str, now: datetime) -> bool:
        """Whether a cluster is without its stream for so long that backups are made without it."""
        kept = self._keeping.get(name)
        return kept is not None and now - kept[0].since > _WITHOUT_STREAM

    def _answers(self, name: str) -> bool:
        kept = self._keeping.get(name)
        return kept is None or kept[0].reason != NO_ANSWER

    def _gap(self, vault: Vault, snapshots: list[BackupSnapshot], name: str) -> bool:
        """Whether WAL is missing after the newest base backup. The files say so, so a restart forgets nothing."""
        present = set(self._stream.segments(name)) if self._stream is not None else set()
        return needs_base(snapshots, name, present | set(vault.segments(name)))  # archived in between: in the second

    def _state(self) -> dict[str, object]:
        clusters = {
            name: {"protected": one.protected, "since": one.since.isoformat(), "reason": one.reason}
            for name, (one, _) in self._keeping.items()
        }
        return {"stream": str(self.plan.stream), "clusters": clusters, "failures": dict(self._failures)}

    def _noted(self, what: str) -> "_Noted":
        return _Noted(self._failures, what)


@dataclass(slots=True)
class _Noted:
    """Notes a failure of a loop; the loop continues."""

    failures: dict[str, str]
    what: str

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is None:
            self.failures.pop(self.what, None)
            return False
        if not isinstance(error, Exception):
            return False
        detail = error.detail if isinstance(error, MarketdayError) else repr(error)
        if self.failures.get(self.what) != detail:
            self.failures[self.what] = detail
            _log.error("archiver_failed", what=self.what, detail=detail, exc_info=not isinstance(error, MarketdayError))
        return True


def _has(snapshots: list[BackupSnapshot], cluster: str) -> bool:
    return any(one.base(cluster) is not None for one in snapshots)


def _is_error(result: object) -> bool:
    return isinstance(result, Exception)


def _quiet(_: str) -> None:
    """Report to nobody: the log and the vault have the result."""


async def release_all(home: Home) -> None:
    """Let no cluster of the home wait for the stream, because there is nothing that would write it."""
    for cluster in clusters_of(home):
        await release(cluster)
