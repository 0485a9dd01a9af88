"""The facts from which every event stack is built: outputs of the stacks `permanent` and `prod`."""

import json
import re
from ipaddress import IPv4Network
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from marketday.provisioners.terraform.errors import InvalidFacts

SANDBOX = re.compile(r"^https://([a-z0-9-]+\.)*sandbox(\.[a-z0-9-]+)+(:[0-9]+)?(/|$)")
Text = Annotated[str, StringConstraints(min_length=1)]


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Images(_Facts):
    """The images that an event stack runs, each with its tag or digest."""

    gate: Text
    store: Text
    worker: Text
    migrate: Text

    def of(self, commit: str) -> Self:
        """Return the images of the same repositories that have `commit` as their tag."""
        return type(self)(**{name: f"{_repository(image)}:{commit}" for name, image in self})


class MallFacts(_Facts):
    """The facts about the mall for the event plane: its public keys, its address and the payment gateway's."""

    issuer: Text
    jwks: Text
    public_url: Text
    payment_gateway_url: Text
    payment_key_secret_arn: Text


class Controller(_Facts):
    """The place of the mall's controller in the prod plane, which a link opens the event plane's databases to."""

    security_group_id: Text
    subnet_cidrs: Annotated[tuple[IPv4Network, ...], Field(min_length=1)]
    route_table_ids: Annotated[tuple[Text, ...], Field(min_length=1)]
    role_arn: Text | None = None  # may read the webhook of Slack; for no link


class Prod(_Facts):
    """The prod plane's network, database and controller, for the stack `link`."""

    vpc_id: Text
    vpc_cidr: IPv4Network
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    name: Text
    security_group_id: Text
    subnet_ids: Annotated[tuple[Text, ...], Field(min_length=2)]
    subnet_cidrs: Annotated[tuple[IPv4Network, ...], Field(min_length=2)]
    route_table_ids: Annotated[tuple[Text, ...], Field(min_length=1)]
    kms_key_arn: Text | None = None
    controller: Controller | None = None  # if None, no controller runs there


class BackupCopies(_Facts):
    """Where the backups of an environment's database are copied to, with which key, and for how many days."""

    region: Text
    kms_key_arn: Text
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7


def is_sandbox(url: str) -> bool:
    """Whether the address of a payment gateway says that it is a sandbox: a part of its host name is `sandbox`.

    `infra/terraform/permanent` has the same expression, at the variable `previews`.
    """
    return SANDBOX.match(url) is not None


def _repository(image: str) -> str:
    """Return an image's repository, without tag and digest; a registry's port is no tag."""
    place, slash, name = image.partition("@")[0].rpartition("/")
    return f"{place}{slash}{name.partition(':')[0]}"


class StackFacts(_Facts):
    """The facts. `pool` is the range from which each environment gets its own network."""

    region: Text
    zones: Annotated[tuple[Text, ...], Field(min_length=2, max_length=3)] = ("a", "c")  # letters, as in prod
    hostname: Text
    certificate_arn: Text
    edge_key_value_store_arn: Text | None = None
    alarm_topic_arn: Text
    evidence_bucket: Text  # keeps activity and logs of environments after they are removed
    permissions_boundary_arn: Text | None = None
    pool: IPv4Network = IPv4Network("10.64.0.0/12")
    prefix: Annotated[int, Field(ge=16, le=22)] = 20  # length of the prefix of each environment's network
    images: Images
    mall: MallFacts
    prod: Prod | None = None  # if None, the databases cannot be linked
    other_cidrs: tuple[IPv4Network, ...] = ()  # other networks that an environment's must never overlap
    database_ca_pem: Text | None = None  # RDS's authorities; if None, a database's certificate is not checked
    provider_max_retries: Annotated[int, Field(ge=0)] | None = None
    recovery: BackupCopies | None = None  # if None, no other region has a copy of an environment's database
    previews: bool = False  # whether environments may be built from a branch's commit instead of the site's own

    @classmethod
    def read(cls, text: str, source: str) -> Self:
        """Read the facts from JSON; `source` names where they came from.

        Raises:
            InvalidFacts: a key is wrong; the detail names each wrong key, and what was expected.

        """
        try:
            return cls.model_validate(json.loads(text))
        except ValidationError as error:
            found = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise InvalidFacts(f"{source}: {found}") from None
        except ValueError as error:
            raise InvalidFacts(f"{source}: expected JSON ({error})") from None

    def made_from(self, commit: str) -> Self:
        """Return the facts for an environment with a commit of its own: the images of that commit.

        Raises:
            InvalidFacts: the site is not marked for previews, or its payments are not a sandbox's.

        """
        if not self.previews:
            raise InvalidFacts(
                f"previews = false: this site builds only from its own commit, not from {commit}; "
                "expected a site of its own for previews, with previews = true in the stack permanent"
            )
        gateway = self.mall.payment_gateway_url
        if not is_sandbox(gateway):
            raise InvalidFacts(
                f"previews = true, and the payment gateway is {gateway}; expected a sandbox, whose host name has a "
                "part that is `sandbox`, such as https://sandbox.example.com"
            )
        return self.model_copy(update={"images": self.images.of(commit)})

    @property
    def others(self) -> list[IPv4Network]:
        """All networks that an environment's must never overlap."""
        return [*([self.prod.vpc_cidr] if self.prod else []), *self.other_cidrs]

    @model_validator(mode="after")
    def _knows_others(self) -> Self:
        if not self.others:
            raise ValueError("prod or other_cidrs: expected at least one network that an environment must not overlap")
        return self
