"""Each link from EC2 to a started run broken in turn, and mended: the right words, and the run is started once.

Terraform is a stand-in here; `test_chain_lambda.py` goes the whole way with the real one.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import asyncssh
import pytest

from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.build_host import BuildHost
from marketday.provisioners.terraform.errors import (
    AccessRefused,
    HostKeyDiffers,
    HostSilent,
    HostUnavailable,
    RunLost,
    SecretMissing,
)
from marketday.provisioners.terraform.keys import HOST_KEY_SECRET, SSH_SECRET
from marketday.provisioners.terraform.model import Action, Exit, Run, Stack

from .build_host import a_machine, make_keys, repository_of
from .emulated import REGION

TERRAFORM = """#!/bin/sh
echo "$2" >> "$(dirname "$0")/calls"
[ "$2" != show ] || echo '{}'
"""


class Later:
    """The true time, and some more."""

    def __init__(self):
        self.more = timedelta()

    def now(self):
        return datetime.now(UTC) + self.more


class Chain:
    """One environment's run on one machine, driven as the lifecycle drives it."""

    def __init__(self, machine, tools, repository, commit):
        self.machine, self.tools, self.clock = machine, tools, Later()
        self.host: BuildHost = machine.host(repository, self.clock)
        self.run = Run(new_id(), new_id(), Stack.EVENT, Action.PLAN, commit, {"region": REGION}, datetime.now(UTC))

    async def begin(self):
        """Begin until it runs, or something is wrong."""
        while isinstance(came := await self.host.begin(self.run), NotYet):
            if "pending" not in came.reason:
                return came
        self.run = self.run.begun(came.host)
        return came

    async def end(self):
        while isinstance(came := await self.host.outcome(self.run), NotYet):
            await asyncio.sleep(0.05)
        return came

    async def is_well(self, hosts=1):
        """Go on from wherever it stands: it runs, once, on the last of its hosts, and nothing is left at its end."""
        await self.begin()
        assert (await self.end()).exit_code == Exit.DONE
        calls = (self.tools / "calls").read_text().split()
        assert calls == ["init", "state", "plan", "show"]
        assert len(self.machine.instances()) == hosts
        assert [each["InstanceId"] for each in self.machine.instances("pending", "running")] == [self.run.host]
        await self.host.release(self.run.environment_id)
        assert self.machine.instances("pending", "running", "stopping", "stopped") == []


@pytest.fixture
async def chain(account, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "terraform").write_text(TERRAFORM)
    (tools / "terraform").chmod(0o755)
    repository, commit = repository_of(tmp_path / "theirs", "infra/terraform/event/main.tf", "# nothing\n")
    public = await make_keys(account)
    with a_machine(account, tmp_path, public, {}, tools) as machine:
        chain = Chain(machine, tools, repository, commit)
        try:
            yield chain
        finally:
            await chain.host.release(chain.run.environment_id)


async def test_ec2_that_gives_nothing(chain):
    chain.machine.account.fail("ec2", "RunInstances", "InsufficientInstanceCapacity")
    with pytest.raises(HostUnavailable, match="ec2:RunInstances: InsufficientInstanceCapacity"):
        await chain.begin()
    chain.machine.account.fail("ec2", "RunInstances", "UnauthorizedOperation")
    with pytest.raises(AccessRefused, match="ec2:RunInstances was refused"):
        await chain.begin()
    await chain.is_well()


async def test_no_secret(chain):
    secrets, kept = chain.machine.client("secretsmanager"), chain.machine.secret()
    secrets.delete_secret(SecretId=SSH_SECRET, ForceDeleteWithoutRecovery=True)
    with pytest.raises(SecretMissing, match=f"there is no secret '{SSH_SECRET}'; expected JSON"):
        await chain.begin()
    secrets.create_secret(Name=SSH_SECRET, SecretString=kept)
    await chain.is_well()


async def test_a_host_that_does_not_answer(chain):
    chain.machine.sshd.stop()
    assert "does not answer SSH" in (await chain.begin()).reason
    chain.clock.more = timedelta(minutes=10)
    with pytest.raises(HostSilent, match=r"build host i-\w+ at 127.0.0.1:\d+: does not answer SSH: .*; it is ended"):
        await chain.begin()
    assert chain.machine.instances("pending", "running") == []
    chain.machine.sshd.start()
    chain.clock.more = timedelta()
    await chain.is_well(hosts=2)


async def test_another_host_key(chain):
    sshd, other = chain.machine.sshd, asyncssh.generate_private_key("ssh-ed25519")
    sshd.stop()
    sshd.host_key(other.export_private_key().decode())
    sshd.start()
    with pytest.raises(HostKeyDiffers) as raised:
        await chain.begin()
    assert other.get_fingerprint() in raised.value.detail
    sshd.stop()
    sshd.host_key(chain.machine.secret(HOST_KEY_SECRET))
    sshd.start()
    await chain.is_well()


async def test_a_host_that_refuses_our_key(chain):
    chain.machine.sshd.let_in()
    with pytest.raises(HostUnavailable, match="refuses user"):
        await chain.begin()
    ours = asyncssh.import_private_key(json.loads(chain.machine.secret())["private_key"])
    chain.machine.sshd.let_in(ours.export_public_key().decode().strip())
    await chain.is_well()


async def test_a_host_that_goes_silent_while_it_works(chain):
    await chain.begin()
    chain.machine.sshd.stop()
    chain.clock.more = timedelta(minutes=10)
    with pytest.raises(HostUnavailable, match="does not answer SSH"):
        await chain.end()
    chain.machine.sshd.start()
    await chain.is_well()


async def test_a_host_that_is_silent_for_good_while_it_works(chain):
    await chain.begin()
    chain.machine.sshd.stop()
    chain.clock.more = timedelta(hours=4)
    with pytest.raises(RunLost, match=chain.run.host):
        await chain.end()
    assert chain.machine.instances("pending", "running") == []


async def test_a_log_that_cannot_be_kept(chain):
    await chain.begin()
    chain.machine.account.fail("s3", "PutObject", "AccessDenied")
    with pytest.raises(AccessRefused, match="s3:PutObject"):
        await chain.end()
    await chain.is_well()


async def test_a_host_that_ends_under_its_run(chain):
    await chain.begin()
    await chain.host.release(chain.run.environment_id)
    with pytest.raises(RunLost, match=chain.run.host):
        await chain.end()
