from datetime import UTC, datetime

import pytest

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform import ssm
from marketday.provisioners.terraform.build_host import BuildHost
from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable
from marketday.provisioners.terraform.model import Action, Exit
from marketday.provisioners.terraform.shell import Host, Reply
from marketday.provisioners.terraform.ssm import SsmShell
from marketday.testing.terraform_program import OUTPUTS

from .a_build_host import World, an_account, client, drive
from .an_agent import HOST, Agent, refusal


@pytest.fixture
def agent(monkeypatch, tmp_path):
    monkeypatch.setattr(ssm, "_PAUSE_SECONDS", 0.001)
    (tmp_path / "temporary").mkdir()
    return Agent(tmp_path / "temporary")


@pytest.fixture
def shell(agent):
    return SsmShell(agent)


@pytest.mark.parametrize("size", [14_999, 15_000, 15_001, 100_000])
async def test_a_long_output_is_read_in_parts_and_leaves_nothing_behind(agent, shell, size):
    said = await shell.run(HOST, f'head -c {size} /dev/zero | tr "\\0" x')
    assert said == Reply(0, "x" * size)
    assert list(agent.temporary.iterdir()) == []
    assert len(agent.commands) == -(-size * 4 // 3 // 20_000)


async def test_an_agent_that_is_not_registered_yet_is_waited_for(agent, shell):
    agent.registered = False
    assert await shell.run(HOST, "true") == NotYet("its SSM agent is not registered")
    agent.registered = True
    assert await shell.run(HOST, "true") == Reply(0, "")


@pytest.mark.parametrize("status", ["Undeliverable", "DeliveryTimedOut", "Terminated"])
async def test_a_command_that_no_agent_took_is_sent_again_later(agent, shell, status):
    agent.status = status
    assert await shell.run(HOST, "true") == NotYet(f"its SSM agent did not take the command: {status}")


async def test_a_command_that_does_not_end_is_left(agent, shell, monkeypatch):
    monkeypatch.setattr(ssm, "_PATIENCE_SECONDS", 0.01)
    agent.late = 10**6
    with pytest.raises(HostUnavailable, match=r"i-0123456789abcdef0 .* did not end within 0.01 seconds"):
        await shell.run(HOST, "true")


async def test_a_command_that_was_not_carried_out_is_told(agent, shell):
    agent.status = "ExecutionTimedOut"
    with pytest.raises(HostUnavailable, match="ended as ExecutionTimedOut: no reason given"):
        await shell.run(HOST, "true")


async def test_a_role_that_may_not_send_is_told_which_action(agent, shell):
    def send_command(**_):
        raise refusal("AccessDeniedException", "SendCommand")

    agent.send_command = send_command
    with pytest.raises(AccessRefused, match="ssm:SendCommand"):
        await shell.run(HOST, "true")


async def test_the_whole_way_by_run_command(agent, tmp_path):
    with an_account():
        world = World(tmp_path)
        agent.path = world.tools
        asked = world.host
        host = BuildHost(asked._hosts, SsmShell(agent), asked._source, world.s3, asked._work)
        plan, came = await drive(host, world.a_run())
        assert came.exit_code == Exit.DONE, came.log
        _, came = await drive(host, world.a_run(Action.APPLY, plan_of=plan.id))
        assert came.outputs == OUTPUTS
        await host.release(world.environment_id)
        assert world.instances("pending", "running") == []


async def test_what_is_sent_is_what_the_service_takes():
    """Against moto, which takes commands and runs nothing: it gives an output that is none of ours."""
    with an_account():
        name = client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        with pytest.raises(HostUnavailable, match="its shell answered"):
            await SsmShell(client("ssm")).run(Host(name, "10.0.0.1", 22, datetime.now(UTC)), "true")
        [sent] = client("ssm").list_commands()["Commands"]
        assert sent["InstanceIds"] == [name]
        assert sent["Parameters"]["commands"][-1] == "exit 0"
