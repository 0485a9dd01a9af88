import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import asyncssh
import pytest
from typer.testing import CliRunner

from marketday.cli import aws
from marketday.provisioners.terraform.errors import KeysExist, SecretMissing
from marketday.provisioners.terraform.keys import HOST_KEY_SECRET, SSH_SECRET, Keys, read_keys

from .a_build_host import an_account, client


@pytest.fixture
def secrets():
    with an_account():
        yield client("secretsmanager")


def value(secrets, name):
    return secrets.get_secret_value(SecretId=name)["SecretString"]


async def test_both_pairs_are_made_and_fit(secrets):
    public = await Keys(secrets).make()
    keys = await read_keys(secrets)
    assert keys.private_key.export_public_key().decode().strip() == public
    host = asyncssh.import_private_key(value(secrets, HOST_KEY_SECRET))
    assert host.export_public_key() == keys.host_key.export_public_key()
    assert keys.user == "ec2-user"
    assert "PRIVATE" not in repr(keys)
    assert set(json.loads(value(secrets, SSH_SECRET))) == {"private_key", "host_key", "user"}


async def test_keys_are_put_into_secrets_that_the_permanent_stack_has_made(secrets):
    for name in (SSH_SECRET, HOST_KEY_SECRET):
        secrets.create_secret(Name=name)
    await Keys(secrets).make()
    assert len(secrets.list_secrets()["SecretList"]) == 2
    await read_keys(secrets)


@pytest.mark.parametrize("name", [SSH_SECRET, HOST_KEY_SECRET])
async def test_keys_that_are_there_are_replaced_only_when_asked_for(secrets, name):
    secrets.create_secret(Name=name, SecretString="precious")
    with pytest.raises(KeysExist, match=name):
        await Keys(secrets).make()
    assert value(secrets, name) == "precious"
    await Keys(secrets).make(replace=True)
    await read_keys(secrets)


async def test_whether_there_are_keys_is_asked_without_reading_them(secrets):
    """The permanent stack refuses their value to everybody but their users, also to who makes them."""
    for name in (SSH_SECRET, HOST_KEY_SECRET):
        secrets.create_secret(Name=name)

    def refused(**_):
        raise AssertionError("read")

    secrets.get_secret_value = refused
    await Keys(secrets).make()
    with pytest.raises(KeysExist):
        await Keys(secrets).make()


async def test_a_secret_marked_for_deletion_is_told(secrets):
    await Keys(secrets).make()
    secrets.delete_secret(SecretId=SSH_SECRET)
    with pytest.raises(SecretMissing, match=f"'{SSH_SECRET}' cannot be read: .*InvalidRequestException"):
        await read_keys(secrets)


def test_the_command_prints_the_public_key_alone(secrets):
    @asynccontextmanager
    async def open_account():
        yield SimpleNamespace(keys=Keys(secrets))

    done = CliRunner().invoke(aws.app, ["keys"], obj=open_account)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("ssh-ed25519 AAAA")
    assert len(done.output.splitlines()) == 1
    again = CliRunner().invoke(aws.app, ["keys"], obj=open_account)
    assert again.exit_code == 1
    assert SSH_SECRET in again.output
    replaced = CliRunner().invoke(aws.app, ["keys", "--replace"], obj=open_account)
    assert replaced.exit_code == 0
    assert replaced.output != done.output
