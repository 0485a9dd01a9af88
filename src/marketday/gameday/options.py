"""The options of a game day."""

from dataclasses import dataclass
from pathlib import Path

from marketday.gameday.names import ScenarioName


@dataclass(frozen=True, slots=True)
class GameDayOptions:
    """The options of a game day. None means the scenario's own number."""

    scenario: ScenarioName
    home: Path
    report: Path
    lang: str
    seed: int
    people: int | None = None
    fault_seconds: float | None = None
    at_seconds: float | None = None  # after the opening
