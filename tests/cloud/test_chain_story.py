"""The whole chain and back: a schedule's input, functions, Secrets Manager, EC2, a real sshd, a clone, Terraform."""

import asyncio
import json
from contextlib import contextmanager
from types import SimpleNamespace

import boto3
import pytest

from marketday.apps import aws_lambda
from marketday.environments.model import State, Step
from marketday.provisioners.sweep.aws import AwsSweep

from .build_host import a_machine, make_keys, repository_of
from .chain_stacks import EVENT
from .emulated import REGION
from .lifecycle_account import ARN, Chain, a_slack
from .provider import running_provider
from .terraform import LESS_WORK

LOCK_ID = "6d8f4f0e-0f4e-4f0a-9a53-0123456789ab"


@contextmanager
def holding_the_state(machine, environment_id):
    """Hold the state's lock as another Terraform would."""
    held = {"ID": LOCK_ID, "Operation": "OperationTypeApply", "Who": "somebody@else", "Version": "1.11.4"}
    body = json.dumps({**held, "Info": "", "Created": "2026-12-09T13:00:00Z", "Path": "here"})
    place = {"Bucket": machine.bucket, "Key": f"environments/{environment_id}/event.tfstate.tflock"}
    machine.client("s3").put_object(**place, Body=body)
    yield
    machine.client("s3").delete_object(**place)


@pytest.fixture
def reached(terraform, account):
    """What leads Terraform to one provider for the whole story."""
    with running_provider(terraform.provider, {**LESS_WORK, **account.environment}) as reached:
        yield reached


def test_from_a_schedules_input_to_a_stack_and_back_to_nothing(account, terraform, reached, tmp_path, wired):
    repository, commit = repository_of(tmp_path / "theirs", "infra/terraform/event/main.tf", EVENT)
    settings = {**account.environment, **reached, "TF_CLI_CONFIG_FILE": str(terraform.settings)}
    public = asyncio.run(make_keys(account))
    with a_slack() as slack, a_machine(account, tmp_path, public, settings) as machine:
        chain = wired(Chain(machine, str(repository), commit, slack))
        drop = chain.request("dawn-serum")
        schedules = drop.schedules
        assert {"build", "room", "close", "destroy", "tick"} <= set(schedules)

        chain.clock.reach(drop.day.build_at)
        came = aws_lambda.handler(schedules["build"], SimpleNamespace(invoked_function_arn=ARN))
        assert (came["wake"], came["state"]) == ("build", "provisioning")
        with holding_the_state(machine, drop.id):
            drop.wake_until(state=State.FAILED)
        [told] = slack.said("failed")
        assert f"terraform -chdir=infra/terraform/event force-unlock {LOCK_ID}" in told
        account.fail("ssm", "PutParameter", "ParameterLimitExceeded", contains="second")
        drop.retry()
        drop.wake_until(state=State.FAILED)
        _, told = slack.said("failed")
        for part in (str(drop.id), "ParameterLimitExceeded", "s3://", f"marketday env retry {drop.id}"):
            assert part in told
        drop.retry()
        record = drop.wake_until(step=Step.PROVISION)
        assert record.outputs["public_url"] == "https://event.example.com"
        built = [("plan", "done"), ("apply", "failed"), ("plan", "done"), ("apply", "done")]
        assert drop.runs == [("plan", "failed"), *built]
        assert len(slack.said("failed")) == 2
        assert len(slack.said("recovered")) == 2
        assert drop.instances("pending", "running") == []  # given back with each end but that of a plan
        found = machine.client("ssm").get_parameters_by_path(Path=f"/{drop.name}")["Parameters"]
        assert len(found) == 2

        drop.to_the_end()
        assert drop.runs[-1] == ("destroy", "done")
        assert drop.schedules == {}
        assert drop.instances("pending", "running") == []
        left = asyncio.run(AwsSweep(boto3.Session().client, [REGION]).leftovers(drop.id))
        assert [str(each) for each in left if each.blocks] == []
