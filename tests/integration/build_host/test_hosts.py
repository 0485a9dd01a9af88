"""One suite for every host of Terraform: the scripted one behaves as this machine, where a script really runs."""

import asyncio
import os

import pytest

from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import RunLost
from marketday.provisioners.terraform.model import Action, Change, Exit
from marketday.provisioners.terraform.script import Source
from marketday.provisioners.terraform.this_machine import ThisMachine
from marketday.testing.terraform import ScriptedHost
from marketday.testing.terraform_program import StandIn

from .a_build_host import STACK, a_run, make_repository

COMMIT = "c" * 40
CHANGES = [Change("aws_vpc.this", ("create",))]


@pytest.fixture(params=["scripted", "this machine"])
def host(request, tmp_path):
    """A host, and the commit that its runs are of."""
    if request.param == "scripted":
        return ScriptedHost(), COMMIT
    (tmp_path / "tools").mkdir()
    StandIn(tmp_path / "tools")
    repository, commit = make_repository(tmp_path / "theirs", {f"{STACK}/main.tf": "# nothing\n"})
    path = os.pathsep.join([str(tmp_path / "tools"), os.environ["PATH"]])
    return ThisMachine(tmp_path / "work", Source(str(repository), {}), {"PATH": path}), commit


async def ended(host, run):
    async with asyncio.timeout(60):
        while isinstance(came := await host.outcome(run), NotYet):
            await asyncio.sleep(0.02)
    return came


async def test_a_run_is_begun_once_and_its_end_can_be_read_again(host):
    host, commit = host
    plan = a_run(new_id(), commit)
    begun = await host.begin(plan)
    assert await host.begin(plan) == begun
    outcome = await ended(host, plan)
    assert (outcome.exit_code, list(outcome.changes)) == (Exit.DONE, CHANGES)
    assert await ended(host, plan) == outcome
    for _ in range(2):
        await host.release(plan.environment_id)


async def test_an_apply_alone_has_outputs_and_a_destroy_no_changes(host):
    host, commit = host
    plan = a_run(new_id(), commit)
    await host.begin(plan)
    assert not (await ended(host, plan)).outputs
    apply = a_run(plan.environment_id, commit, Action.APPLY, plan_of=plan.id)
    await host.begin(apply)
    outcome = await ended(host, apply)
    assert "public_url" in outcome.outputs
    assert list(outcome.changes) == CHANGES
    destroy = a_run(plan.environment_id, commit, Action.DESTROY)
    await host.begin(destroy)
    outcome = await ended(host, destroy)
    assert (list(outcome.changes), outcome.outputs) == ([], {})


async def test_a_run_that_was_never_begun_is_lost(host):
    host, commit = host
    with pytest.raises(RunLost):
        await host.outcome(a_run(new_id(), commit))
