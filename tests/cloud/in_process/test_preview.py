"""`marketday env preview` over a real git repository, and an AWS in this process."""

import asyncio
import hashlib
import json
import re
import subprocess
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import boto3
import pytest
from typer.testing import CliRunner

from marketday.apps.aws import AwsSite, OnAws, Settings
from marketday.apps.aws_desk import open_aws_desk
from marketday.apps.command import app
from marketday.cli import env
from marketday.drops.short_day import HANDING_BACK, PREPARING, ROOM_OPEN
from marketday.environments.model import State, Step
from marketday.provisioners.local.branch_names import folder_name
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import DAWN_SERUM

from .test_aws_desk import ARN, FACTS, MALL, NAME, REGION, public_jwks, run_table
from .test_outlook import Quotas

OVERRIDES = ("build_at", "room_opens_at", "destroy_at")
BRANCH = "feature/로그인; rm -rf $HOME"
REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/marketday"
PROD = {
    "vpc_id": "vpc-prod",
    "vpc_cidr": "10.0.0.0/16",
    "host": "mall-db",
    "name": "mall",
    "security_group_id": "sg-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "subnet_cidrs": ["10.0.10.0/24", "10.0.11.0/24"],
    "route_table_ids": ["rtb-1"],
    "controller": {"security_group_id": "sg-2", "subnet_cidrs": ["10.0.20.0/24"], "route_table_ids": ["rtb-1"]},
}
SITE = {
    **FACTS,
    "previews": True,
    "prod": PROD,
    "images": {name: f"{REGISTRY}/{name}:{'c' * 40}" for name in FACTS["images"]},
    "mall": {**FACTS["mall"], "payment_gateway_url": "https://sandbox.example.com"},
}


@cache
def _client(service):
    """Return moto's client; clients are slow to make, so all tests share theirs."""
    return boto3.client(service, region_name=REGION)


class Site:
    """A site for previews, and the repository that its build hosts clone."""

    def __init__(self, folder):
        self.quotas, self.repository = Quotas(), folder / "theirs"
        self.repository.mkdir()
        self.git("init", "-q")
        self.commit = self.committed()
        self.git("branch", "-m", "main")
        self.like = folder / "serum.toml"
        self.like.write_text(DAWN_SERUM)
        self.put(SITE)
        keys = json.dumps(public_jwks(a_signing_key(), MALL))
        self.client("ssm").put_parameter(Name="/marketday/jwks", Type="String", Value=keys)
        self.client("scheduler").create_schedule_group(Name="marketday")
        for image in FACTS["images"]:
            self.client("ecr").create_repository(repositoryName=f"marketday/{image}")

    def client(self, service):
        return _client(service)

    def put(self, facts):
        self.client("ssm").put_parameter(
            Name="/marketday/stack", Type="String", Value=json.dumps(facts), Overwrite=True
        )

    def git(self, *arguments):
        done = subprocess.run(
            ["git", "-C", self.repository, *arguments], check=True, capture_output=True, text=True, timeout=20
        )
        return done.stdout.strip()

    def committed(self):
        who = ("-c", "user.name=Marketday", "-c", "user.email=tests@marketday.example")
        self.git(*who, "commit", "-q", "--allow-empty", "-m", "A change")
        return self.git("rev-parse", "HEAD")

    def pushed(self, commit, *images):
        kind = "application/vnd.oci.image.manifest.v1+json"
        for image in images:
            digest = hashlib.sha256(f"{image}{commit}".encode()).hexdigest()
            config = {"digest": f"sha256:{digest}", "size": 1}
            manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []})
            self.client("ecr").put_image(repositoryName=f"marketday/{image}", imageManifest=manifest, imageTag=commit)

    def settings(self):
        return Settings(
            run_table=NAME,
            state_bucket="marketday-state",
            launch_template="lt-1",
            link_launch_template="lt-2",
            repository_url=str(self.repository),
            repository_commit="c" * 40,
            stack_parameter="/marketday/stack",
            receipt_jwks="/marketday/jwks",
            schedule_group="marketday",
            scheduler_role_arn="arn:aws:iam::123456789012:role/marketday-scheduler",
            dead_letter_arn=f"arn:aws:sqs:{REGION}:123456789012:marketday-dead-letters",
            lifecycle_function_arn=ARN,
        )

    def on_aws(self):
        return OnAws(self.settings(), AwsSite(client=self._client))

    def _client(self, service):
        return self.quotas(service) if service in ("service-quotas", "cloudwatch", "rds") else _client(service)

    def __call__(self, *arguments, **more):
        @asynccontextmanager
        async def open_desk():
            async with open_aws_desk(self.settings(), self.on_aws()) as desk:
                yield desk

        return CliRunner().invoke(env.app, ["preview", *map(str, arguments)], obj=open_desk, **more)

    def living(self):
        return asyncio.run(self.on_aws().store.living())

    def build(self, branch=BRANCH, *more):
        return self(branch, "--like", self.like, "--yes", *more)


