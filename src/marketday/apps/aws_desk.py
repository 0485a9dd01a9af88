"""The operator's commands on AWS, from any machine: they use the run table, and need no way into the mall's network."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from marketday.accounts.tokens import SigningKey, load_signing_key
from marketday.apps.aws import OnAws, Settings
from marketday.environments.errors import LifecycleError
from marketday.environments.extension_permit import Permits
from marketday.environments.notices import Notice
from marketday.environments.ports import EnvironmentStore, Outlook, Provisioner
from marketday.environments.service import EnvironmentService
from marketday.handback.receipt import ReceiptVerifier
from marketday.kit.errors import Kind, Permanent
from marketday.provisioners.terraform.ports import RunStore
from marketday.provisioners.terraform.previews import Previews
from marketday.rounds.hand_back import RecordedReceipts

SIGNING_KEY = "MARKETDAY_SIGNING_KEY_FILE"
FUNCTION = "MARKETDAY_LIFECYCLE_FUNCTION_ARN"  # needed here, but not in the function itself


class NotConfigured(LifecycleError, Permanent):
    """A setting for AWS is missing or wrong."""

    kind = Kind.INVALID
    slug = "not-configured"


class LeftToFunction:
    """A `Notifier` that tells nobody: an operator may not read the webhook, and the function tells within a minute."""

    async def notify(self, notice: Notice) -> bool:
        """Return False: it is still to be told."""
        del notice
        return False


@dataclass(frozen=True, slots=True)
class AwsDesk:
    """What the commands `env`, `receipt` and `drop` work with on AWS. Implements `cli.desk.Desk`."""

    service: EnvironmentService
    store: EnvironmentStore
    provisioner: Provisioner
    hand_back: RecordedReceipts
    receipts: ReceiptVerifier
    permits: Permits
    runs: RunStore
    outlook: Outlook
    previews: Previews
    goods: None = None  # the mall's database cannot be reached from here
    ending: None = None  # nor an event plane's
    writing_off: None = None


def settings_of_environment() -> Settings:
    """Read the settings of a command or of the controller from the environment's variables.

    Raises:
        NotConfigured: a setting is missing or wrong, such as the function that schedules invoke; all are named.

    """
    missing = [] if os.environ.get(FUNCTION) else [f"{FUNCTION}: missing"]
    try:
        settings, wrong = Settings(), list[str]()
    except ValidationError as error:
        settings, wrong = None, [_wrong(one) for one in error.errors()]
    if settings is None or missing:
        raise NotConfigured(
            f"{'; '.join([*wrong, *missing])}. `terraform output -raw settings` of the stack permanent has them"
        )
    return settings


def _wrong(found: ErrorDetails) -> str:
    """Return a setting's name, and its value if it has one. No setting here is a secret."""
    value = "" if found["type"] == "missing" else f" is {found['input']!r}"
    return f"MARKETDAY_{str(found['loc'][0]).upper()}{value}: {found['msg']}"


@asynccontextmanager
async def open_aws_desk(settings: Settings, on_aws: OnAws | None = None) -> AsyncIterator[AwsDesk]:
    """Open the desk. Steps that need the databases are left to the mall's controller.

    Raises:
        InvalidFacts, HostUnavailable: an output of the stack `permanent` is missing, or AWS does not answer.

    """
    on_aws = on_aws or OnAws(settings)
    provisioner, verifier = await on_aws.provisioner(), await on_aws.receipts()
    yield AwsDesk(
        service=on_aws.lambda_service(LeftToFunction()),
        store=on_aws.store,
        provisioner=provisioner,
        hand_back=RecordedReceipts(on_aws.store, verifier),
        receipts=verifier,
        permits=Permits(await on_aws.mall_keys(), _signing_key()),
        runs=on_aws.runs,
        outlook=on_aws.outlook,
        previews=on_aws.previews,
    )


def _signing_key() -> SigningKey | None:
    """Return the mall's private key, or None if no variable names its file. Only signing a permit needs it."""
    file = os.environ.get(SIGNING_KEY)
    try:
        return load_signing_key(Path(file)) if file else None
    except (OSError, ValueError) as error:
        raise NotConfigured(f"{SIGNING_KEY}: {error}; expected the mall's private key") from None
