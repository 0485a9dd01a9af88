"""What the mall's controller is granted, against the calls of its code: nothing is missing, nothing is too much."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

ROOT = Path(__file__).resolve().parents[4]
SOURCE, LIFECYCLE = ROOT / "src" / "marketday", ROOT / "infra" / "terraform" / "modules" / "lifecycle"
# What apps/aws.py and apps/aws_lifecycle.py put together for the controller, and the service that each part calls.
CALLERS = {
    "apps/aws.py": "ssm",
    "environments/dynamodb/*.py": "dynamodb",
    "handback/dms.py": "dms",
    "handback/secretsmanager.py": "secretsmanager",
    "provisioners/terraform/ec2.py": "ec2",
    "provisioners/terraform/eventbridge.py": "scheduler",
    "provisioners/terraform/far_shell.py": "lambda",
    "provisioners/terraform/[blr]*.py": "s3",  # build hosts, locks, remote runs
    "provisioners/terraform/sns.py": "sns",
    "provisioners/terraform/ssm.py": "ssm",
}
# Operations that IAM calls by other names.
NAMED = {
    "dynamodb:TransactWriteItems": {
        "dynamodb:ConditionCheckItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    },
    "lambda:Invoke": {"lambda:InvokeFunction"},
    "s3:DeleteObject": {"s3:DeleteObjectVersion"},
}
# What no operation is named after, and why it is granted.
BESIDES = {
    "ec2:CreateTags",  # of a new build host, by its template
    "iam:PassRole",  # to a build host, and to a schedule
    "kms:Decrypt",  # of parameters and secrets
    "kms:GenerateDataKey",  # of the results of runs
    "s3:GetObject",  # of states, and of what runs wrote
    "s3:ListBucket",  # or a missing object looks like a refusal
    "ssm:GetParameters",  # the image that a build host's template names
}


def text(name):
    return (LIFECYCLE / name).read_text("utf-8")


def granted():
    lists = re.findall(r"actions\s+= \[([^]]*)\]", text("hosts.tf") + text("work.tf") + text("controller.tf"))
    found = {action for each in lists for action in re.findall(r'"([^"]+)"', each)}
    assert len(found) > len(CALLERS)
    return found


def called():
    session, found = botocore.session.get_session(), set()
    for pattern, service in CALLERS.items():
        operations = {xform_name(name): name for name in session.get_service_model(service).operation_names}
        files = list(SOURCE.glob(pattern))
        assert files, pattern
        words = {word for file in files for word in re.findall(r'["\.]([a-z]+(?:_[a-z]+)*)\b', file.read_text("utf-8"))}
        found |= {f"{service}:{operations[word]}" for word in words & operations.keys()}
    return found


def seen():
    """Lists and descriptions, which test_sweep_rights compares with what a sweep asks."""
    block = text("looking.tf").partition("  looks = {\n")[2].partition("\n  }\n")[0]
    lines = re.findall(r'^    "?([\w-]+)"? += \[([^]]*)\]$', block, re.MULTILINE)
    return [f"{service}:{call}" for service, calls in lines for call in re.findall(r'"([^"]+)"', calls)]


def test_every_call_of_the_controller_is_granted():
    calls, patterns = called(), seen()
    assert len(patterns) > len(CALLERS)
    assert {"dms:StartReplicationTask", "ec2:RunInstances", "scheduler:ListSchedules", "dynamodb:Query"} <= calls
    needed = set().union(*(NAMED.get(call, {call}) for call in calls))
    lacking = [each for each in needed - granted() if not any(fnmatchcase(each, one) for one in patterns)]
    assert sorted(lacking) == []


def test_nothing_is_granted_that_the_controller_does_not_call():
    needed = set().union(*(NAMED.get(call, {call}) for call in called()))
    assert sorted(granted() - needed - BESIDES) == []
    assert granted() >= BESIDES


@pytest.mark.parametrize("action", ["logs:DeleteLogGroup", "iam:CreateRole", "dms:CreateReplicationTask", "rds:*"])
def test_the_controller_may_not_do_the_work_of_others(action):
    assert action not in granted()
