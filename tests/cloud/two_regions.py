"""A mall in Seoul with its copies in Tokyo, as docs/recovery.md asks for, and a clone that recovers it."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketday.provisioners.terraform.keys import Keys

from . import stack_variables as given
from .emulated import Account
from .terraform import ROOT, STACKS, Stack, Terraform

SEOUL, TOKYO, THIRD = "ap-northeast-2", "ap-northeast-1", "ap-northeast-3"
IMAGES = ("console", "controller", "gate", "mall", "migrate", "store", "worker")
MANIFEST = '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"digest": "%s"}}'
DROP_DATABASE = f"md-{given.ENVIRONMENT[-8:]}"
PLAN_SECONDS, RUN_SECONDS = 120, 1500


@dataclass
class Clone:
    """A clone of the repository with the values of an account: all that a recovery has besides the copies."""

    folder: Path
    account: Account
    terraform: Terraform

    @property
    def work(self) -> Path:
        return self.folder.parent / "work"

    def write(self, stack: str, name: str, values: dict[str, Any]) -> None:
        (self.folder / "infra" / "terraform" / stack / name).write_text(json.dumps(values))

    def environment(self, **also: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
        return {
            **kept,
            **self.account.environment,
            "HTTP_PROXY": self.account.aws.url,
            "NO_PROXY": "",
            "HOME": str(self.folder.parent),
            "TF_CLI_CONFIG_FILE": str(self.terraform.settings),
            "TF_CLI_ARGS_plan": "-parallelism=40",
            "TF_CLI_ARGS_apply": "-parallelism=40",
            "GOGC": "400",
            **also,
        }

    def command(self, *words: str) -> list[str]:
        options = ("--repository", str(self.folder), "--work", str(self.work), "--from", SEOUL)
        options += () if words[0] == "unfence" else ("--copies-to", THIRD)
        return [sys.executable, "-m", "marketday.apps.command", "recovery", *words, TOKYO, *options]

    def start(self, *words: str, **also: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.command(*words),
            cwd=self.folder.parent,
            env=self.environment(**also),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def recover(self, *words: str, fine: Sequence[int] = (0,)) -> str:
        """Run `marketday recovery`; return what it said."""
        with self.start(*words) as running:
            said, _ = running.communicate(timeout=RUN_SECONDS)
        assert running.returncode in fine, said[-6000:]
        return said


def a_clone(folder: Path, account: Account, terraform: Terraform) -> Clone:
    """Copy what a recovery needs of the repository."""
    clone = folder / "clone"
    leave = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars*")
    shutil.copytree(STACKS, clone / "infra" / "terraform", ignore=leave)
    for name in ("cloudformation", "kubernetes"):
        shutil.copytree(ROOT / "infra" / name, clone / "infra" / name, ignore=shutil.ignore_patterns("node_modules"))
    for file in STACKS.glob("*/.terraform.lock.hcl"):
        shutil.copy(file, clone / "infra" / "terraform" / file.parent.name)
    (clone / "build").mkdir()
    with zipfile.ZipFile(clone / "build" / "lambda.zip", "w") as archive:
        archive.writestr("marketday/__init__.py", "")
    return Clone(clone, account, terraform)


def secrets_by_hand(account: Account) -> tuple[str, str]:
    """Store what people store before the stacks exist; return the public key and the ARN of the drops' gateway key."""
    client = account.client("secretsmanager", SEOUL)
    public = asyncio.run(Keys(client).make())
    made = client.create_secret(
        Name="drops/gateway-key",
        SecretString="the-key-of-drops",
        Tags=[{"Key": "marketday:for", "Value": "event"}],
        AddReplicaRegions=[{"Region": TOKYO}],
    )
    return public, str(made["ARN"])


def permanent_values(folder: Path, public: str, payment_key: str) -> dict[str, Any]:
    values = given.permanent(SEOUL, TOKYO, folder)
    return {
        **values,
        "recovery_region": TOKYO,
        "build_host_public_key": public,
        "lambda_package": "../../../build/lambda.zip",
        "mall": given.mall(payment_key),
    }


def prod_values() -> dict[str, Any]:
    return given.prod(SEOUL, "10.0.0.0/16", "ac")


def push_images(account: Account, tag: str) -> None:
    for image in IMAGES:
        manifest = MANIFEST % f"sha256:{image.encode().hex():0<64}"
        account.client("ecr", SEOUL).put_image(
            repositoryName=f"marketday/{image}", imageManifest=manifest, imageTag=tag
        )


def drop_database(account: Account) -> None:
    """What the stack event makes of a database and its copy, with `recovery`."""
    made = account.client("rds", SEOUL).create_db_instance(
        DBInstanceIdentifier=DROP_DATABASE,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        DBName="marketday",
        AllocatedStorage=20,
        MasterUsername="marketday_owner",
        ManageMasterUserPassword=True,
        Tags=[{"Key": "marketday:drop", "Value": "tint-2026"}, {"Key": "marketday:stack", "Value": "event"}],
    )["DBInstance"]
    key = account.client("kms", TOKYO).describe_key(KeyId="alias/marketday-recovery")["KeyMetadata"]["Arn"]
    account.client("rds", TOKYO).start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=made["DBInstanceArn"], KmsKeyId=key
    )


def build_seoul(clone: Clone, terraform: Terraform) -> dict[str, Any]:
    """Build the mall's planes in Seoul, as docs/aws.md has it; write the values into the clone."""
    account, stacks = clone.account, clone.folder / "infra" / "terraform"
    public, payment_key = secrets_by_hand(account)
    values = permanent_values(clone.folder, public, payment_key)
    copies = clone.folder.parent / "seoul" / "infra" / "terraform"
    shutil.copytree(stacks, copies)
    shutil.copytree(clone.folder / "build", clone.folder.parent / "seoul" / "build")
    for stack in ("permanent", "prod"):
        (copies / stack / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    lasting = Stack(terraform, copies / "permanent", account, values)
    facts = lasting.apply()
    push_images(account, values["repository"]["commit"])
    own = {"controller_policy_arns": facts["controller_policy_arns"], "recovery": facts["recovery"]}
    mall = Stack(terraform, copies / "prod", account, {**prod_values(), **own})
    made = mall.apply()
    for name, value in (("signing-key", "{}"), ("gateway-key", '{"key": "k"}')):
        account.client("secretsmanager", SEOUL).put_secret_value(SecretId=f"marketday-prod/{name}", SecretString=value)
    drop_database(account)
    clone.write("permanent", "terraform.tfvars.json", values)
    clone.write("permanent", "prod.auto.tfvars.json", {"prod": made["link"], "other_cidrs": [made["service_cidr"]]})
    clone.write("prod", "terraform.tfvars.json", prod_values())
    clone.write("prod", "permanent.auto.tfvars.json", own)
    return made
