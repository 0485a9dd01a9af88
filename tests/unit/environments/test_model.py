from datetime import timedelta

import pytest

from marketday.environments.model import (
    MOST_ATTEMPTS,
    Outcome,
    State,
    Step,
    StepRecord,
    Wait,
    deadline,
    gives_up,
    next_step,
    requested,
)
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum

DROP = dawn_serum()
DAY = DROP.schedule()
SECOND = timedelta(seconds=1)


def _after(*steps):
    environment = requested(new_id(), DROP, DAY)
    for step in steps:
        environment = environment.beginning(step).having_done(step, {}, DAY.build_at)
    return environment


ALL = [step for step in Step if step is not Step.WINDOW]


@pytest.mark.parametrize(
    ("done", "state", "step", "moment"),
    [
        (0, State.REQUESTED, Step.PROVISION, DAY.build_at),
        (1, State.PROVISIONING, Step.HAND_OVER, DAY.build_at),
        (2, State.PROVISIONING, Step.SMOKE, DAY.build_at),
        (3, State.READY, Step.OPEN, DAY.room_opens_at),
        (4, State.OPEN, Step.DRAIN, DAY.closes_at),
        (5, State.DRAINING, Step.HAND_BACK, DAY.build_at),
        (6, State.VERIFIED, Step.DESTROY, DAY.destroy_at),
    ],
)
def test_each_step_comes_at_its_moment_and_not_before(done, state, step, moment):
    environment = _after(*ALL[:done])
    assert environment.state is state
    assert next_step(environment, moment) is step
    before = next_step(environment, moment - SECOND)
    assert isinstance(before, Wait)
    assert before.until == moment


def test_a_destroyed_environment_waits_for_nothing():
    environment = _after(*ALL)
    assert environment.state is State.DESTROYED
    assert next_step(environment, DAY.destroy_at + timedelta(days=9)) == Wait(None, "destroyed")


@pytest.mark.parametrize("step", ALL)
def test_every_step_can_fail_and_be_retried(step):
    environment = _after(*ALL[: ALL.index(step)])
    late = DAY.destroy_at - SECOND
    failed = environment.beginning(step).having_failed(step, "no luck", late)
    assert failed.state is State.FAILED
    waiting = next_step(failed, late)
    assert isinstance(waiting, Wait)
    assert waiting.until is None
    assert "no luck" in waiting.reason
    retried = failed.retried()
    assert (retried.failed_step, retried.failure, retried.failures) == (None, "", 0)
    assert next_step(retried, DAY.destroy_at) is step


@pytest.mark.parametrize("step", ALL)
def test_what_failed_before_it_opened_is_given_up_at_its_end_and_nothing_else(step):
    environment = _after(*ALL[: ALL.index(step)]).beginning(step).having_failed(step, "no luck", DAY.build_at)
    given_up = step in (Step.PROVISION, Step.HAND_OVER, Step.SMOKE)
    assert (next_step(environment, DAY.destroy_at) is Step.HAND_BACK) is given_up
    assert isinstance(next_step(environment, DAY.destroy_at - SECOND), Wait)
    longer = environment.living_until(DAY.destroy_at + SECOND)
    assert isinstance(next_step(longer, DAY.destroy_at), Wait)
    again = environment.beginning(Step.HAND_BACK).having_failed(Step.HAND_BACK, "no answer", DAY.destroy_at)
    assert isinstance(next_step(again, DAY.destroy_at), Wait), "no receipt: a person has to look"


def test_trouble_is_tried_again_after_growing_pauses_and_then_given_up():
    environment = _after(Step.PROVISION)
    now, pauses, stumbles = DAY.build_at, [], 0
    while not gives_up(environment):
        failure = StepRecord(Step.HAND_OVER, Outcome.FAILED, "the mall did not answer", now)
        environment = _with_last(environment.having_stumbled(), failure)
        stumbles += 1
        waiting = next_step(environment, now)
        assert isinstance(waiting, Wait)
        pauses.append((waiting.until - now).total_seconds())
        now = waiting.until
        assert next_step(environment, now) is Step.HAND_OVER
    assert stumbles == MOST_ATTEMPTS - 1
    assert pauses == sorted(pauses)
    assert max(pauses) <= 30


def _with_last(environment, record):
    from dataclasses import replace

    return replace(environment, last=record)


def test_an_environment_given_up_before_it_opened_goes_from_its_receipt_to_its_end():
    given_up = _after(Step.PROVISION).beginning(Step.HAND_BACK)
    assert next_step(given_up, DAY.build_at) is Step.HAND_BACK  # killed half-way, it goes on there
    receipted = given_up.having_done(Step.HAND_BACK, {}, DAY.closes_at)
    assert receipted.state is State.VERIFIED
    assert next_step(receipted, DAY.destroy_at) is Step.DESTROY


def test_one_that_is_given_up_days_ahead_waits_for_no_hour():
    asked = DAY.build_at - timedelta(days=3)
    given_up = _after().beginning(Step.HAND_BACK)
    given_up = _with_last(given_up, StepRecord(Step.HAND_BACK, Outcome.STARTED, "", asked))
    assert next_step(given_up, asked) is Step.HAND_BACK
    handed_back = given_up.having_done(Step.HAND_BACK, {}, asked)
    handed_back = _with_last(handed_back, StepRecord(Step.HAND_BACK, Outcome.DONE, "", asked))
    assert next_step(handed_back, asked) is Step.DESTROY


def test_destroying_once_begun_goes_on_before_the_planned_hour():
    environment = _after(*ALL[:6]).beginning(Step.DESTROY)
    assert next_step(environment, DAY.closes_at) is Step.DESTROY


def test_deadlines_are_computed_back_from_the_day():
    environment = _after()
    assert deadline(environment, Step.SMOKE) == DAY.room_opens_at
    assert deadline(environment, Step.DRAIN) > DAY.closes_at + timedelta(seconds=DROP.hold_seconds)
    assert deadline(environment, Step.DESTROY) >= DAY.destroy_at


def test_servers_stand_from_provisioning_until_destroying():
    standing = [_after(*ALL[:done]).standing for done in range(8)]
    assert standing == [False, True, True, True, True, True, True, False]
    assert not _after(*ALL[:6]).beginning(Step.DESTROY).standing
    assert _after(*ALL[:3]).beginning(Step.OPEN).having_failed(Step.OPEN, "x", DAY.build_at).standing
