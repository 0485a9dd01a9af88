"""The DMS adapter over a task in memory: the whole way, every way it can fail, and killed between any two calls."""
# ruff: noqa: ARG002 - the fakes have their ports' signatures

import inspect
import itertools
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from marketday.handback import dms
from marketday.handback.bring import Bringing
from marketday.handback.dms import DmsCopier
from marketday.handback.errors import CopyDiffers, CopyFailed, CopyRefused, DmsUnavailable
from marketday.handback.model import Point, Replication, RowDigest, Waiting, Window, WindowPhase
from marketday.handback.service import HandBackService
from marketday.handback.tables import TABLES
from marketday.kit.ids import parse_id
from marketday.testing.clock import FakeClock
from marketday.testing.dms import TASK, FakeDms

MOMENT = datetime(2026, 11, 26, 3, tzinfo=UTC)
LAST = Window(
    parse_id("01970000-0000-7000-8000-0000c0ffee00"),
    "dawn-serum",
    "postgresql://nowhere",
    replication=Replication(TASK, "source-secret", "target-secret"),
)
HOURLY = replace(LAST, due=MOMENT)
ROWS = {table.name: {"a": b"1", "b": b"2"} for table in TABLES}


@pytest.fixture(autouse=True)
def without_threads(monkeypatch):
    """Answer in place of a thread: the task in memory never blocks, and thousands of calls are killed here."""

    async def answer(function, **asked):
        return function(**asked)

    monkeypatch.setattr(dms, "asyncio", SimpleNamespace(to_thread=answer))


class Source:
    """The drop's database: a snapshot and its link."""

    point = Point("0/1", MOMENT)

    def __init__(self):
        self.rows = {name: dict(rows) for name, rows in ROWS.items()}
        self.closed = 0

    @asynccontextmanager
    async def open(self, window):
        yield self

    async def close(self, window):
        self.closed += 1

    async def digests(self, table):
        for key, value in sorted(self.rows[table.name].items()):
            yield RowDigest(key, value)

    async def sums(self):
        return []


class Staging:
    """The mall's side, and its stage."""

    def __init__(self):
        self.rows = defaultdict(dict)
        self.noted = {}
        self.admitted = False
        self.stage = self  # seen through whatever may die

    @asynccontextmanager
    async def open(self, window):
        yield self.stage

    async def prepare(self):
        self.rows.clear()

    async def holds_copy(self):
        return bool(self.rows["drops"])

    async def admit(self, window):
        self.admitted = True

    async def shut(self, window):
        self.admitted = False

    async def progress(self, window):
        return self.noted.get(window.due)

    async def note(self, window, progress):
        self.noted[window.due] = progress

    async def digests(self, table):
        for key, value in sorted(self.rows[table.name].items()):
            yield RowDigest(key, value)

    async def sums(self):
        return []


class Killed(BaseException):
    """What a killed process feels."""


@dataclass
class Deaths:
    """Kills at the call of this number, before or after it is done."""

    at: int
    when: str
    made: int = field(default=0)

    def call(self, before_or_after):
        if before_or_after == "before":
            self.made += 1
        if self.made == self.at and self.when == before_or_after:
            raise Killed


class Mortal:
    """Anything, of which each call may be the last."""

    def __init__(self, real: Any, deaths: Deaths) -> None:
        self._real, self._deaths = real, deaths

    def __getattr__(self, name):
        real = getattr(self._real, name)
        if inspect.isasyncgenfunction(real) or name == "open" or not callable(real):
            return real
        if inspect.iscoroutinefunction(real):

            async def dying(*arguments, **named):
                self._deaths.call("before")
                answer = await real(*arguments, **named)
                self._deaths.call("after")
                return answer
        else:

            def dying(*arguments, **named):
                self._deaths.call("before")
                answer = real(*arguments, **named)
                self._deaths.call("after")
                return answer

        return dying


