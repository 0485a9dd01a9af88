"""Notices through SNS: what arrives at somebody who is subscribed, also when Slack's webhook is revoked."""

import json

import boto3
import pytest
from moto import mock_aws
from tests.unit.environments.test_slack import AT, hook  # noqa: F401 - a fixture

from marketday.environments.model import Step
from marketday.environments.notices import Notice, NoticeKind
from marketday.environments.slack import SlackNotifier
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.sns import SnsNotifier
from marketday.testing.clock import FakeClock

REGION = "ap-northeast-2"


@pytest.fixture
def topic(monkeypatch):
    """A topic, and a queue that is subscribed to it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        sns, sqs = boto3.client("sns", REGION), boto3.client("sqs", REGION)
        arn, queue = sns.create_topic(Name="alarms")["TopicArn"], sqs.create_queue(QueueName="reader")["QueueUrl"]
        read = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=read)

        def arrived():
            got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(each["Body"]) for each in got]

        yield sns, arn, arrived


def notice(drop="dawn-serum"):
    environment = new_id()
    return Notice(
        "key", NoticeKind.NO_GO, environment, drop, "Asia/Seoul", Step.PROVISION, "apply: password=hunter2 no quota",
        AT, f"marketday env retry {environment}", "s3://b/r.log",
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_notice_arrives_with_its_reason_and_command_and_without_secrets(topic, language):
    sns, arn, arrived = topic
    one = notice()
    assert await SnsNotifier(sns, arn, language).notify(one)
    [got] = arrived()
    assert got["Subject"] == "Marketday: no go, provision, dawn-serum"
    for part in (str(one.environment_id), "no quota", "s3://b/r.log", one.command):
        assert part in got["Message"]
    assert "hunter2" not in got["Message"]


async def test_a_subject_is_one_that_sns_takes(topic):
    sns, arn, arrived = topic
    assert await SnsNotifier(sns, arn, "ko").notify(notice("새벽-세럼-" + "x" * 120))
    [got] = arrived()
    assert got["Subject"].isascii()
    assert len(got["Subject"]) < 100


async def test_a_topic_that_is_not_there_stops_nothing(topic):
    sns, arn, arrived = topic
    assert not await SnsNotifier(sns, f"{arn}-of-nobody", "en").notify(notice())
    assert arrived() == []


async def test_what_a_revoked_webhook_refuses_arrives_by_the_topic(topic, hook):  # noqa: F811 - the fixture
    sns, arn, arrived = topic
    hook.status = 404
    slack = SlackNotifier(hook.address, "en", FakeClock(AT), SnsNotifier(sns, arn, "en"))
    assert await slack.notify(notice())
    assert len(hook.got) == 1
    assert len(arrived()) == 1
