"""The link to the databases: who is told when it does not close, and what a window makes of it."""

from datetime import timedelta

import pytest

from marketday.environments.closing_request import ask_to_close
from marketday.environments.errors import NothingToRetry
from marketday.environments.model import MAKING_PATIENCE, Outcome, State, Step
from marketday.environments.notices import CLOSE_LINK, NoticeKind
from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import HostUnavailable
from marketday.provisioners.terraform.links import RecordedLinks
from marketday.provisioners.terraform.model import Action, Exit, Run, Stack
from marketday.provisioners.terraform.model import RunOutcome as Ended
from marketday.testing.terraform import MemoryRuns

from .a_played_day import DAY, DROP, Broken, Played

LONG = DROP.model_copy(update={"closes_at": DROP.opens_at + timedelta(hours=3, minutes=30)})
UNTIL = DAY.destroy_at + timedelta(hours=20)
LINK_TAKES = timedelta(minutes=30)


class Linked(Played):
    """A day whose link is a stack of Terraform, by its records."""

    def __init__(self, folder):
        self.runs = MemoryRuns()
        super().__init__(folder, links=self)

    async def closing(self, environment_id):
        return await RecordedLinks(self.runs, self.clock).closing(environment_id)

    async def asked(self, action):
        variables = {"expires_at": UNTIL.isoformat()}
        return await self.runs.save(
            Run(new_id(), self.id, Stack.LINK, action, "0" * 40, variables, self.clock.now(), host="i-1")
        )

    async def ended(self, run, code, log=""):
        return await self.runs.save(run.ended(Ended(code, log, "s3://b/link.log"), self.clock.now()))


@pytest.fixture
async def linked(tmp_path):
    played = Linked(tmp_path)
    await played.begin()
    return played


async def test_a_link_that_cannot_be_closed_is_told_once_and_once_when_it_is_closed(linked):
    await linked.ended(await linked.asked(Action.APPLY), Exit.DONE)
    await linked.go_on()
    assert linked.board.of(NoticeKind.FAILED) == []
    for _ in range(3):
        run = await linked.asked(Action.DESTROY)
        await linked.go_on()
        await linked.ended(run, Exit.DESTROY, "Error: deleting DMS instance: password=hush")
        linked.clock.advance(600)
        await linked.go_on()
    [notice] = linked.board.of(NoticeKind.FAILED)
    assert (notice.step, notice.moment, notice.log) == (CLOSE_LINK, UNTIL, "s3://b/link.log")
    assert "deleting DMS instance" in notice.reason
    assert notice.command == f"marketday env retry {linked.id}"
    run = await linked.asked(Action.DESTROY)
    await linked.go_on()
    assert linked.board.of(NoticeKind.RECOVERED) == []
    await linked.ended(run, Exit.DONE)
    for _ in range(2):
        await linked.go_on()
    assert linked.told(NoticeKind.RECOVERED) == [(CLOSE_LINK, "")]
    await linked.ended(await linked.asked(Action.DESTROY), Exit.DESTROY, "Error: again")
    await linked.go_on()
    assert len(linked.board.of(NoticeKind.FAILED)) == 2


async def test_a_closing_that_does_not_come_to_an_end_is_told(linked):
    run = await linked.asked(Action.DESTROY)
    await linked.runs.save(run.waiting("i-1: no answer"))
    linked.clock.advance(MAKING_PATIENCE.total_seconds() - 1)
    await linked.go_on()
    assert linked.board.of(NoticeKind.FAILED) == []
    linked.clock.advance(1)
    await linked.go_on()
    [(step, reason)] = linked.told(NoticeKind.FAILED)
    assert step == CLOSE_LINK
    assert reason.endswith("has not ended: i-1: no answer")


async def test_a_retry_closes_the_link_again_and_only_one_that_failed(linked):
    with pytest.raises(NothingToRetry):
        await linked.service.retry(linked.id)
    await linked.ended(await linked.asked(Action.DESTROY), Exit.DESTROY, "Error: in use")
    linked.plane.link_open = True
    assert (await linked.service.retry(linked.id)).state is State.READY
    assert not linked.plane.link_open
    linked.plane.trouble["close_link"] = [HostUnavailable("no answer")]
    with pytest.raises(HostUnavailable):
        await linked.service.retry(linked.id)


async def test_a_link_that_went_with_its_environment_has_recovered(linked):
    await linked.ended(await linked.asked(Action.DESTROY), Exit.DESTROY, "Error: in use")
    await linked.at(DAY.room_opens_at)
    await linked.at(DAY.closes_at)
    await linked.ended(await linked.asked(Action.DESTROY), Exit.DONE)
    assert (await linked.at(DAY.destroy_at)).environment.state is State.DESTROYED
    assert linked.told(NoticeKind.RECOVERED) == [(CLOSE_LINK, "")]


