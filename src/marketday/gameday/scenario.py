"""What a scenario is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from marketday.gameday.claims import Claim
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.setting import Setting
from marketday.gameday.stage import Stage
from marketday.provisioners.local.home import Home

PAID_ORDER = frozenset({"store pay"})  # an answer that tells a paid order
MALL_PAGE = frozenset({"mall product", "mall products", "mall search"})  # pages for which the mall asks its database


def _nothing(_: Home) -> None:
    """Prepare nothing."""


def _stay() -> None:
    """Stay in this process."""


def _all_here() -> str:
    """Miss nothing."""
    return ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One game day: how it is played, and the claims of its hypothesis.

    Its texts are `scenario.<name>.title`, `.hypothesis`, `.broken` (what is broken) and `.back` (by what it recovers).
    """

    name: ScenarioName
    play: Callable[[Stage], Awaitable[None]]  # breaks things at its moment, while the day is played beside it
    claims: tuple[Claim, ...]
    target: TimeTarget
    setting: Setting = field(default_factory=Setting)
    enter: Callable[[], None] = _stay  # before everything else; it may start the command again in a place of its own
    prepare: Callable[[Home], None] = _nothing  # before the mall starts
    missing: Callable[[], str] = _all_here  # a sentence about what this machine lacks for it
    before_the_crowd: bool = False  # whether people come only when the scenario lets them
    to_the_end: bool = True  # whether the day has to come to its end: destroyed, or failed for good
