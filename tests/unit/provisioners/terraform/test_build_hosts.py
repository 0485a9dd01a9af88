"""Build hosts that do not stay: how many are started, when, from which template, and who hears of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.ec2 import MOST_HOSTS, BuildHosts
from marketday.provisioners.terraform.errors import HostUnavailable, NoHostStays
from marketday.provisioners.terraform.model import Action, Run, Stack
from marketday.provisioners.terraform.ports import Starting
from marketday.testing.clock import FakeClock

AT = datetime(2026, 12, 9, 13, tzinfo=UTC)
TEMPLATES = ["lt-small-a", "lt-small-b", "lt-big-a"]


class Ec2:
    """An EC2 that knows its clock. With `mortal`, each instance is terminated before anybody looks at it again."""

    meta = SimpleNamespace(service_model=SimpleNamespace(service_name="ec2"))

    def __init__(self, clock):
        self.clock, self.mortal, self.no_room = clock, True, {}
        self.instances, self.templates = [], []
        self.forgets = False  # the tags of what is terminated are gone at once
        self.listed_after, self.hidden_after = timedelta(), timedelta(hours=1)

    def run_instances(self, **asked):
        template = asked["LaunchTemplate"]["LaunchTemplateId"]
        if code := self.no_room.get(template):
            raise ClientError({"Error": {"Code": code, "Message": "not now"}}, "RunInstances")
        self.templates.append(template)
        started = {
            "InstanceId": f"i-{len(self.instances)}",
            "InstanceType": template.removeprefix("lt-"),
            "Placement": {"AvailabilityZone": f"zone-{template[-1]}"},
            "LaunchTime": self.clock.now(),
            "State": {"Name": "pending"},
            "Tags": asked["TagSpecifications"][0]["Tags"],
        }
        self.instances.append(started)
        return {"Instances": [started]}

    def describe_instances(self, Filters):  # noqa: N803 - AWS's name
        for each in self.instances if self.mortal else ():
            each |= {"State": {"Name": "terminated"}, "StateReason": {"Message": "Client.InternalError"}}
        found = [dict(each) for each in self.instances if self._shown(each, Filters[0])]
        return {"Reservations": [{"Instances": found}]}

    def _shown(self, each, asked):
        since = self.clock.now() - each["LaunchTime"]
        if asked["Name"] == "instance-id":
            return each["InstanceId"] in asked["Values"] and since < self.hidden_after
        return not (self.forgets and each["State"]["Name"] == "terminated") and since >= self.listed_after


@pytest.fixture
def clock():
    return FakeClock(AT)


@pytest.fixture
def ec2(clock):
    return Ec2(clock)


@pytest.fixture
def hosts(ec2, clock):
    return BuildHosts(ec2, TEMPLATES, clock)


def a_run(environment_id=None):
    return Run(new_id(), environment_id or new_id(), Stack.EVENT, Action.PLAN, "c" * 40, {}, AT)


async def asked_each_minute(hosts, clock, run, minutes=150):
    """Ask for the host each minute; return the answers."""
    answers = []
    for _ in range(minutes):
        try:
            answers.append(await hosts.ensure(run))
            if isinstance(answers[-1], Starting):  # as `StackRunner` records it
                run = run.starting(answers[-1].host, clock.now())
        except NoHostStays as error:
            answers.append(error)
        clock.advance(60)
    return answers


async def test_five_are_started_with_longer_and_longer_pauses_and_then_no_more(hosts, ec2, clock):
    answers = await asked_each_minute(hosts, clock, a_run())
    starts = [(each["LaunchTime"] - AT) // timedelta(minutes=1) for each in ec2.instances]
    assert starts == [0, 1, 3, 7, 15]
    assert len(starts) == MOST_HOSTS
    assert isinstance(answers[-1], NoHostStays)
    first = next(number for number, each in enumerate(answers) if isinstance(each, NoHostStays))
    assert first == 16
    assert answers[-1].detail.startswith(
        "5 build hosts were terminated while they started: i-0 (small-a in zone-a: Clie"
    )


@pytest.mark.parametrize("hidden_after", [timedelta(minutes=1), timedelta(hours=1)])
async def test_also_if_aws_forgets_their_tags_or_hides_them_before_the_count_is_full(hosts, ec2, clock, hidden_after):
    ec2.forgets, ec2.hidden_after = True, hidden_after
    answers = await asked_each_minute(hosts, clock, a_run(), minutes=300)
    assert len(ec2.instances) == MOST_HOSTS
    assert isinstance(answers[-1], NoHostStays)


async def test_one_that_is_not_listed_yet_is_waited_for_and_not_counted(hosts, ec2, clock):
    ec2.mortal, ec2.listed_after, ec2.hidden_after = False, timedelta(minutes=4), timedelta()
    answers = await asked_each_minute(hosts, clock, a_run(), minutes=5)
    assert [each.reason for each in answers] == [
        "build host i-0 is pending",
        *["build host i-0 is not listed, without its tags"] * 3,
        "build host i-0 is pending",
    ]
    assert len(ec2.instances) == 1


async def test_each_comes_from_the_next_zone_or_type(hosts, ec2, clock):
    await asked_each_minute(hosts, clock, a_run())
    assert ec2.templates == ["lt-small-a", "lt-small-b", "lt-big-a", "lt-small-a", "lt-small-b"]


async def test_people_hear_of_it_from_the_third_on(hosts, ec2, clock):
    answers = await asked_each_minute(hosts, clock, a_run(), minutes=16)
    told = [(number, each.trouble) for number, each in enumerate(answers) if isinstance(each, NotYet) and each.trouble]
    assert told[0][0] == 4  # the third was started at 3
    assert told[0][1].startswith("3 build hosts were terminated while they started: ")
    assert all(not each.trouble for each in answers[:4])


async def test_one_that_stays_ends_it(hosts, ec2, clock):
    run = a_run()
    await asked_each_minute(hosts, clock, run, minutes=3)
    ec2.mortal = False
    for _ in range(5):
        waiting = await hosts.ensure(run)
        assert waiting.reason == "build host i-2 is pending"
        clock.advance(60)
    assert len(ec2.instances) == 3


async def test_another_run_is_counted_anew(hosts, ec2, clock):
    one = a_run()
    await asked_each_minute(hosts, clock, one, minutes=20)
    assert isinstance(await hosts.ensure(a_run(one.environment_id)), NotYet)
    assert len(ec2.instances) == MOST_HOSTS + 1


@pytest.mark.parametrize("code", ["InsufficientInstanceCapacity", "VcpuLimitExceeded", "Unsupported"])
async def test_where_aws_has_no_room_the_next_place_is_asked_at_once(hosts, ec2, code):
    ec2.no_room = dict.fromkeys(TEMPLATES[:2], code)
    await hosts.ensure(a_run())
    assert ec2.templates == ["lt-big-a"]


async def test_where_aws_has_no_room_at_all_it_says_so(hosts, ec2):
    ec2.no_room = dict.fromkeys(TEMPLATES, "InsufficientInstanceCapacity")
    with pytest.raises(HostUnavailable, match="RunInstances: InsufficientInstanceCapacity"):
        await hosts.ensure(a_run())


async def test_any_other_refusal_is_not_asked_again_elsewhere(hosts, ec2):
    ec2.no_room = {TEMPLATES[0]: "InvalidLaunchTemplateId.NotFound"}
    with pytest.raises(HostUnavailable, match="InvalidLaunchTemplateId"):
        await hosts.ensure(a_run())
    assert ec2.templates == []