class Sides:
    """Both databases with a DMS between them that really copies, and at first leaves out what it is told to."""

    def __init__(self, leaves_out=(), **task):
        self.source, self.staging = Source(), Staging()
        self.dms = FakeDms(self._load, **task)
        self._leaves_out = list(leaves_out)

    def _load(self, kind):
        assert self.staging.admitted
        if kind != "resume-processing":
            assert not any(self.staging.rows.values()), "a load into tables that are not empty doubles rows"
        self.staging.rows.update({name: dict(rows) for name, rows in self.source.rows.items()})
        if self._leaves_out:
            table, key = self._leaves_out.pop()
            del self.staging.rows[table][key]

    def bringing(self, deaths=None):
        dies = (lambda real: Mortal(real, deaths)) if deaths else (lambda real: real)
        staging = dies(self.staging)
        self.staging.stage = staging
        return Bringing(dies(self.source), staging, DmsCopier(dies(self.dms), staging))

    async def bring(self, window=LAST):
        """Ask again until it waits for nothing more; returns what it waited for too."""
        waited = []
        for _ in range(60):
            result = await self.bringing().bring(window)
            if not isinstance(result, Waiting):
                return result, waited
            waited.append(result.reason)
        pytest.fail(f"never done: {waited}")

    async def close(self, window=LAST):
        for _ in range(20):
            if await self.bringing().close(window) is None:
                return
        pytest.fail("never closed")


async def test_the_whole_way():
    sides = Sides(status="creating")
    copied, waited = await sides.bring()
    assert sides.dms.calls == ["test source", "test target", "start-replication", "stop"]
    assert copied.comparison.differences == []
    assert copied.brought.rows == {table.name: 2 for table in TABLES}
    assert [next(group) for _, group in itertools.groupby(waited)] == [
        "the DMS task is creating; expected ready or stopped or failed",
        "DMS is testing the connection to its source and its target",
        "the DMS task is starting",
        "orders: Full load",
        "the DMS task is stopping",
    ]
    await sides.close()
    assert sides.dms.status == ""
    assert sides.dms.calls[-1] == "delete"
    assert (sides.source.closed, sides.staging.admitted) == (1, False)
    await sides.close()
    assert sides.dms.calls.count("delete") == 1


async def _lives(sides, deaths):
    """One life of whoever brings and closes: True when everything is done before its death."""
    bringing = sides.bringing(deaths)
    for _ in range(60):
        if not isinstance(await bringing.bring(LAST), Waiting):
            break
    for _ in range(20):
        if await bringing.close(LAST) is None:
            return True
    return pytest.fail("never done")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("leaves_out", [(), (("orders", "b"),)], ids=["right", "repaired"])
async def test_killed_between_any_two_calls_nothing_is_done_twice(when, leaves_out):
    for at in itertools.count(1):
        sides, killed = Sides(leaves_out), False
        try:
            await _lives(sides, Deaths(at, when))
        except Killed:
            killed = True
            if sides.dms.status:
                assert await _lives(sides, None)
        expected = ["start-replication", "stop", *(["reload-target", "stop"] if leaves_out else []), "delete"]
        assert [call for call in sides.dms.calls if not call.startswith("test")] == expected, at
        assert sides.dms.calls.count("test source") == 1
        assert sides.staging.rows == ROWS
        if not killed:
            assert at > 30
            return


async def test_a_row_that_dms_left_out_is_found_and_copied_again():
    sides = Sides([("entries", "a")])
    copied, _ = await sides.bring()
    assert "reload-target" in sides.dms.calls
    assert copied.comparison.differences == []


async def test_a_copy_that_stays_wrong_names_the_row_and_can_be_begun_anew():
    sides = Sides([("entries", "a"), ("orders", "b")])
    with pytest.raises(CopyDiffers, match="entries a missing"):
        await sides.bring()
    assert sides.dms.status == "stopped"
    copied, _ = await sides.bring()
    assert copied.comparison.differences == []


MISMATCH = {
    "orders": {"ValidationState": "Mismatched records", "ValidationFailedRecords": 3, "ValidationStateDetails": "why"}
}


async def test_what_dms_itself_finds_wrong_is_stopped_and_copied_again():
    sides = Sides()
    sides.dms.rounds, sides.dms.later = [MISMATCH], [{}]
    await sides.bring()
    assert sides.dms.calls[2:] == ["start-replication", "stop", "reload-target", "stop"]


