"""The lifecycle's function with environments in files: which events it accepts, and which steps it does."""

from datetime import timedelta

import pytest

from marketday.environments.errors import RecordsUnavailable, UnknownEnvironment
from marketday.environments.model import State, Step
from marketday.environments.service import EnvironmentService
from marketday.kit.ids import new_id
from marketday.lambdas.errors import InvalidEvent
from marketday.lambdas.lifecycle import BEGINS_WITHIN, Wake, keep_on, read_wake
from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane, MemoryEnvironments, NoticeBoard

DROP = dawn_serum()
DAY = DROP.schedule()


class Schedules:
    def __init__(self):
        self.forgotten = []

    async def set(self, environment):
        pass

    async def cancel(self, environment):
        await self.forget(environment.id)

    async def forget(self, environment_id):
        self.forgotten.append(environment_id)


class World:
    def __init__(self, folder):
        self.clock = FakeClock(DAY.build_at)
        self.store, self.plane, self.schedules = MemoryEnvironments(), FilePlane(folder), Schedules()
        self.board = NoticeBoard()
        self.service = EnvironmentService(
            self.store, self.plane, self.plane.steps(), self.board, self.clock, wake_ups=self.schedules
        )

    async def wake(self, environment_id, name="tick"):
        return await keep_on(self.service, Wake(environment_id, name), self.clock)

    def at(self, moment):
        self.clock.advance((moment - self.clock.now()).total_seconds())


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def outcomes(came):
    return [(each["step"], each["outcome"]) for each in came["steps"]]


async def test_it_does_step_after_step_until_one_has_to_wait(world):
    environment = await world.service.request(DROP)
    came = await world.wake(environment.id, "build")
    assert outcomes(came) == [("provision", "done"), ("hand_over", "done"), ("smoke", "done")]
    assert came["environment"] == str(environment.id)
    assert (came["wake"], came["state"]) == ("build", "ready")
    assert came["waits"] == "open is not due yet"
    assert came["until"] == DAY.room_opens_at.isoformat()
    assert world.schedules.forgotten == []


async def test_what_waits_for_the_world_is_left_to_the_next_minute(world):
    environment = await world.service.request(DROP)
    world.plane.apply_waits = ["terraform: plan", "terraform: apply"]
    assert (await world.wake(environment.id))["steps"] == [
        {"step": "provision", "outcome": "started", "detail": "terraform: plan"}
    ]
    assert outcomes(await world.wake(environment.id)) == [("provision", "started")]
    assert outcomes(await world.wake(environment.id))[0] == ("provision", "done")


async def test_no_step_is_begun_when_its_time_is_nearly_over(world):
    environment = await world.service.request(DROP)
    apply = world.plane.apply

    async def slow(environment):
        world.clock.advance(BEGINS_WITHIN.total_seconds())
        return await apply(environment)

    world.plane.apply = slow
    assert outcomes(await world.wake(environment.id)) == [("provision", "done")]
    assert outcomes(await world.wake(environment.id)) == [("hand_over", "done"), ("smoke", "done")]


async def test_a_failure_is_returned_without_what_is_secret(world):
    environment = await world.service.request(DROP)
    world.plane.trouble["apply"] = [HostUnavailable("password=hush went wrong")]
    came = await world.wake(environment.id)
    assert outcomes(came) == [("provision", "failed")]
    assert "hush" not in str(came)


@pytest.mark.parametrize("trouble", [HostUnavailable("no answer"), RuntimeError("a mistake")])
async def test_what_was_brought_back_is_told_and_trouble_with_it_stops_no_step(world, trouble):
    environment = await world.service.request(DROP)
    await world.wake(environment.id)
    world.plane.kept_up = ["gate"]
    assert (await world.wake(environment.id))["revived"] == ["gate"]
    world.plane.trouble["keep_up"] = [trouble]
    world.at(DAY.room_opens_at)
    assert ("open", "done") in outcomes(await world.wake(environment.id))


async def test_a_call_for_an_environment_that_is_not_on_record_fails_and_its_schedules_stay(world):
    with pytest.raises(UnknownEnvironment):
        await world.wake(new_id())
    assert world.schedules.forgotten == []


async def test_a_destroyed_one_is_not_called_for_again(world):
    environment = await world.service.request(DROP)
    for moment in (DAY.build_at, DAY.room_opens_at, DAY.closes_at, DAY.destroy_at + timedelta(seconds=1)):
        world.at(moment)
        came = await world.wake(environment.id)
    assert came["state"] == State.DESTROYED
    assert outcomes(came) == [(Step.DESTROY, "done")]
    assert set(world.schedules.forgotten) == {environment.id}


async def test_a_destroyed_one_is_called_for_until_its_people_know(world):
    environment = await world.service.request(DROP)
    for moment in (DAY.build_at, DAY.room_opens_at, DAY.closes_at):
        world.at(moment)
        await world.wake(environment.id)
    world.at(DAY.destroy_at)
    world.plane.trouble["destroy"] = [AccessRefused("not allowed")]
    await world.wake(environment.id)
    await world.service.retry(environment.id)
    world.board.silent = True
    assert (await world.wake(environment.id))["state"] == State.DESTROYED
    assert world.schedules.forgotten == []
    world.board.silent = False
    await world.wake(environment.id)
    assert set(world.schedules.forgotten) == {environment.id}


async def test_records_that_cannot_be_reached_are_an_error_of_the_call(world):
    async def away(_):
        raise RecordsUnavailable("table runs: no answer")

    world.store.get = away
    with pytest.raises(RecordsUnavailable):
        await world.wake(new_id())


def test_a_schedules_input_is_read():
    environment_id = new_id()
    assert read_wake({"environment": str(environment_id), "wake": "window-3"}) == Wake(environment_id, "window-3")


@pytest.mark.parametrize("event", [None, "tick", [], {}, {"environment": "dawn"}, {"environment": 7, "wake": "tick"}])
def test_another_event_is_refused_with_what_it_was(event):
    with pytest.raises(InvalidEvent) as raised:
        read_wake(event)
    assert f"{event!r} has no environment; expected" in raised.value.detail


@pytest.mark.parametrize("wake", [None, "", 3])
def test_a_wake_without_a_name_is_refused(wake):
    with pytest.raises(InvalidEvent, match=f"wake is {wake!r}; expected the name of a moment"):
        read_wake({"environment": str(new_id()), "wake": wake})
