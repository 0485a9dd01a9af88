"""The operator's desk on AWS: the run table, and nothing of the mall's."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from marketday.accounts.tokens import public_jwks
from marketday.apps.aws import OnAws, Settings
from marketday.apps.aws_desk import NotConfigured, open_aws_desk, settings_of_environment
from marketday.environments.errors import NoPermit
from marketday.environments.model import Outcome, Step, StepRecord
from marketday.handback.errors import InvalidReceipt, UnknownReceipt
from marketday.handback.receipt import sign
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.run_table import NAME, run_table

MALL = "https://mall.example.com"
REGION = "ap-northeast-2"
ARN = f"arn:aws:lambda:{REGION}:123456789012:function:marketday-lifecycle"
FACTS = {
    "region": REGION,
    "hostname": "event.example.com",
    "certificate_arn": "arn:cert",
    "alarm_topic_arn": "arn:topic",
    "evidence_bucket": "marketday-logs",
    "other_cidrs": ["10.0.0.0/16"],
    "images": {name: f"{name}:1" for name in ("gate", "store", "worker", "migrate")},
    "mall": {
        "issuer": MALL,
        "jwks": "{}",
        "public_url": MALL,
        "payment_gateway_url": "https://pay.example.com",
        "payment_key_secret_arn": "arn:pay",
    },
}


@pytest.fixture
def key():
    return a_signing_key()


@pytest.fixture
def settings(key, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("MARKETDAY_SIGNING_KEY_FILE", raising=False)
    with run_table():
        ssm = boto3.client("ssm", region_name=REGION)
        ssm.put_parameter(Name="/marketday/stack", Type="String", Value=json.dumps(FACTS))
        ssm.put_parameter(Name="/marketday/jwks", Type="String", Value=json.dumps(public_jwks(key, MALL)))
        boto3.client("scheduler", region_name=REGION).create_schedule_group(Name="marketday")
        yield Settings(
            run_table=NAME,
            state_bucket="marketday-state",
            launch_template="lt-1",
            link_launch_template="lt-2",
            repository_url="https://git.example.com/marketday.git",
            repository_commit="c" * 40,
            stack_parameter="/marketday/stack",
            receipt_jwks="/marketday/jwks",
            schedule_group="marketday",
            scheduler_role_arn="arn:aws:iam::123456789012:role/marketday-scheduler",
            dead_letter_arn=f"arn:aws:sqs:{REGION}:123456789012:marketday-dead-letters",
            lifecycle_function_arn=ARN,
        )


async def test_a_drop_is_requested_and_its_receipt_is_read(settings, key):
    soon = datetime.now(UTC) + timedelta(days=9)
    drop = dawn_serum().model_copy(update={"opens_at": soon, "closes_at": soon + timedelta(hours=1)})
    async with open_aws_desk(settings) as desk:
        environment = await desk.service.request(drop)
        assert [one.id for one in await desk.store.living()] == [environment.id]
        schedules = boto3.client("scheduler", region_name=REGION).list_schedules(GroupName="marketday")["Schedules"]
        assert {each["Name"].split("-", 2)[2] for each in schedules} >= {"build", "close", "destroy", "tick"}
        with pytest.raises(UnknownReceipt):
            await desk.hand_back.receipt(environment.id)
        receipt = sign(key, MALL, environment.id, {"kind": "never-opened", "drop": drop.slug}, datetime.now(UTC))
        record = StepRecord(Step.HAND_BACK, Outcome.DONE, "", datetime.now(UTC))
        current = await desk.store.get(environment.id)
        done = current.having_done(Step.HAND_BACK, {"receipt": receipt.token}, record.at)
        saved = await desk.store.save(done, record)
        assert (await desk.hand_back.receipt(environment.id)).token == receipt.token
        forged = sign(a_signing_key(), MALL, environment.id, {"kind": "never-opened"}, record.at)
        await desk.store.save(saved.having_done(Step.HAND_BACK, {"receipt": forged.token}, record.at), None)
        with pytest.raises(InvalidReceipt):
            await desk.hand_back.receipt(environment.id)


async def test_an_operators_command_leaves_notices_to_the_function(settings):
    """It may not read Slack's webhook, and what it counts as told would be told to nobody."""
    soon = datetime.now(UTC) + timedelta(days=9)
    drop = dawn_serum().model_copy(update={"opens_at": soon, "closes_at": soon + timedelta(hours=1)})
    async with open_aws_desk(settings) as desk:
        new = await desk.service.request(drop)
        at = datetime.now(UTC)
        failed = new.having_failed(Step.PROVISION, "no quota", at)
        await desk.store.save(failed, StepRecord(Step.PROVISION, Outcome.FAILED, "no quota", at))
        await desk.service.advance(new.id)
        assert (await desk.store.get(new.id)).told == frozenset()
    await OnAws(settings).lambda_service().advance(new.id)
    assert [key.partition(":")[0] for key in (await desk.store.get(new.id)).told] == ["failed"]


async def test_a_permit_is_told_by_public_keys_and_signed_with_the_private_one(settings, key, tmp_path, monkeypatch):
    environment, until = new_id(), datetime(2027, 1, 1, tzinfo=UTC)
    async with open_aws_desk(settings) as desk:
        with pytest.raises(NoPermit, match="private key"):
            desk.permits.sign(environment, until, datetime.now(UTC))
        keyless = desk.permits
    (tmp_path / "key.json").write_text(json.dumps(key.as_dict(private=True)))
    monkeypatch.setenv("MARKETDAY_SIGNING_KEY_FILE", str(tmp_path / "key.json"))
    async with open_aws_desk(settings) as desk:
        assert keyless.until(desk.permits.sign(environment, until, datetime.now(UTC)), environment) == until


def test_nobody_requests_what_nobody_would_wake(settings, monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.setenv(f"MARKETDAY_{name.upper()}", str(getattr(settings, name)))
    assert settings_of_environment() == settings
    monkeypatch.delenv("MARKETDAY_LIFECYCLE_FUNCTION_ARN")
    with pytest.raises(NotConfigured, match=r"^MARKETDAY_LIFECYCLE_FUNCTION_ARN: missing"):
        settings_of_environment()


def test_each_setting_that_is_missing_or_wrong_is_named_with_its_value(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MARKETDAY_{name.upper()}", raising=False)
    monkeypatch.setenv("MARKETDAY_REPOSITORY_COMMIT", "main")
    with pytest.raises(NotConfigured) as raised:
        settings_of_environment()
    assert "MARKETDAY_REPOSITORY_COMMIT is 'main': String should match pattern" in raised.value.detail
    for name in ("RUN_TABLE", "LIFECYCLE_FUNCTION_ARN"):
        assert f"MARKETDAY_{name}: " in raised.value.detail
