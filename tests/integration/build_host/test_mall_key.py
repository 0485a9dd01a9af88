import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from marketday.accounts.tokens import parse_jwks, parse_signing_key
from marketday.cli import aws
from marketday.provisioners.terraform.errors import SecretMissing
from marketday.provisioners.terraform.mall_key import MallKey

from .a_build_host import an_account, client

MALL = "https://mall.example.com"
SECRET = "marketday-prod/signing-key"


@pytest.fixture
def secrets():
    """Secrets Manager with the secret as the stack prod makes it: without a value."""
    with an_account():
        made = client("secretsmanager")
        made.create_secret(Name=SECRET)
        yield made


def asked(secrets, *arguments):
    @asynccontextmanager
    async def open_account():
        yield SimpleNamespace(mall_key=MallKey(secrets))

    return CliRunner().invoke(aws.app, ["signing-key", *arguments], obj=open_account)


def test_a_key_is_made_once_and_only_its_public_half_is_printed(secrets):
    first = asked(secrets, "marketday-prod", "--mall", MALL)
    assert first.exit_code == 0, first.output
    printed = json.loads(first.output)
    kept = parse_signing_key(secrets.get_secret_value(SecretId=SECRET)["SecretString"])
    assert parse_jwks(printed).issuer == MALL
    assert list(parse_jwks(printed).by_id) == [kept.kid]
    assert "d" not in printed["keys"][0]
    assert asked(secrets, "marketday-prod", "--mall", MALL).output == first.output


@pytest.mark.parametrize("wrong", ["mall.example.com", "http://mall.example.com", MALL + "/", MALL + "/shop"])
def test_an_address_that_is_not_the_malls_is_refused(secrets, wrong):
    done = asked(secrets, "marketday-prod", "--mall", wrong)
    assert done.exit_code == 1
    assert f"{wrong!r}; expected https://" in done.output


async def test_a_plane_without_the_secret_is_named(secrets):
    with pytest.raises(SecretMissing, match="'no-plane/signing-key'; expected the one of the stack prod"):
        await MallKey(secrets).public("no-plane", MALL)


async def test_something_else_in_the_secret_is_never_replaced(secrets):
    secrets.put_secret_value(SecretId=SECRET, SecretString="precious")
    with pytest.raises(SecretMissing, match=r"not a usable JWK"):
        await MallKey(secrets).public("marketday-prod", MALL)
    assert secrets.get_secret_value(SecretId=SECRET)["SecretString"] == "precious"


async def test_a_secret_that_is_marked_for_deletion_is_said_to_be(secrets):
    secrets.put_secret_value(SecretId=SECRET, SecretString="precious")
    secrets.delete_secret(SecretId=SECRET)
    with pytest.raises(SecretMissing, match=r"'marketday-prod/signing-key' cannot be read: .*marked"):
        await MallKey(secrets).public("marketday-prod", MALL)