class Windows(Played):
    """A long day whose windows wait for the world as often as `waits_left` says."""

    def __init__(self, folder):
        super().__init__(folder, LONG, link_takes=LINK_TAKES)
        self.waits_left, self._window = 0, self.plane.window
        self.plane.window = self._wait_or_bring

    async def _wait_or_bring(self, environment, access):
        if self.waits_left:
            self.waits_left -= 1
            return NotYet("the DMS task is being removed")
        return await self._window(environment, access)

    async def lines(self, step):
        return [line.outcome for line in await self.store.steps(self.id) if line.step is step]


@pytest.fixture
async def windows(tmp_path):
    played = Windows(tmp_path)
    await played.begin(LONG)
    await played.at(LONG.schedule().room_opens_at)
    return played


async def test_no_window_is_begun_when_closing_comes_before_its_end(windows):
    waiting = await windows.at(LONG.closes_at - timedelta(minutes=29))
    assert waiting.until == LONG.closes_at
    assert await windows.lines(Step.WINDOW) == []
    assert (await windows.at(LONG.closes_at)).environment.state is State.VERIFIED


async def test_the_window_that_is_waited_for_is_one_to_come(windows):
    waiting = await windows.at(LONG.opens_at + timedelta(hours=2))
    assert waiting.until == LONG.opens_at + timedelta(hours=3)


@pytest.mark.parametrize("under_way", [True, False])
async def test_a_window_that_is_under_way_ends_before_a_drop_is_closed_early_and_none_is_begun(windows, under_way):
    windows.waits_left = 1
    hour = LONG.opens_at + timedelta(hours=1)
    assert (await windows.at(hour if under_way else hour - timedelta(seconds=1))).step is (
        Step.WINDOW if under_way else None
    )
    await ask_to_close(windows.store, windows.id, "bora")
    closed = await windows.at(hour + timedelta(seconds=1))
    assert closed.detail == "the drop is closed before its time"
    assert await windows.lines(Step.WINDOW) == ([Outcome.STARTED, Outcome.DONE] if under_way else [])


async def test_a_window_that_is_under_way_at_closing_ends_before_the_drain(windows):
    windows.waits_left = 3
    await windows.at(LONG.opens_at + timedelta(hours=3))
    assert (await windows.at(LONG.closes_at)).step is Step.WINDOW
    assert (await windows.at(LONG.closes_at + timedelta(minutes=5))).step is Step.WINDOW
    assert (await windows.at(LONG.closes_at + timedelta(minutes=10))).environment.state is State.VERIFIED
    assert await windows.lines(Step.WINDOW) == [Outcome.STARTED, Outcome.DONE]


async def test_a_window_that_does_not_end_after_closing_is_given_up_and_its_link_closed(windows):
    windows.waits_left = 99
    await windows.at(LONG.opens_at + timedelta(hours=3))
    assert windows.plane.link_open
    await windows.service.advance(windows.id)
    windows.clock.advance((LONG.closes_at + LINK_TAKES - windows.clock.now()).total_seconds())
    missed = await windows.service.advance(windows.id)
    assert (missed.step, missed.outcome) == (Step.WINDOW, Outcome.FAILED)
    assert not windows.plane.link_open
    assert windows.told(NoticeKind.RECOVERED) == []
    assert Step.HAND_BACK in (await windows.go_on()).environment.done
    assert windows.told(NoticeKind.RECOVERED) == [(Step.WINDOW, "")]  # the last hand-back brought it


async def test_a_window_that_stumbles_at_closing_is_tried_again_first(windows):
    windows.waits_left = 1
    await windows.at(LONG.opens_at + timedelta(hours=3))
    windows.plane.trouble["window"] = [ConnectionError("refused")]
    stumbled = await windows.at(LONG.closes_at)
    assert (stumbled.step, stumbled.outcome) == (Step.WINDOW, Outcome.FAILED)
    assert (await windows.at(LONG.closes_at + timedelta(seconds=1))).environment.state is State.VERIFIED


async def test_a_link_that_cannot_be_closed_after_a_window_leaves_the_drop_open(windows):
    windows.plane.trouble["window"] = [Broken("the copy differs")]
    windows.plane.trouble["close_link"] = [HostUnavailable("no answer")]
    missed = await windows.at(LONG.opens_at + timedelta(hours=1))
    assert missed.environment.state is State.OPEN
    assert windows.told(NoticeKind.FAILED) == [(Step.WINDOW, "It is broken: the copy differs")]
