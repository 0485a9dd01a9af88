"""Days before an environment is built, people are told once what will be missing."""

from datetime import timedelta

import pytest

from marketday.environments.model import Outcome, State
from marketday.environments.notices import NoticeKind
from marketday.environments.service import EnvironmentService
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
BUILD_AT = DROP.schedule().build_at
TOO_FEW = "no-go: quota of VPCs: the drop needs 1, there are 5, 5 used; ask for 6"


class Ahead:
    """An `Outlook` that lacks these things, or raises `error`; it counts how often it is asked."""

    def __init__(self, *missing):
        self.missing, self.error, self.asked = list(missing), None, 0

    async def lacks(self, definition):
        assert definition == DROP
        self.asked += 1
        if self.error:
            raise self.error
        return self.missing


class Before:
    """An environment that is requested five days before it is built."""

    def __init__(self, folder, ahead):
        self.clock, self.board, self.ahead = FakeClock(BUILD_AT - timedelta(days=5)), NoticeBoard(), ahead
        plane = FilePlane(folder)
        store = MemoryEnvironments()
        self.service = EnvironmentService(store, plane, plane.steps(), self.board, self.clock, outlook=ahead)

    async def look(self, before):
        self.clock.advance((BUILD_AT - before - self.clock.now()).total_seconds())
        return await self.service.advance(self.id)

    @property
    def reasons(self):
        return [notice.reason for notice in self.board.of(NoticeKind.LACKING)]


@pytest.fixture
async def before(tmp_path):
    one = Before(tmp_path, Ahead(TOO_FEW, "no-go: another"))
    one.id = (await one.service.request(DROP)).id
    return one


async def test_it_is_told_three_days_and_one_day_ahead_each_once(before):
    await before.look(timedelta(days=4))
    assert (before.ahead.asked, before.reasons) == (0, [])
    for _ in range(3):
        await before.look(timedelta(days=3))
    assert (before.ahead.asked, before.reasons) == (1, [f"{TOO_FEW}\nno-go: another"])
    [notice] = before.board.of(NoticeKind.LACKING)
    assert notice.moment == BUILD_AT
    await before.look(timedelta(hours=30))
    assert before.ahead.asked == 1
    await before.look(timedelta(days=1))
    await before.look(timedelta(hours=20))
    assert (before.ahead.asked, len(before.reasons)) == (2, 2)


async def test_an_account_with_enough_is_asked_once_and_nobody_is_told(before):
    before.ahead.missing = []
    for _ in range(3):
        await before.look(timedelta(days=1))
    assert (before.ahead.asked, before.reasons) == (1, [])


async def test_what_did_not_arrive_or_could_not_be_asked_is_tried_again(before):
    before.board.silent = True
    await before.look(timedelta(days=3))
    before.board.silent, before.ahead.error = False, OSError("AWS does not answer")
    await before.look(timedelta(hours=71))
    assert before.reasons == []
    before.ahead.error = None
    await before.look(timedelta(hours=70))
    assert len(before.reasons) == 1


async def test_the_day_goes_on_whatever_was_missing(before):
    await before.look(timedelta(days=1))
    progress = await before.look(timedelta())
    assert (progress.outcome, progress.environment.state) == (Outcome.DONE, State.PROVISIONING)
    assert before.ahead.asked == 1
