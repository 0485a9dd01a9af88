"""What people are told, and when: each thing once."""

from datetime import timedelta

import pytest

from marketday.environments.errors import CannotExtend, NoPermit, RecordsUnavailable, SmokeFailed
from marketday.environments.model import LONGEST_EXTENSION, MOST_ATTEMPTS, Outcome, State, Step
from marketday.environments.notices import NoticeKind
from marketday.environments.ports import NotYet
from marketday.environments.service import EnvironmentService

from .a_played_day import DAY, DROP, Broken, Played


@pytest.fixture
async def played(tmp_path):
    return Played(tmp_path)


async def test_a_failure_is_told_once_and_its_recovery_once(played):
    played.plane.trouble["hand_over"] = [Broken("too little")]
    assert (await played.begin()).environment.state is State.FAILED
    for _ in range(3):
        await played.go_on()
    assert played.told(NoticeKind.FAILED) == [(Step.HAND_OVER, "It is broken: too little")]
    assert played.told(NoticeKind.RECOVERED) == []
    await played.service.retry(played.id)
    await played.go_on()
    await played.go_on()
    assert played.told(NoticeKind.FAILED) == [(Step.HAND_OVER, "It is broken: too little")]
    assert played.told(NoticeKind.RECOVERED) == [(Step.HAND_OVER, "")]


async def test_the_same_step_that_fails_again_is_told_again(played):
    played.plane.trouble["hand_over"] = [Broken("one"), Broken("two")]
    await played.begin()
    played.clock.advance(60)
    await played.service.retry(played.id)
    await played.go_on()
    assert [reason for _, reason in played.told(NoticeKind.FAILED)] == ["It is broken: one", "It is broken: two"]


async def test_what_did_not_arrive_is_told_when_the_messenger_is_back(played):
    played.plane.trouble["hand_over"] = [Broken("too little")]
    played.board.silent = True
    await played.begin()
    played.board.silent = False
    await played.go_on()
    assert len(played.told(NoticeKind.FAILED)) == 1


async def test_the_end_is_told_two_days_two_hours_and_half_an_hour_ahead_with_how_to_extend(played):
    await played.begin()
    for before in (timedelta(hours=2), timedelta(minutes=30)):
        await played.at(DAY.destroy_at - before)
        await played.go_on()
    notices = played.board.of(NoticeKind.LEAVING)
    assert [notice.key.split(":")[1] for notice in notices] == ["172800", "7200", "1800"]
    assert {notice.moment for notice in notices} == {DAY.destroy_at}
    assert notices[0].command.startswith(f"marketday env extend {played.id} --until 2026-12-10T21:00:00Z")


async def test_an_extension_moves_the_end_and_more_than_a_day_needs_a_permit(played):
    await played.begin()
    latest = DAY.destroy_at + LONGEST_EXTENSION
    with pytest.raises(NoPermit, match="marketday env permit"):
        await played.service.extend(played.id, latest + timedelta(seconds=1))
    assert (await played.service.extend(played.id, latest)).schedule.destroy_at == latest
    farther = latest + timedelta(days=2)
    with pytest.raises(NoPermit):
        await played.service.extend(played.id, farther, farther - timedelta(seconds=1))
    assert (await played.service.extend(played.id, farther, farther)).schedule.destroy_at == farther
    await played.service.extend(played.id, farther)  # repeated: nothing to do
    with pytest.raises(CannotExtend, match="too early"):
        await played.service.extend(played.id, latest)


async def test_who_stays_longer_than_allowed_is_told_of(played):
    played.plane.trouble["hand_back"] = [Broken("the copy differs")]
    await played.begin()
    await played.at(DAY.room_opens_at)
    await played.at(DAY.destroy_at)
    assert played.told(NoticeKind.OVERSTAYED) == []
    await played.at(DAY.destroy_at + LONGEST_EXTENSION)
    await played.go_on()
    assert played.told(NoticeKind.OVERSTAYED) == [(Step.HAND_BACK, "It is broken: the copy differs")]


