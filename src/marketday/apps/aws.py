"""The adapters that all processes of the lifecycle on AWS use: run table, build host, Terraform, schedules, Slack."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import boto3
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.accounts.tokens import PublicKeys, parse_jwks
from marketday.environments.dynamodb.store import DynamoEnvironments
from marketday.environments.dynamodb.table import Table
from marketday.environments.log import LogNotifier
from marketday.environments.model import Environment, Step
from marketday.environments.ports import Notifier
from marketday.environments.service import EnvironmentService
from marketday.environments.slack import SlackNotifier
from marketday.environments.steps import Steps
from marketday.handback.model import Window
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.clock import Clock, SystemClock
from marketday.kit.languages import StaffLanguage
from marketday.lambdas.left_to_controller import LeftToController
from marketday.provisioners.sweep.aws import AwsSweep
from marketday.provisioners.terraform.adopting import AwsAdoption
from marketday.provisioners.terraform.aws import call, client
from marketday.provisioners.terraform.build_host import WORK, BuildHost
from marketday.provisioners.terraform.current import CurrentProvisioner
from marketday.provisioners.terraform.dynamodb import DynamoRuns
from marketday.provisioners.terraform.ec2 import AddressOf, BuildHosts, private_address
from marketday.provisioners.terraform.errors import InvalidFacts, TerraformError
from marketday.provisioners.terraform.eventbridge import EventSchedules, Target
from marketday.provisioners.terraform.facts import StackFacts
from marketday.provisioners.terraform.far_shell import FarShell, caller
from marketday.provisioners.terraform.links import RecordedLinks
from marketday.provisioners.terraform.locks import S3Locks
from marketday.provisioners.terraform.others_sweep import OthersSweep
from marketday.provisioners.terraform.ports import TerraformHost
from marketday.provisioners.terraform.previews import Previews
from marketday.provisioners.terraform.provisioner import TerraformProvisioner
from marketday.provisioners.terraform.quotas import AwsOutlook
from marketday.provisioners.terraform.running import StackRunner
from marketday.provisioners.terraform.script import Source
from marketday.provisioners.terraform.shell import Shell
from marketday.provisioners.terraform.sns import SnsNotifier
from marketday.provisioners.terraform.ssm import SsmShell
from marketday.provisioners.terraform.surroundings import AwsSurroundings, read_secret
from marketday.provisioners.terraform.this_machine import ThisMachine

# The steps that need no database; the mall's controller does the others, in its own network.
DONE_BY_LAMBDA = frozenset({Step.PROVISION, Step.OPEN, Step.DESTROY})
# A build host, two runs of Terraform, and a replication instance between them take a quarter of an hour or more.
LINK_TAKES = timedelta(minutes=30)


class Settings(BaseSettings):
    """The lifecycle's settings on AWS, from environment variables; outputs of the stack `permanent` have the values."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    run_table: str = Field(description="DynamoDB table of environments and runs.")
    state_bucket: str = Field(description="S3 bucket of Terraform's states, logs and plans.")
    launch_template: str = Field(
        description="Ids of the build host's launch templates, with commas: the next is used when a host does not stay."
    )
    link_launch_template: str = Field(
        description="Ids of the launch templates of build hosts that open and close links, with commas."
    )
    build_by: Literal["build-host", "ssm", "this-machine"] = Field(
        default="build-host",
        description="Where Terraform runs: on a build host reached by SSH or SSM Run Command, or, for commands, here.",
    )
    work_folder: Path = Field(
        default=Path(".marketday/terraform"), description="Folder for logs and plans if Terraform runs on this machine."
    )
    shell_function: str = Field(default="", description="Function that runs commands on the build host by SSH.")
    repository_url: str = Field(description="Repository that build hosts clone.")
    repository_commit: str = Field(pattern=r"^[0-9a-f]{40}$", description="The commit to use, 40 hexadecimal digits.")
    stack_parameter: str = Field(description="SSM parameter with the facts that event stacks are built from.")
    receipt_jwks: str = Field(description="SSM parameter with the public keys that receipts are checked with.")
    schedule_group: str = Field(description="EventBridge Scheduler group of the environments' schedules.")
    scheduler_role_arn: str = Field(description="Role of EventBridge Scheduler to invoke the lifecycle's function.")
    dead_letter_arn: str = Field(description="Queue of invocations that could not be delivered.")
    lifecycle_function_arn: str = Field(
        default="", description="The lifecycle's function, which schedules invoke; not needed inside that function."
    )
    slack_secret: str = Field(
        default="",
        description="Secret with Slack's webhook; without one, notices go to the alarms' topic, or to the log.",
    )
    alarm_topic_arn: str = Field(
        default="",
        description="SNS topic of alarms. It gets notices when there is no Slack, or its webhook is revoked.",
    )
    language: StaffLanguage = Field(default=StaffLanguage.KO, description="Language of notices.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )


@cache
def _client(service: str) -> Any:
    return client(service)


@cache
def _functions() -> Any:
    return caller()


@dataclass(frozen=True, slots=True)
class AwsSite:
    """Endpoints and region; by default those of AWS itself."""

    client: Callable[[str], Any] = _client
    functions: Callable[[], Any] = _functions
    sweeping: Callable[..., Any] = field(default_factory=lambda: boto3.Session().client)
    address_of: AddressOf = private_address
    runs_folder: str = WORK  # on the build host
    backend: Mapping[str, Any] = field(default_factory=dict)  # more settings for Terraform's S3 backend
    clock: Clock = field(default_factory=SystemClock)


class OnAws:
    """The adapters of the lifecycle on AWS, for a function, a command, or the controller."""

    def __init__(self, settings: Settings, site: AwsSite | None = None) -> None:
        """Make the adapters that need no call of AWS."""
        self._settings = settings
        self._site = site or AwsSite()
        self.clock = self._site.clock
        table = Table(self._site.client("dynamodb"), settings.run_table)
        self.store = DynamoEnvironments(table, self.clock)
        self.runs = DynamoRuns(table)
        self.links = RecordedLinks(self.runs, self.clock)
        target = Target(settings.lifecycle_function_arn, settings.scheduler_role_arn, settings.dead_letter_arn)
        self.wake_ups = EventSchedules(self._site.client("scheduler"), settings.schedule_group, target, self.clock)
        self.outlook = AwsOutlook(self._site.client, self.clock, self._images)
        self.previews = Previews(self._facts, settings.repository_url, self._site.client, self.outlook)
        self.notifier = self._notifier()

    async def provisioner(self) -> TerraformProvisioner:
        """Return the provisioner, with the facts and the receipts' keys as they are now.

        Raises:
            InvalidFacts: a parameter is missing, or its content is wrong.
            AccessRefused, HostUnavailable: a parameter may not be read, or AWS does not answer.

        """
        facts = await self._facts()
        sweep = OthersSweep(AwsSweep(self._site.sweeping, [facts.region]))
        return TerraformProvisioner(
            facts,
            self._runner(facts, AwsAdoption(sweep, self._site.client, facts.region)),
            self.store,
            await self.receipts(),
            sweep,
            AwsSurroundings(self._site.client, facts.database_ca_pem),
            _staging_of,
        )

    def current_provisioner(self) -> CurrentProvisioner:
        """Return a provisioner that reads facts and keys when they are needed."""
        return CurrentProvisioner(self.provisioner, self.clock)

    async def receipts(self) -> ReceiptVerifier:
        """Return the verifier of receipts, with the mall's public keys; raises InvalidFacts, HostUnavailable."""
        return ReceiptVerifier(await self.mall_keys())

    def client(self, service: str) -> Any:
        """Return boto3's client of a service."""
        return self._site.client(service)

    def lambda_service(self, notifier: Notifier | None = None) -> EnvironmentService:
        """Return the service of the lifecycle's function: it builds and destroys. Its own notifier tells people."""
        rest, provisioner = LeftToController(self.store), self.current_provisioner()
        steps = Steps(provisioner, rest, rest, rest, rest)
        return EnvironmentService(
            self.store,
            provisioner,
            steps,
            notifier or self.notifier,
            self.clock,
            wake_ups=self.wake_ups,
            links=self.links,
            outlook=self.outlook,
            does=DONE_BY_LAMBDA,
            link_takes=LINK_TAKES,
        )

    def _notifier(self) -> Notifier:
        name, topic, language = self._settings.slack_secret, self._settings.alarm_topic_arn, self._settings.language
        otherwise = SnsNotifier(self._site.client("sns"), topic, language) if topic else LogNotifier()
        if not name:
            return otherwise

        async def webhook() -> str:
            return (await read_secret(self._site.client("secretsmanager"), name)).strip()

        return SlackNotifier(webhook, language, self.clock, otherwise)

    def _runner(self, facts: StackFacts, adoption: AwsAdoption) -> StackRunner:
        settings, site = self._settings, self._site
        backend = {"bucket": settings.state_bucket, "region": facts.region, "use_lockfile": True, "encrypt": True}
        source = Source(settings.repository_url, {**backend, **site.backend})
        locks = S3Locks(site.client("s3"), source)
        host, commit = self._host(source), settings.repository_commit
        return StackRunner(self.runs, host, commit, self.clock, locks=locks, adoption=adoption)

    def _host(self, source: Source) -> TerraformHost:
        settings, site = self._settings, self._site
        if settings.build_by == "this-machine":
            return ThisMachine(settings.work_folder, source)
        templates, links = settings.launch_template.split(","), settings.link_launch_template.split(",")
        hosts = BuildHosts(site.client("ec2"), templates, self.clock, site.address_of, links)
        return BuildHost(hosts, self._shell(), source, site.client("s3"), site.runs_folder)

    def _shell(self) -> Shell:
        if self._settings.build_by == "ssm":
            return SsmShell(self._site.client("ssm"))
        return FarShell(self._site.functions(), self._settings.shell_function)

    async def mall_keys(self) -> PublicKeys:
        """Return the mall's public keys; raises InvalidFacts, HostUnavailable."""
        name = self._settings.receipt_jwks
        try:
            return parse_jwks(json.loads(await self._parameter(name)))
        except ValueError as error:
            raise InvalidFacts(f"{name}: {error}") from None

    async def _facts(self) -> StackFacts:
        name = self._settings.stack_parameter
        return StackFacts.read(await self._parameter(name), name)

    async def _images(self) -> Sequence[str]:
        return [str(image) for _, image in (await self._facts()).images]

    async def _parameter(self, name: str) -> str:
        try:
            answer = await call(self._site.client("ssm"), "get_parameter", Name=name, WithDecryption=True)
        except TerraformError as error:
            if error.extra.get("code") != "ParameterNotFound":
                raise
            raise InvalidFacts(f"there is no parameter {name!r}; expected the one of the stack permanent") from error
        return str(answer["Parameter"]["Value"])


def _staging_of(environment: Environment) -> str:
    return Window(environment.id, environment.drop_slug, "").staging
