"""The plan of a worker of the crowd: one JSON file for each process."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from marketday.crowd.errors import CrowdError
from marketday.crowd.targets import check_target

Target = Annotated[str, AfterValidator(check_target)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Part):
    """A person who comes for the drop."""

    number: int = Field(ge=0, description="Their number in the whole crowd, which decides their habits and address.")
    account: str = Field(description="The mall account's id.")
    session: str = Field(repr=False, description="The mall's session cookie, because they are already signed in.")
    arrives: float = Field(description="The time of arrival, in seconds since 1970.")


class WantedItem(_Part):
    """One item of the drop."""

    sku: str
    stock: int = Field(ge=0, description="People want items in proportion to their stock.")
    limit_per_person: int = Field(ge=1)


class DropFacts(_Part):
    """The public facts about the drop."""

    slug: str
    items: tuple[WantedItem, ...] = Field(min_length=1)
    opens: float = Field(description="Seconds since 1970.")
    closes: float = Field(description="Seconds since 1970.")


class DropVisit(_Part):
    """A crowd that comes for a drop."""

    event: Target
    drop: DropFacts
    people: tuple[Person, ...] = ()
    intruders: tuple[Person, ...] = ()
    expired_identity: str = Field(default="", description="An expired identity token, for an intruder.")
    hurry: float = Field(default=1.0, gt=0, description="Multiplies every pause.")


class MallVisit(_Part):
    """Ordinary shoppers, at a steady rate."""

    visits_per_second: float = Field(ge=0, le=1000)
    begins: float
    ends: float
    sessions: tuple[str, ...] = Field(default=(), repr=False, description="Signed-in people among them.")


class Plan(_Part):
    """Everything that one worker does."""

    seed: int
    mall: Target
    journal: Path
    stops_at: float = Field(description="When all visits end, in seconds since 1970.")
    key: str = Field(default="", repr=False, description="The key with which the edges trust each person's address.")
    drop_visit: DropVisit | None = None
    mall_visit: MallVisit | None = None


def read_plan(path: Path) -> Plan:
    """Read and check a plan.

    Raises:
        CrowdError: the file is missing or not a plan; the detail names each mistake.
        NotLoopback: a target is on another machine.

    """
    try:
        return Plan.model_validate_json(path.read_text("utf-8"))
    except OSError as error:
        raise CrowdError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        mistakes = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise CrowdError(f"{path} is not a plan: {mistakes}") from None
