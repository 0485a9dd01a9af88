"""The build host of the chain: EC2 and Secrets Manager are emulated, the sshd and what it runs are real."""

import getpass
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from marketday.kit.clock import Clock
from marketday.provisioners.terraform.build_host import BuildHost
from marketday.provisioners.terraform.ec2 import BuildHosts
from marketday.provisioners.terraform.keys import HOST_KEY_SECRET, SSH_SECRET, Keys
from marketday.provisioners.terraform.script import Source
from marketday.provisioners.terraform.ssh import SshShell

from .emulated import REGION, Account
from .sshd import LOOPBACK, Sshd, an_sshd


@dataclass(frozen=True, eq=False)
class Machine:
    """The one machine that every instance of an account leads to."""

    account: Account
    sshd: Sshd
    folder: Path
    template: str
    bucket: str

    @cache  # noqa: B019 - making a client takes longer than anything that is asked of it
    def client(self, service: str) -> Any:
        return self.account.client(service)

    def host(self, repository: Path, clock: Clock) -> BuildHost:
        """Return the adapter over it."""
        backend = {"bucket": self.bucket, "region": REGION, "use_lockfile": True, "use_path_style": True}
        hosts = BuildHosts(self.client("ec2"), [self.template], clock, self.address_of)
        source = Source(str(repository), backend)
        return BuildHost(hosts, self.shell(), source, self.client("s3"), str(self.folder / "runs"))

    def shell(self) -> SshShell:
        return SshShell(self.client("secretsmanager"))

    def address_of(self, instance: Mapping[str, Any]) -> tuple[str, int]:
        """Return the loopback address: no test ever connects to where an instance would be."""
        assert instance["PrivateIpAddress"] != LOOPBACK
        return LOOPBACK, self.sshd.port

    def secret(self, name: str = SSH_SECRET) -> str:
        return self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]

    def put_secret(self, value: str) -> None:
        self.client("secretsmanager").put_secret_value(SecretId=SSH_SECRET, SecretString=value)

    def instances(self, *states: str) -> list[dict[str, Any]]:
        found = self.client("ec2").describe_instances()["Reservations"]
        every = [each for group in found for each in group["Instances"]]
        return [each for each in every if not states or each["State"]["Name"] in states]


async def make_keys(account: Account) -> str:
    """Make the key pairs as `marketday aws keys` does; let them be for the user that the tests run as."""
    secrets = account.client("secretsmanager")
    public = await Keys(secrets).make()
    value = json.loads(secrets.get_secret_value(SecretId=SSH_SECRET)["SecretString"])
    secrets.put_secret_value(SecretId=SSH_SECRET, SecretString=json.dumps({**value, "user": getpass.getuser()}))
    return public


@contextmanager
def a_machine(
    account: Account, folder: Path, public: str, environment: Mapping[str, str], tools: Path | None = None
) -> Iterator[Machine]:
    """Start an sshd that believes the key `public`, and set up the account around it; programs in `tools` go first."""
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t4g.medium"}
    made = account.client("ec2").create_launch_template(LaunchTemplateName="build-host", LaunchTemplateData=data)
    where = {"LocationConstraint": REGION}
    bucket = f"marketday-state-{account.number}"
    account.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    account.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    path = f"{tools}:{os.environ['PATH']}" if tools else os.environ["PATH"]
    with an_sshd(folder / "sshd", {"PATH": path, **environment}) as sshd:
        machine = Machine(account, sshd, folder, made["LaunchTemplate"]["LaunchTemplateId"], bucket)
        sshd.host_key(machine.secret(HOST_KEY_SECRET))
        sshd.let_in(public)
        sshd.start()
        yield machine


def repository_of(folder: Path, name: str, content: str) -> tuple[Path, str]:
    """Make a repository with one file and one commit; return where it is, and the commit."""
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(content)
    who = ["-c", "user.name=Marketday", "-c", "user.email=tests@marketday.example"]
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, *who, "commit", "-q", "-m", "A stack")
    return folder, git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()