@pytest.fixture
def site(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("MARKETDAY_SIGNING_KEY_FILE", raising=False)
    monkeypatch.setattr("tests.cloud.in_process.test_outlook.Quotas.get_metric_statistics", _nothing_runs)
    with run_table():
        yield Site(tmp_path)


def _nothing_runs(_, **asked):
    assert asked["MetricName"]
    return {"Datapoints": []}


@pytest.fixture
def ready(site):
    """The site, with a branch whose images are pushed; its name is what git allows at most."""
    name = BRANCH.replace(" ", "-").replace(";", "")
    site.git("branch", name)
    site.pushed(site.commit, *FACTS["images"])
    site.branch = name
    return site


def test_the_price_is_shown_first_and_nothing_is_made_without_a_yes(ready):
    for given in ("n\n", ""):
        said = ready(ready.branch, "--like", ready.like, input=given)
        assert said.exit_code == 1
        assert "This costs about $" in said.output
        assert f"commit {ready.commit}" in said.output
    assert ready.living() == []


def test_a_preview_is_built_of_its_branchs_commit_and_ends_by_itself(ready):
    said = ready.build(ready.branch, "--hours", 2)
    assert said.exit_code == 0, said.output
    [one] = ready.living()
    assert one.outputs == {"branch": ready.branch, "commit": ready.commit}
    assert (one.drop_slug, one.state) == (folder_name(ready.branch), State.REQUESTED)
    lasts = one.schedule.destroy_at - one.schedule.build_at
    assert timedelta(0) <= PREPARING + ROOM_OPEN + timedelta(hours=2) + HANDING_BACK - lasts < timedelta(minutes=1)
    assert datetime.now(UTC) - one.schedule.build_at < timedelta(minutes=1)
    schedules = ready.client("scheduler").list_schedules(GroupName="marketday")["Schedules"]
    assert {each["Name"].split("-", 2)[2] for each in schedules} >= {"close", "destroy", "tick"}
    provisioner = asyncio.run(ready.on_aws().provisioner())
    variables = asyncio.run(provisioner._event_variables(one))
    assert variables["images"]["gate"] == f"{REGISTRY}/gate:{ready.commit}"
    assert ready("--list").output.startswith(f"{ready.branch}: requested, ends at ")


def test_two_of_one_branch_and_two_at_one_host_name_are_refused(ready):
    assert ready.build(ready.branch).exit_code == 0
    again = ready.build(ready.branch)
    assert (again.exit_code, len(ready.living())) == (1, 1)
    assert "this branch has a preview that is requested and ends at" in again.output
    other = ready.build("main")
    assert (other.exit_code, len(ready.living())) == (1, 1)
    assert f"event.example.com serves drop '{folder_name(ready.branch)}' until" in other.output


def test_a_site_that_is_not_for_previews_refuses_before_it_asks_anything(ready):
    for change, words in (
        ({"previews": False}, "previews = false: this site builds only from its own commit"),
        ({"mall": FACTS["mall"]}, "the payment gateway is https://pay.example.com; expected a sandbox"),
        ({"prod": {**PROD, "controller": None}}, "prod.controller: missing"),
    ):
        ready.put({**SITE, **change})
        said = ready.build("no-such-branch")
        assert (said.exit_code, words in said.output) == (1, True), said.output
    assert ready.living() == []


def test_only_a_branch_of_exactly_this_name_is_known(ready):
    for branch in ("feature/unknown", "ma*n", "refs/heads/main", "-rf", "main\n", "", "\udcff", "ain", "login"):
        said = ready("--like", ready.like, "--yes", "--", branch)
        assert said.exit_code == 1, branch
        assert "expected a branch that is pushed there" in said.output
    assert ready.living() == []


def test_what_is_missing_is_said_in_one_sentence(ready):
    ready.git("checkout", "-q", "-b", "newer")
    newer = ready.committed()
    ready.pushed(newer, "gate", "store", "worker")
    said = ready.build("newer").output
    assert f"commit {newer} of 'newer'" in said
    assert f"image {REGISTRY}/migrate:{newer} is missing" in said
    assert "/gate" not in said
    ready.quotas.zones = 1
    assert "RDS offers db.t4g.medium in 1 zones" in ready.build(ready.branch).output
    ready.quotas.zones = 3
    ready.repository.rename(ready.repository.with_name("elsewhere"))
    assert "git cannot list the branches of" in ready.build(ready.branch).output
    assert ready.living() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("main", "--hours", "0"),
        ("main", "--hours", "13"),
        ("main", "--hours", "1.5"),
        ("main",),
        (),
        ("main", "--end", "--list"),
        ("main", "--extend", "0"),
    ],
)
def test_wrong_use_is_refused_with_status_2(arguments):
    assert CliRunner().invoke(env.app, ["preview", *arguments]).exit_code == 2