async def test_go_is_said_at_each_point(played):
    await played.begin()
    for minutes in (75, 45, 20):
        await played.at(DAY.room_opens_at - timedelta(minutes=minutes))
        await played.go_on()
    assert [step for step, _ in played.told(NoticeKind.GO)] == [Step.PROVISION, Step.HAND_OVER, Step.SMOKE]
    assert played.told(NoticeKind.NO_GO) == []


async def test_no_go_at_the_last_point_stops_the_day_and_a_person_may_decide_otherwise(played):
    played.plane.apply_waits = ["terraform: apply"] * 100
    await played.begin()
    played.clock.advance((DAY.room_opens_at - timedelta(minutes=75) - played.clock.now()).total_seconds())
    await played.service.advance(played.id)
    [(step, reason)] = played.told(NoticeKind.NO_GO)
    assert step is Step.PROVISION
    assert "terraform: apply" in reason
    stopped = await played.at(DAY.room_opens_at - timedelta(minutes=20))
    assert stopped.environment.state is State.FAILED
    assert stopped.environment.failure.startswith("no-go: smoke is not done at ")
    assert played.told(NoticeKind.FAILED)[0][1].startswith("no-go: ")
    played.plane.apply_waits.clear()
    await played.service.retry(played.id)
    assert (await played.go_on()).environment.state is State.READY


async def test_a_day_in_minutes_has_no_points(tmp_path):
    short = DROP.moved_to(
        DAY.build_at, room_opens_in=timedelta(minutes=5), opens_in=timedelta(minutes=6), closes_in=timedelta(minutes=9)
    )
    played = Played(tmp_path, short)
    await played.begin(short)
    assert played.told(NoticeKind.GO) == played.told(NoticeKind.NO_GO) == []


async def test_each_hour_of_a_long_drop_has_its_window_and_the_link_is_closed_between(tmp_path):
    long = DROP.model_copy(update={"closes_at": DROP.opens_at + timedelta(hours=3, minutes=30)})
    played = Played(tmp_path, long)
    await played.begin(long)
    await played.at(long.schedule().room_opens_at)
    waiting = await played.at(long.opens_at)
    assert waiting.until == long.opens_at + timedelta(hours=1)
    for hour in (1, 2, 3):
        await played.at(long.opens_at + timedelta(hours=hour))
        assert not played.plane.link_open
    assert (await played.store.get(played.id)).windows == 3
    diary = await played.store.steps(played.id)
    assert [line.outcome for line in diary if line.step is Step.WINDOW] == [Outcome.STARTED, Outcome.DONE] * 3
    await played.at(long.schedule().destroy_at)
    assert (await played.store.get(played.id)).state is State.DESTROYED


async def test_a_window_that_fails_is_told_and_leaves_the_drop_open(tmp_path):
    long = DROP.model_copy(update={"closes_at": DROP.opens_at + timedelta(hours=3, minutes=30)})
    played = Played(tmp_path, long)
    await played.begin(long)
    played.plane.trouble["window"] = [Broken("the copy differs")]
    await played.at(long.schedule().room_opens_at)
    missed = await played.at(long.opens_at + timedelta(hours=1))
    assert missed.environment.state is State.OPEN
    assert played.told(NoticeKind.FAILED) == [(Step.WINDOW, "It is broken: the copy differs")]
    assert played.told(NoticeKind.RECOVERED) == []
    await played.at(long.opens_at + timedelta(hours=2))
    assert played.told(NoticeKind.RECOVERED) == [(Step.WINDOW, "")]
    await played.at(long.schedule().destroy_at)
    assert (await played.store.get(played.id)).state is State.DESTROYED


async def test_windows_that_nobody_kept_are_one(tmp_path):
    long = DROP.model_copy(update={"closes_at": DROP.opens_at + timedelta(hours=3, minutes=30)})
    played = Played(tmp_path, long)
    await played.begin(long)
    await played.at(long.opens_at + timedelta(hours=3))
    diary = await played.store.steps(played.id)
    assert [line.outcome for line in diary if line.step is Step.WINDOW] == [Outcome.STARTED, Outcome.DONE]


