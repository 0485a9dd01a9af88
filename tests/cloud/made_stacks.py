"""What Terraform's stand-in makes: of both stacks those parts that a day's steps read, in the emulated account.

`terraform apply` of `event` makes the secrets, `terraform apply` of `link` the DMS task with its credentials and the
way to the servers; `destroy` removes them, and `output` shows what the real stacks' outputs are named. When a task
starts, the rows are really copied, with the credentials that DMS would read.
"""

import asyncio
import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from marketday.handback.model import Window
from marketday.handback.postgres.roles import with_credential
from marketday.handback.tables import TABLES
from marketday.kit.database import connect
from marketday.testing.dms import copy_rows

from .day_servers import LOOPBACK, PROOF, Servers
from .emulated import Account

# It is called in the run's folder, where the stack's variables are.
_CALLER = """#!{python} -IS
import sys, urllib.request
variables = open("variables.tfvars.json", "rb").read()
answer = urllib.request.urlopen("{address}/" + "/".join(sys.argv[1:]), variables, timeout=60)
sys.stdout.write(answer.read().decode())
"""


def _mapping(number: int, table: str) -> dict[str, Any]:
    place = {"schema-name": "public", "table-name": table}
    names = {"rule-type": "selection", "rule-id": str(number), "rule-name": str(number), "rule-action": "include"}
    return {**names, "object-locator": place}


_MAPPINGS = json.dumps({"rules": [_mapping(number, table.name) for number, table in enumerate(TABLES, 1)]})