def test_a_branch_that_moves_or_goes_is_told_and_the_preview_keeps_its_commit(ready):
    ready.git("checkout", "-q", ready.branch)
    assert ready.build(ready.branch).exit_code == 0
    moved = ready.committed()
    assert f"; the branch has moved to {moved[:12]}" in ready("--list").output
    ready.git("checkout", "-q", "main")
    ready.git("branch", "-D", ready.branch)
    assert "; the branch is gone" in ready("--list").output
    [one] = ready.living()
    assert one.commit == ready.commit


def test_it_is_kept_longer_within_twelve_hours_of_its_opening(ready):
    assert "has no preview" in ready(ready.branch, "--extend", 1, "--yes").output
    assert ready.build(ready.branch, "--hours", 10).exit_code == 0
    [before] = ready.living()
    said = ready(ready.branch, "--extend", 2, "--yes")
    assert said.exit_code == 0, said.output
    [after] = ready.living()
    assert after.schedule.destroy_at - before.schedule.destroy_at == timedelta(hours=2)
    assert after.schedule.closes_at == before.schedule.closes_at
    refused = ready(ready.branch, "--extend", 1, "--yes")
    assert (refused.exit_code, ready.living()) == (1, [after])
    assert "it would end at" in refused.output


def test_it_is_ended_early_by_the_mall_and_never_without_its_receipt(ready):
    assert "has no preview" in ready(ready.branch, "--end").output
    assert ready.build(ready.branch).exit_code == 0
    said = ready(ready.branch, "--end")
    [one] = ready.living()
    assert one.state is State.HANDING_BACK, said.output
    assert one.done == frozenset()
    assert Step.DESTROY not in {line.step for line in asyncio.run(ready.on_aws().store.steps(one.id))}


def test_the_price_is_what_cost_forecasts_for_what_is_made(ready, tmp_path):
    said = ready.build(ready.branch, "--hours", 4).output.replace("\n", " ")
    [(whole, hourly)] = re.findall(r"costs about \$([\d.]+),.*longer: \$(\d+\.\d+)", said)
    [one] = ready.living()
    day = one.schedule
    text = re.sub(
        r"(opens_at|closes_at) = .*", lambda key: f"{key[1]} = {getattr(day, key[1]).isoformat()}", DAWN_SERUM
    )
    moments = "".join(f"{name} = {getattr(day, name).isoformat()}\n" for name in OVERRIDES)
    file = tmp_path / "made.toml"
    file.write_text(f"{text}\n[drop.schedule]\n{moments}")
    forecast = json.loads(CliRunner().invoke(app, ["cost", str(file), "--json"]).output)
    own = [line for line in forecast["resources"] if line["stack"] in ("event", "link")]
    others = [line["by_use_usd"] for line in forecast["resources"] if line not in own]
    assert abs(sum(line["per_drop_usd"] for line in own) + sum(others) - float(whole)) < 0.02
    event = sum(line["by_hour_usd"] for line in own if line["stack"] == "event")
    assert abs(event / forecast["hours"]["event"] - float(hourly)) < 0.01
    assert forecast["not_priced"] == []
