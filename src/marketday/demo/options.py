"""The options of a market day."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The options of a day. None means a suitable default."""

    home: Path
    report: Path
    lang: str
    seed: int
    people: int | None = None
    units: int | None = None
    keep: bool = False
    fast: bool = False
    arrivals_seconds: float | None = None  # from the opening of the room to the opening of the drop