async def test_a_step_waits_for_what_takes_long_and_goes_on(played):
    played.plane.apply_waits = ["terraform: plan", "terraform: apply, 3 resources done"]
    assert (await played.begin()).detail == "terraform: plan"
    assert (await played.go_on()).detail == "terraform: apply, 3 resources done"
    assert (await played.go_on()).environment.state is State.READY


async def test_the_link_is_waited_for(played):
    played.plane.link_waits = ["terraform: link"]
    assert (await played.begin()).detail == "terraform: link"
    assert (await played.go_on()).environment.state is State.READY


async def test_a_hand_leaves_the_others_their_steps(tmp_path):
    played = Played(tmp_path, does={Step.PROVISION, Step.DESTROY})
    waiting = await played.begin()
    assert waiting.environment.done == {Step.PROVISION}
    assert waiting.detail == "hand_over is done by another process"


async def test_trouble_that_heals_is_not_told(played):
    played.plane.trouble["walk"] = [SmokeFailed("502")] * (MOST_ATTEMPTS - 1)
    await played.begin()
    for _ in range(MOST_ATTEMPTS):
        played.clock.advance(30)
        await played.go_on()
    assert played.told(NoticeKind.FAILED) == []
    assert (await played.store.get(played.id)).state is State.READY


async def test_a_destruction_that_needs_another_hand_first_is_asked_of_it(tmp_path):
    played = Played(tmp_path, does={Step.PROVISION, Step.DESTROY})
    await played.begin()
    left = await played.service.destroy(played.id)
    assert (left.step, left.outcome) == (Step.HAND_BACK, Outcome.STARTED)
    assert "another process" in left.detail
    other = EnvironmentService(played.store, played.plane, played.plane.steps(), played.board, played.clock)
    assert (await other.advance(played.id)).environment.state is State.VERIFIED
    assert (await played.service.destroy(played.id)).environment.state is State.DESTROYED


class FailingWakeUps:
    """A `WakeUps` that fails a number of times."""

    def __init__(self, failures):
        self.failures, self.set_for = failures, []

    async def set(self, environment):
        if self.failures:
            self.failures -= 1
            raise RecordsUnavailable("the scheduler does not answer")
        self.set_for.append(environment.id)

    async def cancel(self, environment):
        self.set_for = [one for one in self.set_for if one != environment.id]


async def test_wake_ups_that_a_request_could_not_set_are_set_by_whoever_looks_next(tmp_path):
    wake_ups = FailingWakeUps(2)
    played = Played(tmp_path, wake_ups=wake_ups)
    with pytest.raises(RecordsUnavailable):
        await played.service.request(DROP)
    [environment] = await played.store.living()
    played.clock.advance(-3600)
    await played.service.advance(environment.id)  # fails again, and stops nothing
    assert wake_ups.set_for == []
    await played.service.advance(environment.id)
    assert wake_ups.set_for == [environment.id]


async def test_a_link_that_fails_does_not_keep_what_has_nothing_to_sell(played):
    played.plane.trouble["hand_over"] = [Broken("too little")]
    await played.begin()
    played.plane.trouble["open_link"] = [Broken("no peering")] * 3
    assert (await played.service.destroy(played.id)).environment.state is State.DESTROYED


@pytest.mark.parametrize("moment", [DAY.build_at, DAY.room_opens_at])
async def test_a_link_that_fails_keeps_what_can_sell_by_its_own_clock(played, moment):
    await played.begin()
    played.clock.advance((moment - played.clock.now()).total_seconds())
    played.plane.trouble["open_link"] = [Broken("no peering")]
    stopped = await played.service.destroy(played.id)
    assert stopped.environment.state is State.FAILED
    assert "no peering" in stopped.environment.failure


