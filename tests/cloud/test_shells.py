"""One suite for both ways to a build host: SSH to a real sshd, Run Command to an agent that runs what it is sent."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.integration.build_host.an_agent import Agent

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform import ssm
from marketday.provisioners.terraform.shell import Host, Reply
from marketday.provisioners.terraform.ssm import SsmShell

from .build_host import a_machine, make_keys
from .sshd import LOOPBACK


@pytest.fixture(scope="module")
def machine(aws, tmp_path_factory):
    account = aws.account()
    public = asyncio.run(make_keys(account))
    with a_machine(account, tmp_path_factory.mktemp("shells"), public, {}) as machine:
        yield machine


@pytest.fixture(params=["ssh", "run command"])
def say(request, machine, tmp_path, monkeypatch):
    """Run a command on a host, by one of the two ways."""
    monkeypatch.setattr(ssm, "_PAUSE_SECONDS", 0.001)
    shell = machine.shell() if request.param == "ssh" else SsmShell(Agent(tmp_path))
    host = Host("i-0123456789abcdef0", LOOPBACK, machine.sshd.port, datetime.now(UTC))

    async def say(command, stdin=b""):
        return await shell.run(host, command, stdin)

    return say


@pytest.fixture(params=["ssh", "run command"])
def nobody(request, machine, tmp_path, monkeypatch):
    """A way to a host that is still starting: nothing listens, or its agent is not registered."""
    monkeypatch.setattr(ssm, "_PAUSE_SECONDS", 0.001)
    if request.param == "ssh":
        return machine.shell(), Host("i-0123456789abcdef0", LOOPBACK, 1, datetime.now(UTC))
    agent = Agent(tmp_path)
    agent.registered = False
    return SsmShell(agent), Host("i-0123456789abcdef0", LOOPBACK, 1, datetime.now(UTC))


async def test_a_command_has_its_input_and_its_exit_code_and_both_outputs_come_back(say):
    """In any order: SSH has a channel for each."""
    said = await say("cat; echo 'an error' >&2; exit 3", b"some\0input\n")
    assert said.exit_code == 3
    assert said.output in {"some\0input\nan error\n", "an error\nsome\0input\n"}
    assert await say("printf 'no newline \\303\\251'") == Reply(0, "no newline é")


async def test_input_that_nobody_reads_is_no_error(say):
    assert await say("true", b"nobody reads this" * 1_000) == Reply(0, "")


async def test_a_long_output_comes_back_whole(say):
    assert await say('head -c 100000 /dev/zero | tr "\\0" x') == Reply(0, "x" * 100_000)


async def test_a_command_that_is_killed_has_failed(say):
    assert (await say("kill -9 $$")).exit_code != 0


async def test_a_host_that_is_still_starting_is_waited_for(nobody):
    shell, host = nobody
    assert isinstance(await shell.run(host, "true"), NotYet)