class MadeStacks:
    """The stacks of the environments of one account."""

    def __init__(self, account: Account, servers: Servers, mall_url: str) -> None:
        self._account, self._servers, self._mall_url = account, servers, mall_url
        self.made: dict[tuple[str, str], dict[str, Any]] = {}  # by environment and stack: the outputs
        self.links = 0  # how many were built
        self.copies: list[str] = []  # the kind of each start of a task
        self.lost = ""  # a statement for `{schema}` after the next copy: something that DMS did not bring

    @contextmanager
    def standing_in(self, tools: Path) -> Iterator[None]:
        """Let Terraform's stand-in and DMS ask for what is made and copied."""
        stacks = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                text = stacks.answer(self.path.strip("/"), body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments: Any) -> None:
                pass

        server = ThreadingHTTPServer((LOOPBACK, 0), Answer)
        address = f"http://{LOOPBACK}:{server.server_port}"
        program = tools / "made"
        program.write_text(_CALLER.format(python=sys.executable, address=address))
        program.chmod(0o755)
        self._account.script_dms(copied_by=f"{address}/copy")
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            program.unlink()
            server.shutdown()
            server.server_close()

    def answer(self, path: str, body: bytes) -> str:
        """Answer one call."""
        if path == "copy":
            self._copy(**json.loads(body))
            return ""
        (action, stack), variables = path.split("/"), json.loads(body)
        environment = variables["environment_id"]
        match action:
            case "apply":
                self._apply(environment, stack, variables)
            case "destroy":
                self._destroy(environment, stack)
            case "output":
                shown = self.made[environment, stack]
                return json.dumps({name: {"value": value} for name, value in shown.items() if name[0] != "_"})
        return f"{stack} {action}\n"

    def _apply(self, environment: str, stack: str, variables: dict[str, Any]) -> None:
        if (environment, stack) in self.made:
            return
        outputs = self._event(environment) if stack == "event" else self._link(environment, variables)
        self.made[environment, stack] = outputs
        if stack == "link":
            self.links += 1
            self._servers.link(built=True)

    def _destroy(self, environment: str, stack: str) -> None:
        gone = self.made.pop((environment, stack), {})
        if stack == "link":
            self._servers.link(built=False)
        dms = self._account.client("dms")
        for arn in gone.get("_task", []):
            found = dms.describe_replication_tasks(Filters=[], WithoutSettings=True)["ReplicationTasks"]
            if arn in [task["ReplicationTaskArn"] for task in found]:  # the hand-back removes it, before this
                dms.delete_replication_task(ReplicationTaskArn=arn)
        for arn in gone.get("_endpoints", []):
            dms.delete_endpoint(EndpointArn=arn)
        for arn in gone.get("_instance", []):
            dms.delete_replication_instance(ReplicationInstanceArn=arn)
        for arn in gone.get("_secrets", []):
            client = self._account.client("secretsmanager")
            client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)

    def _event(self, environment: str) -> dict[str, Any]:
        place, way, valkey = map(urlsplit, (self._servers.database, *(each.url for each in self._servers.ways)))
        owner = self._secret(environment, "owner", {"username": place.username, "password": place.password})
        cache = self._secret(environment, "cache", self._servers.ways[1].url)
        proof = self._secret(environment, "proof", PROOF)
        network = {"security_group_id": "sg-event", "subnet_cidrs": ["10.64.0.0/24"], "route_table_ids": ["rtb-event"]}
        return {
            "public_url": self._servers.public_url,
            "edge_proof_secret_arn": proof,
            "vpc_id": "vpc-event",
            "vpc_cidr": "10.64.0.0/20",
            "database": {
                "host": way.hostname,
                "port": way.port,
                "name": place.path.strip("/"),
                "secret_arn": owner,
                **network,
            },
            "cache": {
                "host": valkey.hostname,
                "port": valkey.port,
                "secret_arn": cache,
                "security_group_id": "sg-cache",
            },
            "_secrets": [owner, cache, proof],
        }

    def _link(self, environment: str, variables: dict[str, Any]) -> dict[str, Any]:
        dms, name, event = self._account.client("dms"), f"md-{environment[-8:]}-link", variables["event"]
        window = Window(UUID(environment), variables["drop"], "")
        passwords = {"source": secrets.token_urlsafe(16), "target": secrets.token_urlsafe(16)}
        roles = {"source": window.link_role, "target": window.stage_role}
        kept = {
            end: self._secret(environment, f"link-{end}", {"username": roles[end], "password": passwords[end]})
            for end in roles
        }
        tags = [{"Key": "marketday:environment", "Value": environment}]
        instance = dms.create_replication_instance(
            ReplicationInstanceIdentifier=name, ReplicationInstanceClass="dms.r6i.large", Tags=tags
        )["ReplicationInstance"]["ReplicationInstanceArn"]
        ends = {
            end: dms.create_endpoint(
                EndpointIdentifier=f"{name}-{end}", EndpointType=end, EngineName="postgres", Tags=tags
            )["Endpoint"]["EndpointArn"]
            for end in roles
        }
        task = dms.create_replication_task(
            ReplicationTaskIdentifier=name,
            SourceEndpointArn=ends["source"],
            TargetEndpointArn=ends["target"],
            ReplicationInstanceArn=instance,
            MigrationType="full-load-and-cdc",
            TableMappings=_MAPPINGS,
            Tags=tags,
        )["ReplicationTask"]["ReplicationTaskArn"]
        source = f"postgresql://{event['host']}:{event['port']}/{event['name']}?sslmode=require"
        return {
            "replication_task_arn": task,
            "source_secret_arn": kept["source"],
            "target_secret_arn": kept["target"],
            "_copy": [
                with_credential(source, roles["source"], passwords["source"]),
                with_credential(self._mall_url, roles["target"], passwords["target"]),
                variables["staging_schema"],
            ],
            "_task": [task],
            "_endpoints": list(ends.values()),
            "_instance": [instance],
            "_secrets": list(kept.values()),
        }

    def _secret(self, environment: str, name: str, value: str | dict[str, Any]) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        made = self._account.client("secretsmanager").create_secret(
            Name=f"md-{environment[-8:]}-{name}-{secrets.token_hex(4)}",
            SecretString=text,
            Tags=[{"Key": "marketday:environment", "Value": environment}],
        )
        arn: str = made["ARN"]
        return arn

    def _copy(self, task: str, kind: str) -> None:
        [found] = [made for made in self.made.values() if task in made.get("_task", [])]
        self.copies.append(kind)
        lost, self.lost = self.lost, ""
        asyncio.run(_copy(*found["_copy"], kind, lost))


async def _copy(source: str, target: str, schema: str, kind: str, lost: str) -> None:
    await copy_rows(source, target, schema, kind)
    if lost:
        connection = await connect(target)
        await connection.execute(lost.format(schema=schema))
        await connection.close()
