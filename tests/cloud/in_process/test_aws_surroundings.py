"""What exists on AWS, tested with moto and with answers that moto does not give."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from marketday.environments.ports import Health
from marketday.provisioners.terraform.errors import AccessRefused, HostUnavailable, SecretMissing
from marketday.provisioners.terraform.surroundings import AwsSurroundings

REGION, NAME = "ap-northeast-2", "md-3f9a1c2e"
OUTPUTS = {
    "public_url": "https://event.example.com",
    "cluster_name": NAME,
    "service_names": {"gate": f"{NAME}-gate", "store": f"{NAME}-store"},
    "database": {"host": f"{NAME}.c1.{REGION}.rds.amazonaws.com", "port": 5432, "name": "drop", "secret_arn": "owner"},
    "cache": {"host": "cache", "port": 6379, "secret_arn": "cache"},
}
CACHE_URL = "rediss://room:hush@cache:6379/0"


@pytest.fixture
def secrets():
    with mock_aws():
        client = boto3.client("secretsmanager", region_name=REGION)
        client.create_secret(Name="owner", SecretString='{"username": "drop_owner", "password": "a/b@c:d%#?"}')
        client.create_secret(Name="cache", SecretString=CACHE_URL)
        yield client


def around(secrets, *args):
    return AwsSurroundings({"secretsmanager": secrets}.__getitem__, *args)


async def test_the_way_in_has_the_owners_credential_and_tls(secrets):
    access = await around(secrets).access(OUTPUTS)
    place = f"{NAME}.c1.{REGION}.rds.amazonaws.com:5432/drop?sslmode=require"
    assert access.database_url == f"postgresql://drop_owner:a%2Fb%40c%3Ad%25%23%3F@{place}"
    assert (access.valkey_url, access.address, access.host) == (CACHE_URL, OUTPUTS["public_url"], "event.example.com")
    assert "hush" not in repr(access)


async def test_behind_the_edge_the_smoke_test_shows_what_lets_it_in_early(secrets):
    arn = secrets.create_secret(Name="md-3f9a1c2e/edge-proof", SecretString="hush too")["ARN"]
    access = await around(secrets).access({**OUTPUTS, "edge_proof_secret_arn": arn})
    assert access.headers == {"x-marketday-proof": "hush too"}
    assert "hush" not in repr(access)
    assert (await around(secrets).access({**OUTPUTS, "edge_proof_secret_arn": None})).headers == {}


async def test_with_rdss_certificates_a_name_is_checked(secrets):
    url = (await around(secrets, "the certificates").access(OUTPUTS)).database_url
    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked.pop("sslmode") == "verify-full"
    assert Path(asked.pop("sslrootcert")).read_text("utf-8") == "the certificates"
    assert asked == {}
    assert (await around(secrets, "the certificates").access(OUTPUTS)).database_url == url, "a file for each asking"


@pytest.mark.parametrize("value", ["hush", "[]", '{"username": "hush"}'])
async def test_a_secret_that_holds_something_else_is_named_and_not_shown(secrets, value):
    secrets.put_secret_value(SecretId="owner", SecretString=value)
    with pytest.raises(SecretMissing, match="the secret 'owner' holds something else; expected JSON") as raised:
        await around(secrets).access(OUTPUTS)
    assert "hush" not in str(raised.value)


async def test_a_secret_that_is_gone_is_named(secrets):
    secrets.delete_secret(SecretId="cache", ForceDeleteWithoutRecovery=True)
    with pytest.raises(SecretMissing, match="the secret 'cache' cannot be read"):
        await around(secrets).access(OUTPUTS)


class Answers:
    """Clients with prepared answers or errors."""

    def __init__(self, **operations):
        self.operations = operations
        self.meta = SimpleNamespace(service_model=SimpleNamespace(service_name="aws"))

    def __getattr__(self, operation):
        def call(**arguments):
            told = self.operations[operation]
            if isinstance(told, str):
                raise ClientError({"Error": {"Code": told, "Message": "no"}}, operation)
            return told

        return call


def service(name, running, desired, status="ACTIVE"):
    return {"serviceName": f"{NAME}-{name}", "status": status, "runningCount": running, "desiredCount": desired}


WELL = {
    "describe_services": {"services": [service("gate", 2, 2), service("store", 4, 4)]},
    "describe_db_instances": {"DBInstances": [{"DBInstanceStatus": "available"}]},
    "describe_replication_groups": {"ReplicationGroups": [{"Status": "available"}]},
}
ALL_WELL = [
    Health("gate", healthy=True, detail="2 of 2 run"),
    Health("store", healthy=True, detail="4 of 4 run"),
    Health("postgres", healthy=True, detail="available"),
    Health("valkey", healthy=True, detail="available"),
]


@pytest.mark.parametrize(
    ("operation", "told", "part", "detail"),
    [
        ("describe_services", {"services": [service("gate", 1, 2), service("store", 4, 4)]}, 0, "1 of 2 run"),
        ("describe_services", {"services": [service("gate", 0, 0), service("store", 4, 4)]}, 0, "0 of 0 run"),
        ("describe_services", {"services": [service("gate", 2, 2)]}, 1, "missing"),
        ("describe_db_instances", {"DBInstances": [{"DBInstanceStatus": "rebooting"}]}, 2, "rebooting"),
        ("describe_db_instances", "DBInstanceNotFound", 2, "missing"),
        ("describe_replication_groups", "ReplicationGroupNotFoundFault", 3, "missing"),
    ],
)
async def test_each_part_says_how_it_is(operation, told, part, detail):
    client = Answers(**{**WELL, operation: told})
    found = await AwsSurroundings(lambda _: client).health(OUTPUTS)
    expected = list(ALL_WELL)
    expected[part] = replace(expected[part], healthy=False, detail=detail)
    assert found == expected
    assert await AwsSurroundings(lambda _: Answers(**WELL)).health(OUTPUTS) == ALL_WELL


@pytest.mark.parametrize(("code", "error"), [("AccessDenied", AccessRefused), ("Throttling", HostUnavailable)])
async def test_a_refusal_is_not_taken_for_something_missing(code, error):
    client = Answers(**{**WELL, "describe_db_instances": code})
    with pytest.raises(error):
        await AwsSurroundings(lambda _: client).health(OUTPUTS)
