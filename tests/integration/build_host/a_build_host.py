"""A build host for tests: moto's EC2 and S3, this machine's shell as its shell, and a stand-in for Terraform."""

import asyncio
import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock
from uuid import UUID

import boto3
from moto import mock_aws

from marketday.environments.ports import NotYet
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.build_host import BuildHost
from marketday.provisioners.terraform.ec2 import BuildHosts
from marketday.provisioners.terraform.model import Action, Run, Stack
from marketday.provisioners.terraform.script import Source
from marketday.provisioners.terraform.shell import Reply
from marketday.testing.terraform_program import StandIn

REGION = "ap-northeast-2"
BUCKET = "marketday-state"
PATIENCE_SECONDS = 60
STACK = "infra/terraform/event"


class Killed(Exception):
    """Whoever drove the run is gone."""


class Mortal:
    """Kills its caller after the call with a given number; counts over all that share it."""

    def __init__(self, dies_after: int) -> None:
        self.left = dies_after

    def beat(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed

    def client(self, client):
        return _MortalClient(client, self)


class _MortalClient:
    def __init__(self, client, mortal) -> None:
        self._client, self._mortal = client, mortal
        self.meta = client.meta

    def __getattr__(self, operation):
        def call(**arguments):
            answer = getattr(self._client, operation)(**arguments)
            self._mortal.beat()
            return answer

        return call


class Tampered:
    """A client, some of whose operations answer otherwise."""

    def __init__(self, client, **operations) -> None:
        self._client = client
        self.meta = client.meta
        self.__dict__.update(operations)

    def __getattr__(self, operation):
        return getattr(self._client, operation)


class LocalShell:
    """A `Shell` of this machine: what would be said to a build host is said here."""

    def __init__(self, path: Path, mortal: Mortal | None = None) -> None:
        self.environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"}
        self.silent = ""
        self._mortal = mortal

    async def run(self, host, command, stdin=b""):
        del host
        if self.silent:
            return NotYet(self.silent)
        done = await asyncio.to_thread(
            subprocess.run,
            ["/bin/sh", "-c", command],
            input=stdin,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if self._mortal:
            self._mortal.beat()
        return Reply(done.returncode, done.stdout.decode())


class Later:
    """The true time, and some more."""

    def __init__(self) -> None:
        self.more = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.more


@contextmanager
def an_account():
    """An empty account of moto's, without its hundreds of machine images."""
    with mock.patch.dict(os.environ, {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}), mock_aws():
        yield


def client(service):
    return boto3.client(service, region_name=REGION)


class World:
    """One account with a launch template and a bucket, one repository, and a host over them."""

    def __init__(self, folder: Path, mortal: Mortal | None = None) -> None:
        self.folder = folder
        self.tools = folder / "tools"
        self.ec2, self.s3, self.clock = client("ec2"), client("s3"), Later()
        self.template = make_template(self.ec2)
        if BUCKET not in [each["Name"] for each in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.tools.mkdir()
        self.terraform = StandIn(self.tools)
        self.repository, self.commit = make_repository(folder / "theirs", {f"{STACK}/main.tf": "# nothing\n"})
        self.shell = LocalShell(self.tools, mortal)
        self.environment_id = new_id()
        self.host = self.host_with(mortal)

    def host_with(self, mortal=None, **tampered):
        ec2 = Tampered(self.ec2, **tampered) if tampered else self.ec2
        s3 = self.s3
        if mortal:
            ec2, s3 = mortal.client(ec2), mortal.client(s3)
        source = Source(str(self.repository), {"bucket": BUCKET, "region": REGION})
        hosts = BuildHosts(ec2, [self.template], self.clock, lambda _: ("127.0.0.1", 22))
        return BuildHost(hosts, self.shell, source, s3, str(self.folder / "work"))

    def a_run(self, action=Action.PLAN, **fields) -> Run:
        return a_run(self.environment_id, fields.pop("commit", self.commit), action, **fields)

    def instances(self, *states):
        found = self.ec2.describe_instances()["Reservations"]
        tag = {"Key": "marketday:environment", "Value": str(self.environment_id)}
        all_of_it = [each for group in found for each in group["Instances"] if tag in each["Tags"]]
        return [each for each in all_of_it if not states or each["State"]["Name"] in states]

    def kept(self, name: str) -> str:
        return self.s3.get_object(Bucket=BUCKET, Key=f"runs/{name}")["Body"].read().decode()


def make_template(ec2, instance_type="t3.small") -> str:
    data = {"ImageId": "ami-12c6146b", "InstanceType": instance_type}
    made = ec2.create_launch_template(LaunchTemplateName=f"build-host-{new_id()}", LaunchTemplateData=data)
    return made["LaunchTemplate"]["LaunchTemplateId"]


def a_run(environment_id: UUID, commit: str, action=Action.PLAN, **fields) -> Run:
    run = Run(new_id(), environment_id, Stack.EVENT, action, commit, {"region": REGION}, datetime.now(UTC))
    return replace(run, **fields)


def make_repository(folder: Path, files) -> tuple[Path, str]:
    """Make a repository with one commit; return where it is, and the commit."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    who = ["-c", "user.name=Marketday", "-c", "user.email=tests@marketday.example"]
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, *who, "commit", "-q", "-m", "A stack")
    return folder, git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


async def drive(host, run: Run, *, deaths: list[int] | None = None):
    """Do what the lifecycle does for a run until it is over; repeat what was killed, from its record alone."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        try:
            if run.host:
                came = await host.outcome(run)
                if not isinstance(came, NotYet):
                    return run, came
            elif not isinstance(came := await host.begin(run), NotYet):
                run = run.begun(came.host)
                continue
            await asyncio.sleep(0.05)
        except Killed:
            if deaths is None:
                raise
            deaths.append(1)
    raise AssertionError(f"{run} did not end: {json.dumps(str(came))}")
