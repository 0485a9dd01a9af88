"""The steps of a recovery over an account in memory: what stops it, and what a repetition does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from marketday.provisioners.recovery.errors import RecoveryError, RegionAnswers, SomethingMissing
from marketday.provisioners.recovery.model import DatabaseCopy, Finding, Presence, RecoverySite, StepName
from marketday.provisioners.recovery.ports import Applied, RecoveryWish
from marketday.provisioners.recovery.service import RegionRecovery
from marketday.testing.clock import FakeClock

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
NOW = datetime(2030, 12, 10, 12, tzinfo=UTC)
SITE = RecoverySite(SEOUL, TOKYO, "us-west-2", "123456789012")
KEY = f"arn:aws:secretsmanager:{SEOUL}:123456789012:secret:drops/gateway-key-AbCdEf"
PERMANENT = {
    "hostname": "drop.example.com",
    "zone": {"name": "example.com"},
    "repository": {"commit": "0" * 40},
    "image_tag": None,
    "mall": {"payment_key_secret_arn": KEY},
    "database_ca_pem": "pem",
}
PROD = {"zones": ["a", "c"], "name": "marketday-prod"}
COPIES = [
    DatabaseCopy("marketday-prod", NOW - timedelta(minutes=5), "arn:mall", "arn:key"),
    DatabaseCopy("md-3f9a1c2e", NOW - timedelta(minutes=4), "arn:drop", "arn:key", drop="dawn-serum"),
]


class Killed(BaseException):
    """The process is gone."""


class World:
    """An account, and stacks: what was done stays done, whoever was killed."""

    def __init__(self):
        self.done, self.calls, self.applied = set(), [], {}
        self.latest = {}
        self.back, self.kill_at, self.missing = None, None, []
        self.values_of = {"permanent": dict(PERMANENT), "prod": dict(PROD)}
        self.found = list(COPIES)

    def step(self, name, told):
        """Do a step once; be killed in the middle of it, or after it, where a test says so."""
        self.calls.append(name)
        if self.kill_at == (name, "in"):
            self.kill_at = None
            raise Killed
        already = name in self.done
        self.done.add(name)
        if self.kill_at == (name, "after"):
            self.kill_at = None
            raise Killed
        return None if already else told

    async def answers(self, region):
        assert region == SEOUL
        return self.back is not None and (self.back in self.done or self.back == "first")

    async def copies(self):
        return self.found

    async def look(self, wanted):
        assert wanted.secrets[KEY.replace(SEOUL, TOKYO)]
        assert (wanted.hostname, wanted.image_tag, list(wanted.zones)) == ("drop.example.com", "0" * 40, ["a", "c"])
        return [Finding("image marketday/mall", Presence.THERE, "there"), *self.missing]

    async def fence(self):
        return self.step("fence", "fenced")

    async def base(self, template, _):
        assert template.startswith("AWSTemplateFormatVersion")
        return self.step("base", "made")

    async def free_secrets(self, names):
        assert "marketday-prod/signing-key" in names
        return self.step("secrets", "freed")

    async def restore(self, copies, network, _):
        assert [one.arn for one in copies] == ["arn:drop"]
        assert network == {"security_group_id": "sg-1"}
        return self.step("drops", "restored")

    def findings(self):
        return []

    async def values(self, stack, more):
        return {**self.values_of[stack], **more}

    async def outputs(self, stack):
        assert stack == "prod"
        return {"link": {"security_group_id": "sg-1"}} if "prod" in self.done else {}

    async def apply(self, stack, more, _):
        name = "facts" if stack == "permanent" and self.calls[-1] == "prod" else stack
        self.applied.setdefault(name, more)
        self.latest[name] = more
        told = self.step(name, "applied")
        return Applied(
            3 if told else 0, 1, {"controller_policy_arns": ["arn:p"], "link": {"security_group_id": "sg-1"}}
        )


@pytest.fixture
def world():
    return World()


@pytest.fixture
def recover(world, tmp_path):
    template = tmp_path / "infra" / "cloudformation"
    template.mkdir(parents=True)
    (template / "recovery.yaml").write_text("AWSTemplateFormatVersion")

    def make():
        return RegionRecovery(world, world, tmp_path, tmp_path / "work", FakeClock(NOW))

    return make


WISH = RecoveryWish(SITE)
SAID = []


async def test_a_recovery_goes_through_all_steps_and_a_second_one_changes_nothing(world, recover):
    record = await recover().run(WISH, SAID.append)
    assert world.calls == [name.value for name in StepName]
    assert world.applied["prod"]["restore_from"] == {"backups_arn": "arn:mall", "kms_key_arn": "arn:key"}
    assert world.applied["prod"]["region"] == TOKYO
    assert world.applied["permanent"]["prod"] is None
    assert world.applied["facts"]["prod"] == {"security_group_id": "sg-1"}
    assert world.applied["facts"]["mall"]["payment_key_secret_arn"] == KEY.replace(SEOUL, TOKYO)
    assert world.applied["facts"]["recovery_region"] is None
    world.found = []  # the copies' days are over: what is restored does not need them
    again = await recover().run(WISH, SAID.append)
    assert again.steps == record.steps
    assert world.latest["permanent"]["prod"] == {"security_group_id": "sg-1"}, "a repetition takes nothing away"


@pytest.mark.parametrize("name", [name.value for name in StepName])
@pytest.mark.parametrize("where", ["in", "after"])
async def test_who_is_killed_at_a_step_is_repeated_and_ends(world, recover, name, where):
    """And the database is made from the copy that was chosen first, also if a newer one has come since."""
    world.kill_at = (name, where)
    with pytest.raises(Killed):
        await recover().run(WISH, SAID.append)
    world.found = [replace(COPIES[0], latest=NOW, arn="arn:newer"), COPIES[1]]
    record = await recover().run(WISH, SAID.append)
    assert set(record.steps) == set(StepName)
    assert world.done == {each.value for each in StepName}
    assert world.applied["prod"]["restore_from"]["backups_arn"] == "arn:mall"


async def test_nothing_begins_while_something_is_missing(world, recover):
    world.missing = [Finding("image marketday/gate", Presence.MISSING, "is not there", "Push it")]
    with pytest.raises(SomethingMissing, match=r"image marketday/gate: is not there\. Push it"):
        await recover().run(WISH, SAID.append)
    assert world.calls == []
    await recover().run(replace(WISH, without=frozenset({"image marketday/gate"})), SAID.append)
    assert len(world.calls) == len(StepName)


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda world: world.values_of["prod"].update(zones_of="ap-northeast-2c"), "prod.zones_of name ap-northeast-2"),
        (lambda world: world.values_of["permanent"].update(mall=None) or world.found.clear(), "no copied backups"),
        (lambda world: world.found.__setitem__(0, replace(COPIES[0], latest=NOW - timedelta(hours=3))), "--oldest 181"),
        (lambda world: setattr(world, "back", "first"), "ap-northeast-2 answers"),
    ],
)
async def test_what_is_missing_is_named_with_what_to_do(world, recover, break_it, words):
    world.look = lambda _: none()
    break_it(world)
    found = await recover().plan(WISH)
    assert words in "\n".join(one.line() for one in found if one.state is Presence.MISSING)
    assert world.calls == []


async def none():
    return []


async def test_quotas_that_the_recovery_itself_has_used_do_not_stop_its_repetition(world, recover):
    world.kill_at = ("prod", "in")
    with pytest.raises(Killed):
        await recover().run(WISH, SAID.append)
    world.missing = [Finding("quota of VPCs", Presence.MISSING, "needs 2, 5 allowed, 4 used")]
    await recover().run(WISH, SAID.append)
    assert world.done == {each.value for each in StepName}


@pytest.mark.parametrize("step", ["fence", "permanent", "prod"])
async def test_a_region_that_comes_back_stops_the_recovery_until_a_person_decides(world, recover, step):
    world.back = step
    with pytest.raises(RegionAnswers, match="two malls could sell"):
        await recover().run(WISH, SAID.append)
    assert world.calls[-1] == step
    with pytest.raises(SomethingMissing, match="ap-northeast-2 answers"):
        await recover().run(WISH, SAID.append)
    record = await recover().run(replace(WISH, although_it_answers=True), SAID.append)
    assert record.came_back == NOW
    assert set(record.steps) == set(StepName)


async def test_a_record_of_another_recovery_or_of_nothing_is_not_continued(world, recover, tmp_path):
    await recover().run(WISH, SAID.append)
    with pytest.raises(RecoveryError, match="with copies to us-west-2"):
        await recover().run(replace(WISH, site=replace(SITE, copies_to="ap-northeast-3")), SAID.append)
    (tmp_path / "work" / "record.json").write_text('{"lost": 1')
    with pytest.raises(RecoveryError, match="expected what a recovery wrote"):
        await recover().run(WISH, SAID.append)
