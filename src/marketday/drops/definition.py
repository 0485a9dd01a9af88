"""A drop's definition: the TOML file that an operator writes, checked mistake by mistake."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from marketday.capacity.errors import CapacityError
from marketday.capacity.forecast.model import Demand, Forecast, Offer, demand, people_for
from marketday.capacity.sizing.model import sizes_for
from marketday.catalog.names import sku_of
from marketday.drops.contradictions import examine, late_building, too_large
from marketday.drops.mistakes import DefinitionErrors, Mistake, translate
from marketday.drops.schedule import Schedule, default_schedule
from marketday.kit.reading import UnreadableFile, parse_toml, read_text
from marketday.kit.text import is_blank

LARGEST_FILE = 256 * 1024  # bytes: some thousand products
MOST_PRODUCTS, MOST_REGIONS = 500, 20


def _printable(text: str) -> str:
    """Refuse characters that a database or a page cannot hold: control characters and line breaks."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise ValueError("a control character")
    if is_blank(text):
        raise ValueError("nothing to see")
    return text


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=40)]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,}(-[a-z]+)+-\d+$")]
Sku = Annotated[str, AfterValidator(sku_of)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(_Table):
    """The name of the drop in Korean and in English. If a definition has only one of them, it is used for both."""

    ko: Text
    en: Text

    @model_validator(mode="before")
    @classmethod
    def _one_is_enough(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"ko": value, "en": value}
        if isinstance(value, Mapping):
            given = {language: value[language] for language in ("en", "ko") if language in value}
            if not given:
                raise ValueError("there is no name in any language")
            if len(given) == 1:
                [only] = given.values()
                return {"ko": only, "en": only, **value}
        return value


class DropProduct(_Table):
    """One item of the drop: a variant of the mall's catalogue, by its SKU."""

    sku: Sku
    stock: Count
    limit_per_person: Count


class RateLimits(_Table):
    """How fast the drop lets people in."""

    admissions_per_second: Annotated[float, Field(strict=True, ge=0.01, le=100_000)] = 20
    inside: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 120
    requests_per_second: Annotated[float, Field(strict=True, ge=1, le=100_000)] = 20


class Expectation(_Table):
    """How many people are expected, and how they arrive. The defaults are the values of our demo day."""

    people: Annotated[int, Field(strict=True, ge=1, le=10_000_000)] | None = None  # None for ten for each unit
    waiting_share: Annotated[float, Field(strict=True, ge=0, le=1)] = 0.8
    arrival_minutes: Annotated[float, Field(strict=True, ge=0.01, le=1440)] = 10
    buying_share: Annotated[float, Field(strict=True, ge=0.0001, le=1)] = 0.5


class ScheduleOverrides(_Table):
    """Moments that differ from the usual day."""

    build_at: datetime | None = None
    room_opens_at: datetime | None = None
    destroy_at: datetime | None = None


class DropDefinition(_Table):
    """A checked definition. All its moments are aware UTC datetimes."""

    slug: Slug
    name: Name
    zone: str
    opens_at: datetime
    closes_at: datetime
    regions: Annotated[tuple[Region, ...], Field(min_length=1, max_length=MOST_REGIONS)]
    hold_seconds: Annotated[int, Field(strict=True, ge=5, le=3600)] = 300
    admission_seconds: Annotated[int, Field(strict=True, ge=5, le=7200)] = 600
    rejoins: Annotated[int, Field(strict=True, ge=0, le=100)] = 3
    products: Annotated[tuple[DropProduct, ...], Field(min_length=1, max_length=MOST_PRODUCTS)]
    rate_limits: RateLimits = RateLimits()
    expected: Annotated[Expectation, Field(alias="forecast")] = Expectation()
    schedule_overrides: Annotated[ScheduleOverrides, Field(alias="schedule")] = ScheduleOverrides()

    def schedule(self) -> Schedule:
        """Return the moments of the day: the usual ones, unless the definition has others."""
        usual = default_schedule(self.opens_at, self.closes_at, ZoneInfo(self.zone))
        chosen = self.schedule_overrides
        return Schedule(
            build_at=chosen.build_at or usual.build_at,
            room_opens_at=chosen.room_opens_at or usual.room_opens_at,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            destroy_at=chosen.destroy_at or usual.destroy_at,
        )

    def local(self, moment: datetime) -> str:
        """Return a moment in the drop's zone: ISO 8601 with the offset of its zone."""
        return moment.astimezone(ZoneInfo(self.zone)).isoformat(timespec="seconds")

    def demand(self) -> Demand:
        """Return the load that the expected people will cause."""
        units, day = sum(product.stock for product in self.products), self.schedule()
        expected = self.expected
        forecast = Forecast(
            people=expected.people or people_for(units),
            waiting_share=expected.waiting_share,
            arrival_minutes=expected.arrival_minutes,
            buying_share=expected.buying_share,
        )
        offer = Offer(
            units=units,
            admissions_per_second=self.rate_limits.admissions_per_second,
            room_seconds=(day.opens_at - day.room_opens_at).total_seconds(),
            open_seconds=(day.closes_at - day.opens_at).total_seconds(),
        )
        return demand(forecast, offer)

    def moved_to(self, now: datetime, *, room_opens_in: timedelta, opens_in: timedelta, closes_in: timedelta) -> Self:
        """Return the same drop with its day moved to `now`: built at once, destroyed after the hand-back."""
        closes_at = now + closes_in
        overrides = ScheduleOverrides(build_at=now, room_opens_at=now + room_opens_in, destroy_at=closes_at)
        moved = {"opens_at": now + opens_in, "closes_at": closes_at, "schedule_overrides": overrides}
        return self.model_copy(update=moved)

    def to_json(self) -> dict[str, Any]:
        """Return the definition as JSON types."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls.model_validate(value)


class _File(_Table):
    drop: DropDefinition


_KEYS = {
    "": ["drop"],
    "drop": [field.alias or name for name, field in DropDefinition.model_fields.items()],
    "name": list(Name.model_fields),
    "products": list(DropProduct.model_fields),
    "rate_limits": list(RateLimits.model_fields),
    "forecast": list(Expectation.model_fields),
    "schedule": list(ScheduleOverrides.model_fields),
}


def load(path: Path) -> DropDefinition:
    """Read and check the definition in the file `path`.

    Raises:
        DefinitionErrors: the file cannot be read, is not TOML, or has invalid values.

    """
    try:
        text = read_text(path, LARGEST_FILE)
    except UnreadableFile as error:
        raise DefinitionErrors([Mistake(str(path), "unreadable", f"a TOML file in UTF-8 ({error.detail})")]) from None
    return parse(text, str(path))


def parse(text: str, source: str = "definition") -> DropDefinition:
    """Check the definition `text`; `source` names it in messages.

    Raises:
        DefinitionErrors: it is not TOML, or has invalid values; all mistakes at once.

    """
    try:
        tables = parse_toml(text)
    except ValueError as error:
        raise DefinitionErrors([Mistake(source, "not TOML", f"valid TOML: {error}")]) from None
    mistakes: list[Mistake] = []
    if isinstance(tables.get("drop"), dict):
        tables["drop"], mistakes = examine(tables["drop"])
    try:
        checked = _File.model_validate(tables).drop
    except ValidationError as error:
        told = {mistake.key for mistake in mistakes}
        mistakes += [found for found in translate(error.errors(), _KEYS) if found.key not in told]
        raise DefinitionErrors(mistakes) from None
    mistakes = mistakes or late_building(checked.schedule(), ZoneInfo(checked.zone)) or _oversized(checked)
    if mistakes:
        raise DefinitionErrors(mistakes)
    return checked


def _oversized(definition: DropDefinition) -> list[Mistake]:
    try:
        sizes_for(definition.demand())
    except CapacityError as error:
        return [too_large(error)]
    return []
