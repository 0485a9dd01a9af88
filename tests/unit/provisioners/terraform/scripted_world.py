"""The Terraform provisioner over a scripted host, with memory stores and facts of a site."""

from marketday.environments.model import requested
from marketday.environments.ports import NotYet
from marketday.kit.errors import Permanent
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.facts import StackFacts
from marketday.provisioners.terraform.provisioner import TerraformProvisioner
from marketday.provisioners.terraform.running import StackRunner
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import MemoryEnvironments
from marketday.testing.terraform import MemoryRuns, ScriptedHost

DROP = dawn_serum()
DAY = DROP.schedule()
PROD = {
    "vpc_id": "vpc-prod",
    "vpc_cidr": "10.0.0.0/16",
    "host": "mall-db",
    "name": "mall",
    "security_group_id": "sg-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "subnet_cidrs": ["10.0.10.0/24", "10.0.11.0/24"],
    "route_table_ids": ["rtb-1"],
}
FACTS = {
    "region": "ap-northeast-2",
    "hostname": "event.example.com",
    "certificate_arn": "arn:cert",
    "alarm_topic_arn": "arn:topic",
    "evidence_bucket": "marketday-logs",
    "images": {name: f"{name}:1" for name in ("gate", "store", "worker", "migrate")},
    "mall": {
        "issuer": "https://mall.example.com",
        "jwks": '{"keys": []}',
        "public_url": "https://mall.example.com",
        "payment_gateway_url": "https://pay.example.com",
        "payment_key_secret_arn": "arn:pay",
    },
    "prod": PROD,
}


class Forged(Permanent):
    """It is forged."""


class Receipts:
    def check(self, token, environment_id):
        if token != f"receipt of {environment_id}":
            raise Forged(token)


class World:
    def __init__(self, **facts):
        self.clock = FakeClock(DAY.build_at)
        self.runs, self.host, self.environments = MemoryRuns(), ScriptedHost(), MemoryEnvironments()
        self.left, self.tidied = [], []
        self.runner = StackRunner(self.runs, self.host, "c" * 40, self.clock)
        self.provisioner = TerraformProvisioner(
            StackFacts.model_validate({**FACTS, **facts}),
            self.runner,
            self.environments,
            Receipts(),
            self,
            None,
            lambda environment: f"drop_{environment.id.hex[-8:]}",
        )

    async def leftovers(self, *_):
        return self.left

    async def remove_late_logs(self, environment_id):
        self.tidied.append(environment_id)
        return []

    async def new(self, drop=DROP):
        environment = requested(new_id(), drop, drop.schedule())
        await self.environments.add(environment)
        return environment

    async def until_done(self, call, *arguments):
        for _ in range(20):
            if not isinstance(result := await call(*arguments), NotYet):
                return result
        raise AssertionError("never done")

    def asked(self):
        return [(run.stack, run.action) for run in self.host.begun]
