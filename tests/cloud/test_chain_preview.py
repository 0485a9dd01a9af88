"""A preview from its command to nothing: a branch's commit, real git and Terraform, and nobody who comes back."""

import asyncio
import hashlib
import json
import shutil
from contextlib import asynccontextmanager
from types import SimpleNamespace

import boto3
import pytest
from typer.testing import CliRunner

from marketday.apps.aws_desk import open_aws_desk
from marketday.apps.command import app
from marketday.cli import env
from marketday.environments.model import State, Step
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.testing.definitions import DAWN_SERUM

from .build_host import a_machine, git, make_keys, repository_of
from .chain_stacks import EVENT
from .emulated import REGION
from .lifecycle_account import FACTS, STACK, Chain, Drop, a_slack
from .provider import running_provider
from .terraform import LESS_WORK
from .test_chain_controller import PROD

assert app is not None  # it installs the command
FILE, BRANCH = "infra/terraform/event/main.tf", "feature/third"
CONTROLLER = {"security_group_id": "sg-2", "subnet_cidrs": ["10.0.20.0/24"], "route_table_ids": ["rtb-mall"]}
SITE = {
    **FACTS,
    "previews": True,
    "prod": {**PROD, "controller": CONTROLLER},
    "mall": {**FACTS["mall"], "payment_gateway_url": "https://sandbox.example.com"},
}
THIRD = """
variable "images" { type = map(string) }

resource "aws_ssm_parameter" "third" {
  name  = "/${local.name}/third"
  type  = "String"
  value = var.images["store"]
}
"""


class Preview:
    """A site for previews, whose mall's controller is played by the test."""

    def __init__(self, chain, folder, repository):
        self.chain, self.repository, self.like = chain, repository, folder / "serum.toml"
        self.like.write_text(DAWN_SERUM)
        account = chain.machine.client("sts").get_caller_identity()["Account"]
        self.registry = f"{account}.dkr.ecr.{REGION}.amazonaws.com/marketday"
        images = {name: f"{self.registry}/{name}:{'c' * 40}" for name in FACTS["images"]}
        chain.put_parameter(STACK, {**SITE, "images": images})

    def push_images(self, commit):
        kind = "application/vnd.oci.image.manifest.v1+json"
        ecr = self.chain.machine.client("ecr")
        for image in FACTS["images"]:
            ecr.create_repository(repositoryName=f"marketday/{image}")
            config = {"digest": f"sha256:{hashlib.sha256(image.encode()).hexdigest()}", "size": 1}
            manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []})
            ecr.put_image(repositoryName=f"marketday/{image}", imageManifest=manifest, imageTag=commit)

    def command(self, *arguments):
        @asynccontextmanager
        async def open_desk():
            operator = self.chain.operator()
            operator.previews._outlook = SimpleNamespace(lacks=_nothing)  # the emulator has no quotas
            async with open_aws_desk(operator._settings, operator) as desk:
                yield desk

        said = CliRunner().invoke(env.app, ["preview", *map(str, arguments)], obj=open_desk)
        assert said.exit_code == 0, said.output
        return said.output

    def built(self):
        """Ask for the preview; return it."""
        self.command(BRANCH, "--like", self.like, "--hours", 1, "--yes")
        [one] = asyncio.run(self.chain.operator().store.living())
        return Drop(self.chain, one.id, one.schedule)

    def parameters(self, drop):
        found = self.chain.machine.client("ssm").get_parameters_by_path(Path=f"/{drop.name}")["Parameters"]
        return {each["Name"].rsplit("/", 1)[1]: each["Value"] for each in found}

    def nothing_is_left(self, drop):
        assert self.parameters(drop) == {}
        assert drop.schedules == {}
        assert drop.instances("pending", "running") == []
        left = asyncio.run(AwsSweep(boto3.Session().client, [REGION]).leftovers(drop.id))
        assert [str(each) for each in left if each.blocks] == []


async def _nothing(_):
    return []


@pytest.fixture
def preview(account, terraform, tmp_path, wired):
    repository, commit = repository_of(tmp_path / "theirs", FILE, EVENT)
    git(repository, "branch", "-m", "main")
    public = asyncio.run(make_keys(account))
    with running_provider(terraform.provider, {**LESS_WORK, **account.environment}) as reached, a_slack() as slack:
        settings = {**account.environment, **reached, "TF_CLI_CONFIG_FILE": str(terraform.settings)}
        with a_machine(account, tmp_path, public, settings) as machine:
            made = Preview(wired(Chain(machine, str(repository), commit, slack)), tmp_path, repository)
            git(repository, "checkout", "-q", "-b", BRANCH)
            made.commit = _committed(repository, EVENT + THIRD)
            made.push_images(made.commit)
            yield made


def _committed(repository, content):
    (repository / FILE).write_text(content)
    git(repository, "-c", "user.name=Marketday", "-c", "user.email=a@b.example", "commit", "-q", "-am", "A change")
    return git(repository, "rev-parse", "HEAD")


def _forget(repository):
    """Delete the branch, and what only it has, as a server's housekeeping does."""
    git(repository, "checkout", "-q", "main")
    git(repository, "branch", "-D", BRANCH)
    git(repository, "reflog", "expire", "--expire=now", "--all")
    git(repository, "gc", "-q", "--prune=now")


@pytest.mark.long
def test_it_is_built_of_its_branch_and_removed_at_its_end_although_the_branch_moved_and_went(preview):
    drop = preview.built()
    _committed(preview.repository, "this is no Terraform")  # moved before the build host cloned it
    drop.wake_until(step=Step.PROVISION)
    image = f"{preview.registry}/store:{preview.commit}"
    assert preview.parameters(drop)["third"] == image
    assert "; the branch has moved to" in preview.command("--list")
    _forget(preview.repository)
    assert "; the branch is gone" in preview.command("--list")
    drop.to_its_last_hour()
    record = drop.wake_until(step=Step.HAND_BACK)
    assert record.commit == preview.commit
    for clone in preview.chain.machine.folder.glob(f"runs/{drop.id}/*/repository"):
        shutil.rmtree(clone)  # on AWS each run of a stack that stands has a new machine
    drop.wake_until(state=State.DESTROYED)
    assert drop.runs[-2:] == [("destroy", "failed"), ("destroy", "done")]  # the first could not clone the commit
    assert preview.chain.slack.said("failed") == []
    preview.nothing_is_left(drop)


@pytest.mark.long
def test_a_build_that_fails_ends_at_its_end_without_anybody(preview):
    preview.chain.machine.account.fail("ssm", "PutParameter", "ParameterLimitExceeded", contains="second")
    drop = preview.built()
    for _ in range(20):
        drop.wake()
        drop.run_ends()
        if drop.record.state is State.FAILED:
            break
    assert "ParameterLimitExceeded" in drop.record.failure
    assert "first" in preview.parameters(drop)
    preview.chain.clock.reach(drop.day.destroy_at)
    drop.wake()
    assert drop.record.state is State.FAILED  # the hand-back is the controller's
    drop.others_do(Step.HAND_BACK)
    drop.wake_until(state=State.DESTROYED)
    preview.nothing_is_left(drop)
