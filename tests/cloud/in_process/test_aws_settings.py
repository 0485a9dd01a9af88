"""The functions' settings, against what the stack `permanent` gives them."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from marketday.apps import aws, aws_lambda
from marketday.environments.log import LogNotifier
from marketday.environments.slack import SlackNotifier
from marketday.provisioners.terraform.sns import SnsNotifier

FUNCTIONS = Path(__file__).resolve().parents[3] / "infra" / "terraform" / "modules" / "lifecycle" / "main.tf"
GIVEN = {
    "RUN_TABLE": "runs",
    "STATE_BUCKET": "state",
    "LAUNCH_TEMPLATE": "lt-1",
    "LINK_LAUNCH_TEMPLATE": "lt-2",
    "REPOSITORY_URL": "https://git.example.com/marketday.git",
    "REPOSITORY_COMMIT": "0" * 40,
    "STACK_PARAMETER": "/marketday/stack",
    "RECEIPT_JWKS": "/marketday/jwks",
    "SCHEDULE_GROUP": "marketday",
    "SCHEDULER_ROLE_ARN": "arn:role",
    "DEAD_LETTER_ARN": "arn:queue",
}


def variables(function):
    """Return the environment of a function in the stack."""
    text = FUNCTIONS.read_text("utf-8").partition(f'resource "aws_lambda_function" "{function}"')[2]
    return set(re.findall(r"^ +MARKETDAY_(\w+) +=", text.partition("\nresource ")[0], re.MULTILINE))


@pytest.mark.parametrize(("function", "model"), [("lifecycle", aws.Settings), ("shell", aws_lambda.Settings)])
def test_the_stack_gives_each_function_what_it_needs(function, model):
    required = {name.upper() for name, field in model.model_fields.items() if field.is_required()}
    assert required <= variables(function)
    known = {name.upper() for settings in (aws.Settings, aws_lambda.Settings) for name in settings.model_fields}
    assert variables(function) <= known


@pytest.mark.parametrize(
    ("name", "value"),
    [("REPOSITORY_COMMIT", "main"), ("LANGUAGE", "fr"), ("BUILD_BY", "laptop"), ("RUN_TABLE", None)],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value):
    for each, given in {**GIVEN, name: value}.items():
        if given is not None:
            monkeypatch.setenv(f"MARKETDAY_{each}", given)
    with pytest.raises(ValidationError, match=name.lower()):
        aws.Settings()


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        ({}, [LogNotifier]),
        ({"ALARM_TOPIC_ARN": "arn:topic"}, [SnsNotifier]),
        ({"SLACK_SECRET": "slack"}, [SlackNotifier, LogNotifier]),
        ({"SLACK_SECRET": "slack", "ALARM_TOPIC_ARN": "arn:topic"}, [SlackNotifier, SnsNotifier]),
    ],
)
def test_notices_go_to_slack_and_otherwise_to_the_topic_of_alarms(monkeypatch, given, kinds):
    for name, value in (GIVEN | given).items():
        monkeypatch.setenv(f"MARKETDAY_{name}", value)
    on_aws = aws.OnAws(aws.Settings(), aws.AwsSite(client=lambda _: None))
    ways = [on_aws.notifier, *([on_aws.notifier._otherwise] if "SLACK_SECRET" in given else [])]
    assert [type(way) for way in ways] == kinds
