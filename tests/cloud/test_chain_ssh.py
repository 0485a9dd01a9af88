"""The chain's way in: keys from Secrets Manager, a real sshd, its host key pinned; each part broken and mended."""

import asyncio
import json
import logging
import socket
from datetime import UTC, datetime

import asyncssh
import pytest

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform import ssh
from marketday.provisioners.terraform.errors import HostKeyDiffers, HostUnavailable, SecretMissing
from marketday.provisioners.terraform.keys import HOST_KEY_SECRET, SSH_SECRET
from marketday.provisioners.terraform.shell import Host, Reply
from marketday.provisioners.terraform.ssh import SshShell

from .build_host import a_machine, make_keys
from .sshd import LOOPBACK


@pytest.fixture(scope="module")
def machine(aws, tmp_path_factory):
    account = aws.account()
    public = asyncio.run(make_keys(account))
    with a_machine(account, tmp_path_factory.mktemp("ssh"), public, {"A_SETTING": "of the test"}) as machine:
        yield machine


@pytest.fixture
def say(machine):
    """Run a command on the machine."""

    async def say(command="true", stdin=b"", port=0, shell=None):
        host = Host("i-0123456789abcdef0", LOOPBACK, port or machine.sshd.port, datetime.now(UTC))
        return await (shell or machine.shell()).run(host, command, stdin)

    return say


async def test_a_command_has_the_machines_own_settings_and_may_print_much(say):
    assert await say('cat; echo "$A_SETTING" >&2; exit 3', b"some input\n") == Reply(3, "some input\nof the test\n")
    big = await say("yes 0123456789 | head -c 3000000")
    assert (big.exit_code, len(big.output)) == (0, 3_000_000)


async def test_without_its_secret_it_says_which_and_how_to_make_it(machine, say):
    missing = SshShell(machine.client("secretsmanager"), "marketday/nowhere")
    with pytest.raises(SecretMissing, match=r"no secret 'marketday/nowhere'; expected JSON .* `marketday aws keys`"):
        await say(shell=missing)


@pytest.mark.parametrize("value", ["", "hello", "[]", '{"private_key": "hush"}', "rsa", "nobody", "hush"])
async def test_a_secret_that_holds_something_else_is_refused_without_showing_it(machine, say, caplog, value):
    caplog.set_level(logging.DEBUG)
    good = json.loads(machine.secret())
    rsa = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode()
    made = {
        "rsa": {**good, "host_key": rsa},
        "nobody": {**good, "user": ""},
        "hush": {**good, "private_key": "hush hush"},
    }
    machine.put_secret(json.dumps(made[value]) if value in made else value or "{}")
    with pytest.raises(SecretMissing, match=f"the secret '{SSH_SECRET}' holds something else") as raised:
        await say()
    assert "hush" not in str(raised.value)
    machine.put_secret(json.dumps(good))
    assert await say() == Reply(0, "")
    key = good["private_key"].splitlines()[1]
    assert key not in caplog.text


async def test_a_secret_that_may_not_be_read_is_named(machine, say):
    machine.account.fail("secretsmanager", "GetSecretValue", "AccessDeniedException", times=1)
    with pytest.raises(SecretMissing, match=f"'{SSH_SECRET}' may not be read: secretsmanager:GetSecretValue"):
        await say()
    assert await say() == Reply(0, "")


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
async def test_another_host_key_is_refused_at_once_with_both_fingerprints(machine, say, tmp_path, kind):
    other = asyncssh.generate_private_key(kind)
    machine.sshd.stop()
    machine.sshd.host_key(other.export_private_key().decode())
    machine.sshd.start()
    pinned = asyncssh.import_public_key(json.loads(machine.secret())["host_key"]).get_fingerprint()
    with pytest.raises(HostKeyDiffers) as raised:
        await say(f"touch {tmp_path}/was-here")
    assert f"build host i-0123456789abcdef0 at {LOOPBACK}:{machine.sshd.port}" in raised.value.detail
    assert other.get_fingerprint() in raised.value.detail
    assert pinned in raised.value.detail
    assert not (tmp_path / "was-here").exists()
    machine.sshd.stop()
    machine.sshd.host_key(machine.secret(HOST_KEY_SECRET))
    machine.sshd.start()
    assert await say() == Reply(0, "")


async def test_a_key_that_the_host_does_not_know_is_told_with_its_fingerprint(machine, say):
    ours = asyncssh.import_private_key(json.loads(machine.secret())["private_key"])
    machine.sshd.let_in()
    with pytest.raises(HostUnavailable, match=r"refuses user .* Permission denied") as raised:
        await say()
    assert ours.get_fingerprint() in raised.value.detail
    machine.sshd.let_in(ours.export_public_key().decode().strip())
    assert await say() == Reply(0, "")


async def test_a_host_that_does_not_answer_may_do_so_later(machine, say, monkeypatch):
    machine.sshd.stop()
    came = await say()
    assert isinstance(came, NotYet)
    assert "does not answer SSH" in came.reason
    assert str(machine.sshd.port) in came.reason
    monkeypatch.setattr(ssh, "_CONNECT_SECONDS", 0.2)
    with socket.create_server((LOOPBACK, 0)) as mute:
        came = await say(port=mute.getsockname()[1])
    assert isinstance(came, NotYet)
    assert "does not answer SSH" in came.reason
    monkeypatch.undo()
    machine.sshd.start()
    assert await say() == Reply(0, "")


async def test_a_command_that_does_not_end_is_left(say, monkeypatch):
    monkeypatch.setattr(ssh, "_COMMAND_SECONDS", 0.3)
    with pytest.raises(HostUnavailable, match=r"did not end within 0\.3 seconds"):
        await say("sleep 30")