async def test_what_a_destroyed_environment_has_to_tell_is_told_when_the_messenger_is_back(tmp_path):
    wake_ups = FailingWakeUps(0)
    played = Played(tmp_path, wake_ups=wake_ups)
    played.plane.trouble["destroy"] = [Broken("RDS said no")]
    await played.begin()
    await played.at(DAY.room_opens_at)
    await played.at(DAY.destroy_at)
    assert played.told(NoticeKind.FAILED) == [(Step.DESTROY, "It is broken: RDS said no")]
    played.board.silent = True
    await played.service.retry(played.id)
    assert (await played.go_on()).environment.state is State.DESTROYED
    assert set(wake_ups.set_for) == {played.id}  # somebody still calls
    played.board.silent = False
    await played.go_on()
    assert played.told(NoticeKind.RECOVERED) == [(Step.DESTROY, "")]
    assert wake_ups.set_for == []
    await played.go_on()
    assert len(played.told(NoticeKind.RECOVERED)) == 1


async def test_what_nobody_can_be_told_for_a_day_after_the_end_is_given_up(tmp_path):
    wake_ups = FailingWakeUps(0)
    played = Played(tmp_path, wake_ups=wake_ups)
    played.plane.trouble["destroy"] = [Broken("RDS said no")]
    await played.begin()
    await played.at(DAY.room_opens_at)
    await played.at(DAY.destroy_at)
    played.board.silent = True
    await played.service.retry(played.id)
    await played.go_on()
    played.clock.advance(24 * 3600 - 1)
    await played.go_on()
    assert set(wake_ups.set_for) == {played.id}
    played.clock.advance(1)
    await played.go_on()
    assert wake_ups.set_for == []


async def test_trouble_of_a_step_that_waits_is_told_once_and_does_not_stop_it(played, monkeypatch):
    apply, waiting = played.plane.apply, [NotYet("a host")] * 2 + [NotYet("a host", trouble="3 hosts ended")] * 3

    async def slowly(environment):
        return waiting.pop(0) if waiting else await apply(environment)

    monkeypatch.setattr(played.plane, "apply", slowly)
    assert (await played.begin()).environment.state is State.PROVISIONING
    await played.go_on()
    assert played.told(NoticeKind.TROUBLE) == []
    for _ in range(3):
        await played.go_on()
        assert played.told(NoticeKind.TROUBLE) == [(Step.PROVISION, "3 hosts ended")]
    assert Step.PROVISION in (await played.go_on()).environment.done
    assert played.told(NoticeKind.FAILED) == []


@pytest.mark.parametrize(("minutes", "failed"), [(40, False), (70, True)])
async def test_what_holds_a_destroy_is_told_and_waited_for_for_an_hour(played, monkeypatch, minutes, failed):
    destroy, began = played.plane.destroy, DAY.destroy_at

    async def held(environment, receipt):
        if played.clock.now() < began + timedelta(minutes=minutes):
            return NotYet("the stack event is held by eni-1: DMS made it", trouble="held by eni-1: DMS made it")
        return await destroy(environment, receipt)

    monkeypatch.setattr(played.plane, "destroy", held)
    await played.begin()
    for moment in (DAY.room_opens_at, DAY.closes_at, began):
        await played.at(moment)
    for _ in range(minutes + 1):
        played.clock.advance(60)
        progress = await played.go_on()
    assert played.told(NoticeKind.TROUBLE) == [(Step.DESTROY, "held by eni-1: DMS made it")]
    assert progress.environment.state is (State.FAILED if failed else State.DESTROYED)
    told = [reason for _, reason in played.told(NoticeKind.FAILED)]
    assert len(told) == failed
    assert all("the stack event is held by eni-1: DMS made it; expected an end by" in reason for reason in told)


async def test_what_is_left_after_destroying_is_listed_one_in_a_line(played, monkeypatch):
    async def leftovers(_):
        return ["secret md-1/x (in deletion): delete it, or wait", "role y"]

    await played.begin()
    for moment in (DAY.room_opens_at, DAY.closes_at):
        await played.at(moment)
    monkeypatch.setattr(played.plane, "leftovers", leftovers)
    await played.at(DAY.destroy_at)
    for _ in range(MOST_ATTEMPTS):
        played.clock.advance(60)
        await played.go_on()
    [(step, reason)] = played.told(NoticeKind.FAILED)
    assert step is Step.DESTROY
    assert reason.endswith(
        "2 things left after destroying, expected none:\n- secret md-1/x (in deletion): delete it, or wait\n- role y"
    )
