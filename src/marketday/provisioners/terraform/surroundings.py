"""An environment's servers on AWS: their addresses, credentials and health."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from marketday.environments.ports import Access, Health
from marketday.kit.certificates import with_authorities
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostUnavailable, SecretMissing

PROOF_HEADER = "x-marketday-proof"  # infra/terraform/modules/edge/function.js
_WELL = "available"


class AwsSurroundings:
    """Asks Secrets Manager, ECS, RDS and ElastiCache."""

    def __init__(self, client: Callable[[str], Any], database_ca_pem: str | None = None) -> None:
        """Call AWS with the clients that `client` returns for a service's name.

        `database_ca_pem` are the certificates of RDS's authorities; without them a connection is encrypted, but the
        server is not checked.
        """
        self._client = client
        self._database_ca_pem = database_ca_pem

    async def access(self, outputs: Mapping[str, Any]) -> Access:
        """Return how to reach the servers that the outputs of the stack `event` name.

        Raises:
            SecretMissing: a secret does not exist, may not be read, or does not hold a credential.
            HostUnavailable: AWS does not answer.

        """
        database, address = outputs["database"], str(outputs["public_url"])
        owner = _owner(database["secret_arn"], await self._secret(database["secret_arn"]))
        place = f"{database['host']}:{database['port']}/{database['name']}?sslmode=require"
        return Access(
            database_url=with_authorities(f"postgresql://{owner}@{place}", self._database_ca_pem),
            valkey_url=await self._secret(outputs["cache"]["secret_arn"]),
            address=address,
            host=urlsplit(address).netloc,
            headers=await self._early(outputs.get("edge_proof_secret_arn")),
        )

    async def _early(self, secret_arn: str | None) -> dict[str, str]:
        """Return the headers with which a request passes the edge before the room opens; none if there is no edge."""
        return {PROOF_HEADER: await self._secret(secret_arn)} if secret_arn else {}

    async def health(self, outputs: Mapping[str, Any]) -> Sequence[Health]:
        """Return the health of each service, the database and the cache; a missing one is not healthy."""
        return [
            *await self._services(outputs["cluster_name"], outputs["service_names"]),
            await self._database(outputs["database"]["host"]),
            await self._cache(outputs["cluster_name"]),
        ]

    async def _services(self, cluster: str, names: Mapping[str, str]) -> list[Health]:
        answer = await call(self._client("ecs"), "describe_services", cluster=cluster, services=list(names.values()))
        found = {each["serviceName"]: each for each in answer["services"]}
        return [_service(part, found.get(name.rsplit("/", 1)[-1])) for part, name in names.items()]

    async def _database(self, host: str) -> Health:
        name = host.partition(".")[0]  # <instance>.<account's hash>.<region>.rds.amazonaws.com
        answer = await self._asked("rds", "describe_db_instances", DBInstanceIdentifier=name)
        status = answer["DBInstances"][0]["DBInstanceStatus"] if answer else "missing"
        return Health("postgres", status == _WELL, status)

    async def _cache(self, name: str) -> Health:
        answer = await self._asked("elasticache", "describe_replication_groups", ReplicationGroupId=name)
        status = answer["ReplicationGroups"][0]["Status"] if answer else "missing"
        return Health("valkey", status == _WELL, status)

    async def _asked(self, service: str, operation: str, **arguments: Any) -> dict[str, Any] | None:
        """Return an answer, or None if there is nothing with that name."""
        try:
            return await call(self._client(service), operation, **arguments)
        except HostUnavailable as error:
            if "NotFound" in str(error.extra.get("code")):
                return None
            raise

    async def _secret(self, name: str) -> str:
        return await read_secret(self._client("secretsmanager"), name)


async def read_secret(secrets: Any, name: str) -> str:
    """Return the value of a secret, by its name or ARN.

    Raises:
        SecretMissing: it does not exist, or is being deleted.
        AccessRefused: it may not be read.
        HostUnavailable: Secrets Manager does not answer.

    """
    try:
        answer = await call(secrets, "get_secret_value", SecretId=name)
    except HostUnavailable as error:
        if error.extra.get("code") not in ("ResourceNotFoundException", "InvalidRequestException"):
            raise
        raise SecretMissing(f"the secret {name!r} cannot be read: {error.detail}") from error
    return str(answer.get("SecretString", ""))


def _service(part: str, found: Mapping[str, Any] | None) -> Health:
    if found is None or found["status"] != "ACTIVE":
        return Health(part, healthy=False, detail="missing")
    running, desired = found["runningCount"], found["desiredCount"]
    return Health(part, running >= desired > 0, f"{running} of {desired} run")


def _owner(name: str, text: str) -> str:
    """Return `user:password` as it is written in a URL."""
    try:
        told = json.loads(text)
        return f"{quote(told['username'], safe='')}:{quote(told['password'], safe='')}"
    except (ValueError, KeyError, TypeError):
        raise SecretMissing(
            f"the secret {name!r} holds something else; expected JSON with username and password"
        ) from None
