import json
import traceback

import pytest
from botocore.exceptions import ClientError

from marketday.handback.errors import CredentialUnavailable
from marketday.handback.model import Replication, Window
from marketday.handback.secretsmanager import SecretPasswords
from marketday.kit.ids import parse_id

WINDOW = Window(
    parse_id("01970000-0000-7000-8000-0000c0ffee00"),
    "dawn-serum",
    "postgresql://nowhere",
    replication=Replication("task", "source-secret", "target-secret"),
)


class Secrets:
    """boto3's `secretsmanager` client."""

    def __init__(self, **secrets):
        self._secrets = secrets

    def get_secret_value(self, *, SecretId):  # noqa: N803 - as boto3 names it
        if SecretId not in self._secrets:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "GetSecretValue")
        return {"SecretString": self._secrets[SecretId]}


def _secret(username, password="s3cret-word"):  # noqa: S107 - a password of nothing
    return json.dumps({"username": username, "password": password, "host": "h", "port": 5432, "dbname": "d"})


async def test_each_end_has_its_own_password():
    secrets = {"source-secret": _secret(WINDOW.link_role, "one"), "target-secret": _secret(WINDOW.stage_role, "two")}
    passwords = SecretPasswords(Secrets(**secrets))
    assert (await passwords.source(WINDOW), await passwords.target(WINDOW)) == ("one", "two")


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        (_secret("link_of_another"), "is the credential of 'link_of_another'; expected 'link_01970000"),
        ("s3cret-word", "does not hold a username and a password"),
        ('["s3cret-word"]', "does not hold"),
        ('{"username": "s3cret-word"}', "does not hold"),
    ],
)
async def test_another_secret_is_refused_without_being_told(secret, words):
    with pytest.raises(CredentialUnavailable, match=words) as caught:
        await SecretPasswords(Secrets(**{"source-secret": secret})).source(WINDOW)
    assert "s3cret-word" not in "".join(traceback.format_exception_only(caught.value)) + str(caught.value.__cause__)


async def test_a_secret_that_is_not_there_is_named():
    with pytest.raises(CredentialUnavailable, match=r"target-secret.*ResourceNotFoundException"):
        await SecretPasswords(Secrets()).target(WINDOW)
    with pytest.raises(CredentialUnavailable, match="expected an open link"):
        await SecretPasswords(Secrets()).target(Window(WINDOW.environment_id, "dawn-serum", ""))
