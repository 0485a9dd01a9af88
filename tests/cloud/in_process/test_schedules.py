"""Schedules in moto's EventBridge Scheduler."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from marketday.environments.model import requested
from marketday.environments.wake_ups import moments
from marketday.kit.errors import Temporary
from marketday.kit.ids import new_id
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.sweep.finders import FINDERS
from marketday.provisioners.terraform.eventbridge import EventSchedules, Target, WakeUpsUnavailable
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum

REGION, GROUP = "ap-northeast-2", "marketday"
TARGET = Target("arn:aws:lambda:r:1:function:lifecycle", "arn:aws:iam::1:role/scheduler", "arn:aws:sqs:r:1:lost")
DROP = dawn_serum()
DAY = DROP.schedule()


class World:
    def __init__(self):
        self.scheduler = boto3.client("scheduler", region_name=REGION)
        self.scheduler.create_schedule_group(Name=GROUP)
        self.clock = FakeClock(DAY.build_at - timedelta(days=7))
        self.schedules = EventSchedules(self.scheduler, GROUP, TARGET, self.clock)
        self.environment = self.of(DROP)

    def of(self, drop):
        return requested(new_id(), drop, drop.schedule())

    def found(self, environment=None):
        """The schedules of an environment by the names of their moments."""
        prefix = f"md-{(environment or self.environment).id.hex[-8:]}-"
        listed = self.scheduler.list_schedules(GroupName=GROUP, NamePrefix=prefix, MaxResults=100)["Schedules"]
        kept = [self.scheduler.get_schedule(GroupName=GROUP, Name=each["Name"]) for each in listed]
        return {each["Name"].removeprefix(prefix): each for each in kept}

    def at(self, moment):
        self.clock.advance((moment - self.clock.now()).total_seconds())


@pytest.fixture
def world():
    with mock_aws():
        yield World()


async def test_each_moment_has_a_schedule_in_the_zone_of_the_drop(world):
    await world.schedules.set(world.environment)
    found = world.found()
    assert set(found) == {*moments(world.environment), "tick"}
    assert found["build"]["ScheduleExpression"] == "at(2026-12-09T22:00:00)"
    assert found["destroy"]["ScheduleExpression"] == "at(2026-12-11T00:00:00)"
    assert {each["ScheduleExpressionTimezone"] for each in found.values()} == {"Asia/Seoul"}
    for name, each in found.items():
        assert each["ActionAfterCompletion"] == "DELETE"
        assert each["FlexibleTimeWindow"] == {"Mode": "OFF"}
        target = each["Target"]
        assert (target["Arn"], target["RoleArn"]) == (TARGET.function, TARGET.role)
        assert target["DeadLetterConfig"] == {"Arn": TARGET.dead_letters}
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 3
        assert json.loads(target["Input"]) == {"environment": str(world.environment.id), "wake": name}
    tick = found["tick"]
    assert tick["ScheduleExpression"] == "rate(1 minute)"
    assert (tick["StartDate"], tick["EndDate"]) == (DAY.build_at, DAY.destroy_at + timedelta(days=2))


async def test_setting_them_again_changes_nothing_and_asks_for_no_change(world):
    await world.schedules.set(world.environment)
    written = []
    world.scheduler.meta.events.register("before-call.scheduler.*", lambda model, **_: written.append(model.name))
    await world.schedules.set(world.environment)
    assert set(written) == {"ListSchedules", "GetSchedule"}


async def test_what_is_past_is_left_out_and_the_minutes_begin_at_once(world):
    await world.schedules.set(world.environment)
    world.at(DAY.closes_at)
    await world.schedules.set(world.environment)
    found = world.found()
    assert set(found) == {"leaving-120m", "leaving-30m", "destroy", "tick"}
    assert "StartDate" not in found["tick"]
    long_after = DAY.destroy_at + timedelta(days=30)
    world.at(long_after)
    await world.schedules.set(world.environment)
    assert set(world.found()) == {"tick"}
    assert world.found()["tick"]["EndDate"] == long_after + timedelta(days=1)


async def test_an_extended_environment_is_destroyed_and_warned_of_later(world):
    await world.schedules.set(world.environment)
    world.at(DAY.closes_at)
    until = DAY.destroy_at + timedelta(days=4, microseconds=1)
    await world.schedules.set(world.environment.living_until(until))
    found = world.found()
    assert found["destroy"]["ScheduleExpression"] == "at(2026-12-15T00:00:01)"  # never too early
    assert found["leaving-2880m"]["ScheduleExpression"] == "at(2026-12-13T00:00:01)"
    assert found["tick"]["EndDate"] == until.replace(microsecond=0) + timedelta(days=1)


async def test_a_day_without_windows_that_had_some_loses_them(world):
    longer = world.environment.definition.model_copy(update={"closes_at": DAY.opens_at + timedelta(hours=3)})
    environment = requested(world.environment.id, longer, longer.schedule())
    await world.schedules.set(environment)
    assert {"window-1", "window-2"} <= set(world.found())
    await world.schedules.set(world.environment)
    assert not [name for name in world.found() if name.startswith("window")]


@pytest.mark.parametrize(
    ("opens_at", "written"),
    [
        # New York goes from EDT to EST on 1 November 2026 at 06:00 UTC: 01:30 comes twice.
        (datetime(2026, 11, 1, 4, 30, tzinfo=UTC), ("at(2026-11-01T05:30:00)", "UTC")),  # window-1, the first 01:30
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), ("at(2026-11-01T06:30:00)", "UTC")),  # the second
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), ("at(2026-11-01T02:30:00)", "America/New_York")),
        # And forward on 14 March 2027: 01:30 is followed by 03:30.
        (datetime(2027, 3, 14, 6, 30, tzinfo=UTC), ("at(2027-03-14T03:30:00)", "America/New_York")),
    ],
)
async def test_where_the_clocks_change_no_moment_comes_twice_or_never(world, opens_at, written):
    until = opens_at + timedelta(hours=2)
    drop = DROP.model_copy(update={"zone": "America/New_York", "opens_at": opens_at, "closes_at": until})
    environment = world.of(drop)
    world.clock = FakeClock(opens_at - timedelta(days=30))
    await EventSchedules(world.scheduler, GROUP, TARGET, world.clock).set(environment)
    found = world.found(environment)
    window = found["window-1"]
    assert (window["ScheduleExpression"], window["ScheduleExpressionTimezone"]) == written
    assert found["build"]["ScheduleExpression"].endswith("T22:00:00)")
    assert found["destroy"]["ScheduleExpression"].endswith("T00:00:00)")


async def test_cancelling_removes_all_of_one_environment_and_nothing_else(world):
    drop = DROP.model_copy(update={"closes_at": DAY.opens_at + timedelta(hours=70), "slug": "long"})
    long, other = world.of(drop), world.of(DROP)
    await world.schedules.set(long)
    await world.schedules.set(other)
    assert len(world.found(long)) > 50  # more than a page
    await world.schedules.cancel(long)
    await world.schedules.cancel(long)
    assert world.found(long) == {}
    assert len(world.found(other)) == len(moments(other)) + 1
    await world.schedules.forget(other.id)
    assert world.found(other) == {}


async def test_two_hands_at_once_end_with_each_schedule_once(world):
    await asyncio.gather(*(world.schedules.set(world.environment) for _ in range(3)))
    assert set(world.found()) == {*moments(world.environment), "tick"}
    await asyncio.gather(*(world.schedules.cancel(world.environment) for _ in range(3)))
    assert world.found() == {}


@pytest.mark.parametrize("operation", ["list_schedules", "create_schedule", "delete_schedule"])
async def test_a_refusal_is_told_as_one_that_may_go_away_and_set_again_mends_it(world, operation, monkeypatch):
    await world.schedules.set(world.environment)
    world.at(DAY.closes_at)
    moved = world.environment.living_until(DAY.destroy_at + timedelta(days=4))
    refusal = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}

    def refuse(**_):
        raise ClientError(refusal, operation)

    with monkeypatch.context() as patch:
        patch.setattr(world.scheduler, operation, refuse, raising=False)
        with pytest.raises(WakeUpsUnavailable, match=r"group 'marketday': .*Rate exceeded") as raised:
            await world.schedules.set(moved)
    assert isinstance(raised.value, Temporary)
    await world.schedules.set(moved)
    assert set(world.found()) == {"leaving-2880m", "leaving-120m", "leaving-30m", "destroy", "tick"}


async def test_a_group_that_is_not_there_is_named_and_not_taken_for_a_schedule(world, monkeypatch):
    missing = {"Error": {"Code": "ResourceNotFoundException", "Message": "Schedule group nowhere does not exist."}}

    def refuse(**_):
        raise ClientError(missing, "CreateSchedule")

    monkeypatch.setattr(world.scheduler, "create_schedule", refuse, raising=False)
    nowhere = EventSchedules(world.scheduler, "nowhere", TARGET, world.clock)
    with pytest.raises(WakeUpsUnavailable, match=r"'nowhere': .*Schedule group nowhere does not exist"):
        await nowhere.set(world.environment)


async def test_the_sweep_finds_a_schedule_that_is_left(world, monkeypatch):
    await world.schedules.set(world.environment)
    only = [each for each in FINDERS if each.service == "scheduler"]
    monkeypatch.setattr("marketday.provisioners.sweep.aws.FINDERS", only)
    monkeypatch.setattr("marketday.provisioners.sweep.tagging.PLANE_FINDERS", only)
    sweep = AwsSweep(boto3.Session().client, [REGION])
    left = await sweep.leftovers(world.environment.id)
    assert {each.kind for each in left} == {"schedule"}
    assert len(left) == len(world.found())
    assert all(each.blocks for each in left)
    await world.schedules.cancel(world.environment)
    assert await sweep.leftovers(world.environment.id) == []
    assert await sweep.leftovers(new_id()) == []
