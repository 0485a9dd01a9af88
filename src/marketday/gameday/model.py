"""What a game day records and concludes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from marketday.crowd.report.model import Day, Verdict


class MomentKind(StrEnum):
    """Who or what made a moment."""

    BROKEN = "broken"  # the scenario broke something
    MENDED = "mended"  # the scenario stopped breaking it; what follows is the product's recovery
    RECOVERY = "recovery"  # the product did something by itself
    OPERATOR = "operator"  # a documented command of the operator
    DAY = "day"  # a step of the environment


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, in seconds since 1970; its text is `moment.<key>` with `values`."""

    at: float
    kind: MomentKind
    key: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """From when to when something was kept broken, in seconds since 1970."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class TimeTarget:
    """What a hypothesis promises about time.

    `actions` of the crowd prove that the shop is back, such as a paid order; `seconds` is the longest time from the
    fault's beginning until then, or from its end if `from_end`; None promises nothing.
    """

    actions: frozenset[str]
    seconds: float | None = None
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """The course of one game day: its evidence, what was broken, and what was seen."""

    scenario: str
    day: Day
    moments: Sequence[Moment]
    fault: Fault | None  # None if nothing was broken: the day was over before
    target: TimeTarget
    facts: Mapping[str, str] = field(default_factory=dict)  # what only this scenario measured, by name
    ended: str = ""  # the last state of the environment
    planned_opening: float = 0.0  # of the drop, as the day began; in seconds since 1970

    def first(self, key: str) -> Moment | None:
        """Return the first moment called `key`."""
        return next((moment for moment in self.moments if moment.key == key), None)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Whether the hypothesis held: each claim of it, and the sums of the day."""

    claims: Sequence[Verdict]
    sums: Sequence[Verdict]
    rpo_orders: int  # paid orders that were told and do not exist any more, also if their money was given back
    rpo_seconds: float  # how long before the fault the oldest of them was told
    rto_seconds: float | None  # from the fault's beginning; None if it did not come back
    outage_seconds: float  # the longest time without a good answer since the fault's beginning

    @property
    def held(self) -> bool:
        """Whether every claim holds; no claim at all proves nothing."""
        return bool(self.claims) and all(claim.holds for claim in self.claims)

    @property
    def broken(self) -> Sequence[Verdict]:
        """Return the claims that do not hold."""
        return [claim for claim in self.claims if not claim.holds]
