"""A build host that dies in the middle of its run: killed with all that ran on it, and never seen again."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from marketday.environments.model import State, Step
from marketday.provisioners.terraform.model import Action, RunState

from .build_host import a_machine, make_keys, repository_of
from .chain_stacks import gated
from .lifecycle_account import Chain, a_slack
from .provider import running_provider
from .terraform import LESS_WORK

WAIT_SECONDS = 120


class Gate:
    """A place in the middle of an apply, where it waits while `hold` exists."""

    def __init__(self, folder: Path):
        self.hold, self.reached = folder / "hold", folder / "reached"
        self.hold.touch()


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path)


@pytest.fixture
def lost(account, terraform, tmp_path, wired, gate):
    """A drop whose build host died in its apply, at the gate."""
    repository, commit = repository_of(tmp_path / "theirs", "infra/terraform/event/main.tf", gated(gate))
    public = asyncio.run(make_keys(account))
    with running_provider(terraform.provider, {**LESS_WORK, **account.environment}) as reached:
        settings = {**account.environment, **reached, "TF_CLI_CONFIG_FILE": str(terraform.settings)}
        with a_slack() as slack, a_machine(account, tmp_path, public, settings) as machine:
            drop = wired(Chain(machine, str(repository), commit, slack)).request("dawn-serum", hours=12)
            drop.chain.clock.reach(drop.day.build_at)
            dies_at(drop, gate)
            gate.hold.unlink()
            yield drop


def dies_at(drop, gate):
    """Let minutes pass until the apply waits at the gate; then kill its processes, and end its machine."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not gate.reached.exists():
        assert time.monotonic() < deadline, drop.runs
        drop.wake()
        if drop.runs and drop.runs[-1][0] == Action.PLAN:
            drop.run_ends()
        time.sleep(0.2)
    machine = drop.chain.machine
    [pid] = [
        int(each.read_text())
        for each in machine.folder.glob(f"runs/{drop.id}/event/*/pid")
        if not (each.parent / "exit").exists()
    ]
    os.killpg(pid, signal.SIGKILL)
    [living] = drop.instances("pending", "running")
    machine.client("ec2").terminate_instances(InstanceIds=[living["InstanceId"]])


def lock_of(drop):
    found = drop.chain.machine.client("s3").list_objects_v2(Bucket=drop.chain.machine.bucket, Prefix="environments/")
    return [each["Key"] for each in found.get("Contents", ()) if each["Key"].endswith(".tflock")]


def forget_all(drop):
    """Let there be no state, as after a death in the first twenty seconds: Terraform writes it no sooner."""
    place = {"Bucket": drop.chain.machine.bucket, "Key": f"environments/{drop.id}/event.tfstate"}
    drop.chain.machine.client("s3").delete_object(**place)


def adopted(drop):
    runs = asyncio.run(drop.chain.operator().runs.of_environment(drop.id))
    return [set(run.imports) for run in runs if run.imports]


@pytest.mark.long
def test_a_host_that_dies_in_apply_is_followed_by_another_that_goes_on(lost):
    drop = lost
    assert drop.runs[-1] == (Action.APPLY, RunState.RUNNING)
    assert len(lock_of(drop)) == 1
    drop.wake()
    assert drop.runs[-1] == (Action.APPLY, RunState.FAILED)
    assert len(lock_of(drop)) == 1
    forget_all(drop)
    drop.chain.clock.pass_(seconds=31)
    record = drop.wake_until(step=Step.PROVISION)
    assert record.outputs["public_url"] == "https://event.example.com"
    network = {f"aws_{each}.this" for each in ("internet_gateway", "route_table", "subnet", "vpc")}
    inside = {f"aws_{each}.this" for each in ("route", "route_table_association")}
    first = {"aws_ssm_parameter.first", *network}
    assert adopted(drop) == [first, first | inside]
    assert lock_of(drop) == []
    assert drop.chain.slack.said("failed") == []
    vpcs = drop.chain.machine.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.77.0.0/16"]}])
    assert len(vpcs["Vpcs"]) == 1
    drop.to_the_end()
    assert drop.record.state is State.DESTROYED
    assert drop.instances("pending", "running") == []


@pytest.mark.long
def test_what_a_lost_run_made_is_destroyed_although_its_state_does_not_know_it(lost):
    drop = lost
    drop.wake()
    forget_all(drop)
    drop.chain.clock.pass_(seconds=31)
    asyncio.run(drop.chain.operator().lambda_service().destroy(drop.id))
    drop.others_do(Step.HAND_BACK)
    drop.chain.clock.reach(drop.day.destroy_at)
    assert drop.wake_until(state=State.DESTROYED)
    assert drop.runs[-1] == (Action.DESTROY, RunState.DONE)
    assert len(adopted(drop)) == 3  # two plans, and the destroy
