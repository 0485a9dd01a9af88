"""When the archiver makes which backup, and how long commits wait for a second disk. The servers are made up."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from marketday.apps.backup_desk import _refuse_own_credentials, _refuse_used
from marketday.kit.ids import new_id
from marketday.provisioners.local.backup import archiver, streaming
from marketday.provisioners.local.backup.archiver import ArchiverRounds
from marketday.provisioners.local.backup.configuration import BackupPlan
from marketday.provisioners.local.backup.errors import BackupFailed, BackupSettings
from marketday.provisioners.local.backup.model import MALL, BackupSnapshot
from marketday.provisioners.local.backup.recovery import WalStream
from marketday.provisioners.local.backup.rounds import forget_streams
from marketday.provisioners.local.backup.streaming import APPLICATION, NO_ANSWER, Keeping
from marketday.provisioners.local.home import open_home

from .test_model import checks, names, snapshot

NOW = datetime.now(UTC)
LONG_AGO, JUST_NOW = NOW - timedelta(hours=1), NOW - timedelta(seconds=20)


@dataclass
class Made:
    """An archiver with a vault of these snapshots and segments, and the backups that it made."""

    rounds: ArchiverRounds
    snapshots: list[BackupSnapshot]
    segments: list[str] = field(default_factory=list)
    backups: list[list[str]] = field(default_factory=list)

    def keep(self, name: str, *, protected: bool, since: datetime = LONG_AGO, reason: str = "") -> None:
        kept = SimpleNamespace(protected=protected, since=since, reason=reason)
        self.rounds._keeping[name] = kept, None  # type: ignore[assignment]

    async def work(self) -> list[list[str]]:
        self.backups.clear()
        await self.rounds._work(NOW)
        return self.backups


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    day = (NOW - snapshot(0).ended_at).days
    plan = BackupPlan(to="x", stream=tmp_path / "stream", key_file=tmp_path, vault="1", every_hours=24 * 20)
    found = Made(ArchiverRounds(SimpleNamespace(), plan), [snapshot(day, MALL, "drop")])  # type: ignore[arg-type]
    found.rounds._opened = SimpleNamespace(  # type: ignore[assignment]
        snapshots=lambda: found.snapshots,
        checks=lambda: checks(*found.snapshots),
        segments=lambda name: found.segments if name == MALL else [],
    )

    async def back_up(*words: Any) -> None:
        found.backups.append([one.name for one in words[4]])

    async def is_selling(_: object) -> bool:
        return False

    monkeypatch.setattr(archiver, "clusters_of", lambda _: [SimpleNamespace(name=MALL), SimpleNamespace(name="drop")])
    monkeypatch.setattr(archiver, "back_up", back_up)
    monkeypatch.setattr(archiver.figures, "is_selling", is_selling)
    found.keep(MALL, protected=True)
    found.keep("drop", protected=True)
    return found


async def test_a_gap_in_the_wal_is_closed_by_a_new_backup_also_after_a_restart(made: Made) -> None:
    first = made.snapshots[0].bases[0].first_segment
    number = int(first[16:], 16)
    made.segments = names(number, number + 1)
    assert await made.work() == []
    made.segments = names(number, number + 1, number + 3)
    assert await made.work() == [[MALL]]


async def test_a_dead_second_disk_does_not_stop_the_backups(made: Made) -> None:
    made.rounds.plan = made.rounds.plan.model_copy(update={"every_hours": 0.001})
    made.keep("drop", protected=False, since=JUST_NOW)
    assert await made.work() == []  # it may be starting; what came before its stream would have a gap
    made.keep("drop", protected=False)
    assert await made.work() == [[MALL, "drop"]]
    made.keep("drop", protected=False, reason=NO_ANSWER)
    assert await made.work() == [[MALL]]  # a drop that burnt down


async def test_a_failure_is_told_until_it_is_over(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise BackupFailed("the place is full")

    monkeypatch.setattr(ArchiverRounds, "_do_what_is_due", fails)
    monkeypatch.setattr(archiver, "_SCHEDULE_SECONDS", 0)
    task = asyncio.create_task(made.rounds._keep_schedule())
    for _ in range(5):
        await asyncio.sleep(0)
    task.cancel()
    assert made.rounds._failures == {"the schedule": "the place is full"}


class Slow:
    """A database whose second disk writes all the time, but less than the database does."""

    def __init__(self) -> None:
        self.waits_for, self.now, self.kept = APPLICATION, 0, 0
        self.said: list[str] = []

    async def fetchrow(self, *_: object) -> dict[str, object]:
        self.now += 1000
        self.kept += 100
        lsns = f"0/{self.now:X}", f"0/{self.kept:X}"
        found = {"waits_for": self.waits_for, "slot": "reserved", "now": lsns[0], "kept": lsns[1], "streams": True}
        return {**found, "caught_up": False, "moves": True}

    async def execute(self, text: str) -> None:
        self.said.append(text)


async def test_a_second_disk_that_is_too_slow_is_let_go_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tell(_: str) -> None: ...

    async def nothing(_: object) -> None: ...

    clock = iter(range(1000, 2000))
    keeping = Keeping(SimpleNamespace(name=MALL), tmp_path, tmp_path / "log", tell)  # type: ignore[arg-type]
    keeping.protected = True
    monkeypatch.setattr(Keeping, "_ensure_child", nothing)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock) / 2)
    keeping._streamed, keeping._marks = 500.0, deque(maxlen=streaming._MARKS)
    slow: Any = Slow()
    for _ in range(8):  # half a second each
        await keeping._look(slow)
    assert any("synchronous_standby_names = ''" in line for line in slow.said)
    assert not keeping.protected


def test_the_stream_of_an_earlier_backup_is_not_used_again(tmp_path: Path) -> None:
    home, stream = open_home(tmp_path / "home"), tmp_path / "stream"
    (stream / "lost+found").mkdir(parents=True)
    _refuse_used(home, stream)
    (stream / "mall").mkdir()
    with pytest.raises(BackupSettings, match=r"has files \(mall\).*expected an empty folder"):
        _refuse_used(home, stream)


def test_credentials_that_the_archiver_would_not_have_are_refused() -> None:
    _refuse_own_credentials("s3://backups", {"HOME": "/root"})
    _refuse_own_credentials("/mnt/backup", {"AWS_PROFILE": "shop"})
    with pytest.raises(BackupSettings, match=r"AWS_ACCESS_KEY_ID is set, .* ~/\.aws/credentials"):
        _refuse_own_credentials("s3://backups", {"AWS_ACCESS_KEY_ID": "x"})


def test_the_stream_of_a_drop_that_is_gone_is_removed_with_its_last_backup(tmp_path: Path) -> None:
    gone, kept, living = (str(new_id()) for _ in range(3))
    for name in (MALL, gone, kept, living, "lost+found"):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.kept").touch()
    problems: list[str] = ["a manifest that cannot be read"]
    vault: Any = SimpleNamespace(look=lambda: ([snapshot(1, MALL), snapshot(2, kept)], problems))
    forget_streams(vault, WalStream(tmp_path), {living})
    assert (tmp_path / gone).is_dir()
    problems.clear()
    forget_streams(vault, WalStream(tmp_path), {living})
    left = {each.name for each in tmp_path.iterdir() if each.is_dir()}
    assert left == {MALL, kept, living, "lost+found"}
    assert not (tmp_path / f"{gone}.kept").exists()
