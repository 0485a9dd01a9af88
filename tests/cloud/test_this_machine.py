"""Terraform on this machine, for real: a stack of Terraform's own `terraform_data` needs no provider and no AWS."""

import asyncio
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from marketday.environments.ports import NotYet
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import PlanOutdated, RunFailed, RunLost
from marketday.provisioners.terraform.model import Action, Run, RunState, Stack
from marketday.provisioners.terraform.running import StackRunner
from marketday.provisioners.terraform.script import Source, folder
from marketday.provisioners.terraform.this_machine import ThisMachine
from marketday.testing.terraform import MemoryRuns

from .build_host import git, repository_of

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on the PATH")

STACK = """
variable "colour" { type = string }
variable "broken" {
  type    = bool
  default = false
}
resource "terraform_data" "colour" {
  input = var.colour
  lifecycle {
    precondition {
      condition     = !var.broken
      error_message = "broken is true; expected false."
    }
  }
}
resource "terraform_data" "slow" {
  count = var.colour == "slow" ? 1 : 0
  provisioner "local-exec" { command = "sleep 60" }
}
output "colour" { value = terraform_data.colour.output }
"""


class Workshop:
    def __init__(self, where):
        self.repository, self.commit = repository_of(where / "repository", "infra/terraform/event/main.tf", STACK)
        self.work = where / "work"
        self.host = ThisMachine(self.work, Source(str(self.repository), {}), {"CHECKPOINT_DISABLE": "1"})
        self.runs = MemoryRuns()
        self.runner = StackRunner(self.runs, self.host, self.commit, SystemClock())
        self.environment = new_id()

    async def until_done(self, call):
        async with asyncio.timeout(120):
            while isinstance(result := await call(), NotYet):
                await asyncio.sleep(0.05)
        return result

    async def planned(self, **variables):
        return await self.until_done(lambda: self.runner.planned(self.environment, Stack.EVENT, variables))

    async def applied(self, **variables):
        return await self.until_done(
            lambda: self.runner.applied(self.environment, Stack.EVENT, variables, lambda _: None)
        )

    async def destroyed(self):
        return await self.until_done(lambda: self.runner.destroyed(self.environment, Stack.EVENT))

    def state(self):
        return json.loads((self.work / str(self.environment) / "event" / "state.tfstate").read_text())


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)


async def test_planned_applied_changed_and_destroyed(workshop):
    plan = await workshop.planned(colour="red")
    assert plan.changes == ("+ terraform_data.colour",)
    assert Path(plan.log).is_file()
    applied = await workshop.applied(colour="red")
    assert applied.plan_of == plan.id
    assert applied.outputs == {"colour": "red"}
    assert (await workshop.applied(colour="blue")).outputs == {"colour": "blue"}
    await workshop.destroyed()
    assert workshop.state()["resources"] == []
    assert [run.action for run in await workshop.runs.of_environment(workshop.environment)] == [
        *[Action.PLAN, Action.APPLY] * 2,
        Action.DESTROY,
    ]


async def test_a_plan_older_than_its_state_is_refused_and_made_anew(workshop):
    await workshop.applied(colour="red")
    await workshop.planned(colour="blue")
    other = StackRunner(MemoryRuns(), workshop.host, workshop.commit, SystemClock())
    await workshop.until_done(
        lambda: other.applied(workshop.environment, Stack.EVENT, {"colour": "green"}, lambda _: None)
    )
    with pytest.raises(PlanOutdated, match=r"the plan was made of state \d+ .*, the state is now \d+ "):
        await workshop.applied(colour="blue")
    assert workshop.state()["outputs"]["colour"]["value"] == "green"
    assert (await workshop.applied(colour="blue")).outputs == {"colour": "blue"}


async def test_what_terraform_refuses_is_told_in_its_own_words(workshop):
    with pytest.raises(RunFailed, match="plan: Resource precondition failed"):
        await workshop.planned(colour="red", broken=True)
    workshop.runner = StackRunner(workshop.runs, workshop.host, "0" * 40, SystemClock())
    with pytest.raises(RunFailed, match="clone: "):
        await workshop.planned(colour="red")


async def test_a_run_whose_process_is_killed_is_lost_and_followed_by_another(workshop):
    plan = await workshop.planned(colour="slow")
    apply = await workshop.runs.save(
        Run(
            new_id(), workshop.environment, Stack.EVENT, Action.APPLY, workshop.commit, plan.variables,
            SystemClock().now(), plan.id,
        )
    )  # fmt: skip
    begun = await workshop.host.begin(apply)
    assert await workshop.host.begin(apply) == begun  # begun once
    process = int(begun.host.removeprefix("process "))
    os.killpg(process, signal.SIGKILL)
    with pytest.raises(RunLost, match=str(apply.id)):
        await workshop.until_done(lambda: workshop.host.outcome(apply))
    with pytest.raises(RunLost):
        await workshop.runner.applied(workshop.environment, Stack.EVENT, plan.variables, lambda _: None)
    assert (await workshop.runs.latest(workshop.environment, Stack.EVENT)).state is RunState.FAILED
    assert (await workshop.applied(colour="red")).outputs == {"colour": "red"}


async def test_another_commit_is_cloned_anew(workshop):
    await workshop.applied(colour="red")
    changed = STACK.replace('output "colour"', 'output "shade"')
    (workshop.repository / "infra/terraform/event/main.tf").write_text(changed)
    who = ["-c", "user.name=Marketday", "-c", "user.email=tests@marketday.example"]
    git(workshop.repository, *who, "commit", "-qam", "shade")
    commit = git(workshop.repository, "rev-parse", "HEAD")
    workshop.runner = StackRunner(workshop.runs, workshop.host, commit, SystemClock())
    assert (await workshop.applied(colour="red")).outputs == {"shade": "red"}
    assert folder(await workshop.runs.latest(workshop.environment, Stack.EVENT)).startswith(str(workshop.environment))
