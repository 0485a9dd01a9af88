"""What kind of market day is wanted."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoWish:
    """What kind of day is wanted. None: what suits the kind."""

    home: Path
    report: Path
    lang: str
    seed: int
    people: int | None = None
    units: int | None = None
    keep: bool = False
    fast: bool = False