async def test_what_dms_finds_wrong_twice_stops_the_day():
    sides = Sides()
    sides.dms.rounds = [MISMATCH]
    with pytest.raises(CopyDiffers, match="orders: Table completed, Mismatched records, 0 rows not loaded, 3 mism"):
        await sides.bring()
    assert sides.dms.calls.count("reload-target") == 1


async def test_a_task_that_fails_says_why_and_is_started_again():
    sides = Sides()
    sides.dms.failure = "Last Error: the disk is full"
    with pytest.raises(CopyFailed, match="the DMS task is failed: Last Error: the disk is full"):
        await sides.bring()
    await sides.bring()
    assert sides.dms.calls[2:] == ["start-replication", "reload-target", "stop"]


async def test_a_task_that_somebody_stopped_goes_on_with_what_changed():
    sides = Sides()
    while sides.dms.status != "running":
        await sides.bringing().bring(LAST)
    sides.dms.status = "stopped"
    with pytest.raises(CopyFailed, match="the DMS task is stopped: no reason given; expected it to run"):
        await sides.bring()
    await sides.bring()
    assert sides.dms.calls[2:] == ["start-replication", "resume-processing", "stop"]


async def test_an_end_that_dms_does_not_reach_is_named_and_tried_again():
    sides = Sides()
    sides.dms.unreachable = "target"
    with pytest.raises(CopyFailed, match="does not reach its target: password authentication failed"):
        await sides.bring()
    sides.dms.unreachable = ""
    await sides.bring()
    assert sides.dms.calls.count("test target") == 2


async def test_what_went_with_its_link_need_not_be_removed():
    assert await Sides().bringing().close(replace(LAST, replication=None)) is None


async def test_without_a_task_there_is_no_copy():
    with pytest.raises(CopyFailed, match=f"there is no DMS task {TASK}"):
        await Sides(status="").bring()
    with pytest.raises(CopyFailed, match="the window has no DMS task"):
        await Sides().bring(replace(LAST, replication=None))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "DescribeTableStatistics"),
        EndpointConnectionError(endpoint_url="https://dms.invalid"),
    ],
)
async def test_an_error_of_aws_ends_at_the_adapter(error, monkeypatch):
    sides = Sides()
    while sides.dms.status != "running":
        await sides.bringing().bring(LAST)
    with monkeypatch.context() as patch:

        def refusing(**asked):
            raise error

        patch.setattr(sides.dms, "describe_table_statistics", refusing)
        with pytest.raises(DmsUnavailable, match="describe_table_statistics"):
            await sides.bring()
    await sides.bring()
    assert sides.dms.calls.count("start-replication") == 1


@pytest.mark.parametrize(
    ("error", "left_open"),
    [(DmsUnavailable("no answer"), True), (CopyRefused("no key"), False), (RuntimeError("a mistake"), False)],
)
async def test_a_link_stays_open_after_an_error_that_is_temporary_and_after_no_other(error, left_open, monkeypatch):
    sides = Sides()
    while sides.dms.status != "running":
        await sides.bringing().bring(HOURLY)

    async def failing(*_):
        raise error

    copier = DmsCopier(sides.dms, sides.staging)
    monkeypatch.setattr(copier, "wait", failing)
    service = HandBackService(
        sides.source, sides.staging, None, None, None, None, "http://mall.localhost", FakeClock(MOMENT), copier=copier
    )
    with pytest.raises(type(error)):
        await service.window(HOURLY)
    assert (sides.staging.admitted, sides.source.closed, "stop" in str(sides.dms.calls)) == (
        (True, 0, False) if left_open else (False, 1, True)
    )


async def test_while_the_drop_runs_rows_that_changed_since_are_behind():
    sides = Sides()
    while sides.dms.status != "running":
        await sides.bringing().bring(HOURLY)
    sides.source.rows["orders"] |= {"b": b"3", "c": b"4"}
    copied, _ = await sides.bring(HOURLY)
    assert copied.brought.behind == {"orders": 2}
    assert "reload-target" not in sides.dms.calls
    assert sides.staging.noted[MOMENT].phase is WindowPhase.STOPPING
