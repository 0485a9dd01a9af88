"""The chain's half from EC2 on: an instance, SSH into a real sshd, a clone, a real Terraform, and nothing left.

One story, because every start of Terraform costs seconds: a small stack is planned, meets a locked state and a
resource that fails, is built all the same, and destroyed.
"""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from marketday.environments.ports import NotYet
from marketday.environments.terraform.errors import RunLost
from marketday.environments.terraform.model import Action, Exit, Run, Stack, locked_by, reason
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id

from .build_host import a_machine, make_keys, repository_of
from .chain_stacks import EVENT
from .emulated import REGION

RUN_SECONDS = 300
HOSTNAME = "event.example.com"
LOCK_ID = "6d8f4f0e-0f4e-4f0a-9a53-0123456789ab"


class Story:
    """The runs of one environment, driven as the lifecycle drives them."""

    def __init__(self, machine, repository, commit):
        self.machine = machine
        self.environment_id = new_id()
        self.host = machine.host(repository, SystemClock())
        self.commit = commit
        self.name = f"md-{self.environment_id.hex[-8:]}"

    def a_run(self, action, **fields):
        variables = {"region": REGION, "environment_id": str(self.environment_id), "hostname": HOSTNAME}
        run = Run(new_id(), self.environment_id, Stack.EVENT, action, self.commit, variables, datetime.now(UTC))
        return replace(run, **fields)

    async def begin(self, run):
        while isinstance(came := await self.host.begin(run), NotYet):
            await asyncio.sleep(0.1)
        return run.begun(came.host)

    async def drive(self, action, **fields):
        run = await self.begin(self.a_run(action, **fields))
        deadline = asyncio.get_running_loop().time() + RUN_SECONDS
        while isinstance(came := await self.host.outcome(run), NotYet):
            assert asyncio.get_running_loop().time() < deadline, came
            await asyncio.sleep(0.5)
        return run, came

    @property
    def parameters(self):
        found = self.machine.client("ssm").describe_parameters()["Parameters"]
        return sorted(each["Name"] for each in found if each["Name"].startswith(f"/{self.name}/"))

    def kept(self, place):
        bucket, _, key = place.removeprefix("s3://").partition("/")
        return self.machine.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()

    def lock(self):
        """Hold the state's lock as another Terraform would."""
        held = {"ID": LOCK_ID, "Operation": "OperationTypeApply", "Who": "somebody@else", "Version": "1.11.4"}
        body = json.dumps({**held, "Info": "", "Created": "2026-12-09T13:00:00Z", "Path": "here"})
        self.machine.client("s3").put_object(Bucket=self.machine.bucket, Key=self.lock_key, Body=body)

    def unlock(self):
        self.machine.client("s3").delete_object(Bucket=self.machine.bucket, Key=self.lock_key)

    @property
    def lock_key(self):
        return f"environments/{self.environment_id}/event.tfstate.tflock"


@pytest.fixture
async def story(account, terraform, tmp_path):
    repository, commit = repository_of(tmp_path / "theirs", "infra/terraform/event/main.tf", EVENT)
    settings = {**account.environment, "TF_CLI_CONFIG_FILE": str(terraform.settings)}
    with a_machine(account, tmp_path, await make_keys(account), settings) as machine:
        story = Story(machine, repository, commit)
        try:
            yield story
        finally:
            await story.host.release(story.environment_id)


async def test_from_no_instance_to_a_stack_and_back_to_nothing(story):
    _, came = await story.drive(Action.PLAN, commit="0" * 40)
    assert came.exit_code == Exit.CLONE
    assert reason(came).startswith("clone: ")

    plan, came = await story.drive(Action.PLAN)
    assert came.exit_code == Exit.DONE, came.log
    assert [str(each) for each in came.changes] == ["+ aws_ssm_parameter.first", "+ aws_ssm_parameter.second"]
    assert story.parameters == []

    story.lock()
    _, came = await story.drive(Action.APPLY, plan_of=plan.id)
    assert came.exit_code == Exit.APPLY, came.log
    assert locked_by(came.log) == LOCK_ID
    story.unlock()

    story.machine.account.fail("ssm", "PutParameter", "ParameterLimitExceeded", contains="second")
    _, came = await story.drive(Action.APPLY, plan_of=plan.id)
    assert came.exit_code == Exit.APPLY, came.log
    assert "ParameterLimitExceeded" in reason(came)
    assert story.parameters == [f"/{story.name}/first"]

    _, came = await story.drive(Action.APPLY, plan_of=plan.id)
    assert came.exit_code == Exit.OUTDATED, came.log
    plan, came = await story.drive(Action.PLAN)
    assert [str(each) for each in came.changes] == ["+ aws_ssm_parameter.second"]
    _, came = await story.drive(Action.APPLY, plan_of=plan.id)
    assert came.exit_code == Exit.DONE, came.log
    assert came.outputs == {"public_url": f"https://{HOSTNAME}"}
    assert story.parameters == [f"/{story.name}/first", f"/{story.name}/second"]
    assert "Apply complete! Resources: 1 added" in story.kept(came.log_place)

    run, came = await story.drive(Action.DESTROY)
    assert came.exit_code == Exit.DONE, came.log
    assert story.parameters == []
    assert len(story.machine.instances()) == 1
    await story.host.release(story.environment_id)
    assert story.machine.instances("pending", "running", "stopping", "stopped") == []
    with pytest.raises(RunLost):
        await story.host.outcome(run)
