"""The stacks of an environment, whose apply is killed again and again: what each left is taken over by the next."""

import asyncio
import os
import signal
from pathlib import Path
from uuid import UUID

import boto3
import pytest

from marketday.environments.ports import NotYet
from marketday.kit.clock import SystemClock
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.terraform.adopting import AwsAdoption
from marketday.provisioners.terraform.errors import RunLost
from marketday.provisioners.terraform.model import Action, Stack
from marketday.provisioners.terraform.running import StackRunner
from marketday.provisioners.terraform.script import LOG, Source, folder
from marketday.provisioners.terraform.this_machine import ThisMachine
from marketday.testing.terraform import MemoryRuns

from . import stack_variables as given
from .build_host import git
from .emulated import REGION, shared_emulator
from .provider import running_provider
from .terraform import copy_of_stacks, provider_environment

WAIT_SECONDS = 1500
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """One of their own: a stack makes thousands of calls, and the shared one answers one call at a time."""
    with shared_emulator(tmp_path_factory.mktemp("aws")) as emulated:
        yield emulated


def event(account):
    made = given.surroundings(account, REGION)
    return given.event(REGION, "172.16.0.0/20", ["10.0.0.0/8"], edge_place=3, **made)


def link(account):
    databases = [given.database(account, REGION, name, net) for name, net in (("drop", "10.77"), ("mall", "10.78"))]
    return given.link(REGION, *databases)


class Workshop:
    """One stack on this machine, with its state in the emulated S3."""

    def __init__(self, account, terraform, reached, work: Path, stack: Stack):
        self.account, self.stack, self.work = account, stack, work / "runs"
        self.s3, self.bucket = account.client("s3"), f"marketday-state-{account.number}"
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        backend = {"bucket": self.bucket, "region": REGION, "use_lockfile": True, "use_path_style": True}
        repository, commit = committed(work / "repository")
        self.source = Source(str(repository), backend)
        settings = {**provider_environment(account), **reached, "TF_CLI_CONFIG_FILE": str(terraform.settings)}
        self.host = ThisMachine(self.work, self.source, settings)
        self.sweep = AwsSweep(self._client, [REGION])
        adoption = AwsAdoption(self.sweep, account.client, REGION)
        self.runs, self.environment = MemoryRuns(), UUID(given.ENVIRONMENT)
        self.runner = StackRunner(self.runs, self.host, commit, SystemClock(), adoption=adoption)

    def _client(self, service, **options):
        session = boto3.Session(self.account.number, "testing")
        return session.client(service, endpoint_url=self.account.aws.url, **options)

    async def goes_on(self, call, dies_after: int | None = None):
        """Call until it is done; kill the apply that has made `dies_after` things, and return None then."""
        async with asyncio.timeout(WAIT_SECONDS):
            while isinstance(result := await call(), NotYet):
                run = await self.runs.latest(self.environment, self.stack)
                if dies_after is not None and run.action is Action.APPLY and self.made(run) >= dies_after:
                    self.dies(run)
                    with pytest.raises(RunLost):
                        await call()
                    return None
                await asyncio.sleep(0.02)
        return result

    def made(self, run) -> int:
        log = self.work / folder(run) / LOG
        return log.read_text().count("Creation complete after") if log.exists() else 0

    def dies(self, run):
        """End the run as a machine's death does; a person has broken its lock."""
        os.killpg(int((self.work / folder(run) / "pid").read_text()), signal.SIGKILL)
        self.s3.delete_object(Bucket=self.bucket, Key=f"{self.source.state_key(run)}.tflock")

    async def applied(self, variables, dies_after=None):
        def call():
            return self.runner.applied(self.environment, self.stack, variables, lambda _: None)

        return await self.goes_on(call, dies_after)

    async def planned(self, variables):
        return await self.goes_on(lambda: self.runner.planned(self.environment, self.stack, variables))

    async def destroyed(self):
        return await self.goes_on(lambda: self.runner.destroyed(self.environment, self.stack))

    async def adopted(self):
        return [len(run.imports) for run in await self.runs.of_environment(self.environment) if run.imports]

    async def left(self):
        return [str(each) for each in await self.sweep.leftovers(self.environment) if each.blocks]


def committed(repository: Path):
    copy_of_stacks(repository / "infra")
    for each in repository.rglob("backend_override.tf"):
        each.unlink()
    who = ["-c", "user.name=Marketday", "-c", "user.email=tests@marketday.example"]
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, *who, "commit", "-q", "-m", "The stacks")
    return repository, git(repository, "rev-parse", "HEAD")


@pytest.fixture
def workshop(account, terraform, tmp_path):
    with running_provider(terraform.provider, provider_environment(account)) as reached:
        yield lambda stack: Workshop(account, terraform, reached, tmp_path, stack)


@pytest.mark.parametrize(
    ("stack", "variables_of", "deaths"), [(Stack.EVENT, event, (4, 40)), (Stack.LINK, link, (2, 8))]
)
async def test_killed_again_and_again_it_is_built_in_the_end_and_nothing_is_left(
    workshop, account, stack, variables_of, deaths
):
    work, variables = workshop(stack), variables_of(account)
    for number in deaths:
        assert await work.applied(variables, dies_after=number) is None
    await work.applied(variables)
    assert len(await work.adopted()) >= 1
    assert (await work.planned(variables)).changes == ()
    await work.destroyed()
    assert await work.left() == []


async def test_killed_and_given_up_nothing_is_left(workshop, account):
    work = workshop(Stack.EVENT)
    assert await work.applied(event(account), dies_after=60) is None
    await work.destroyed()
    assert await work.left() == []
