"""Go or no-go: the points before an opening at which it is decided whether the day can be held. Pure.

The points lie backwards from the moment at which the waiting room opens, each as far as what still has to follow it
takes, with one retry of it: building took 15 to 25 minutes where a Multi-AZ database is made (RDS and ElastiCache
documentation; not measured here), hand-over and smoke test take minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketday.drops.schedule import Schedule
from marketday.environments.model import Environment, Step, following

# A day with less time than this between building and the room's opening is played by someone who watches it.
LEAST_PREPARATION = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """By `before` the room's opening, `step` has to be done."""

    step: Step
    before: timedelta
    last: bool = False


CHECKPOINTS = (
    Checkpoint(Step.PROVISION, timedelta(minutes=75)),
    Checkpoint(Step.HAND_OVER, timedelta(minutes=45)),
    Checkpoint(Step.SMOKE, timedelta(minutes=20), last=True),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found at a point: go, or what is missing."""

    checkpoint: Checkpoint
    at: datetime
    go: bool

    @property
    def key(self) -> str:
        """The name under which it is recorded that people were told."""
        return f"{'go' if self.go else 'no-go'}:{self.checkpoint.step}:{self.at.isoformat()}"


def points(planned: Schedule) -> list[tuple[Step, datetime]]:
    """Return by when which step has to be done on a planned day, in order; none where `why_none` says why."""
    if why_none(planned):
        return []
    return [(point.step, planned.room_opens_at - point.before) for point in CHECKPOINTS]


def why_none(planned: Schedule) -> str:
    """Return, as a sentence, why a planned day has no go or no-go; empty: it has."""
    prepared = planned.room_opens_at - planned.build_at
    if prepared >= LEAST_PREPARATION:
        return ""
    return (
        f"There is no go or no-go: between build_at and room_opens_at are {prepared}, "
        f"expected {LEAST_PREPARATION} or more; nothing but you holds the room when a step is late."
    )


def verdict(environment: Environment, now: datetime) -> Verdict | None:
    """Return what is found at the newest point that `now` has passed.

    None before the first and after opening, and where the environment is given up. What lies before the moment at
    which it could first be built is no point of it.
    """
    schedule = environment.schedule
    room = schedule.room_opens_at
    if why_none(environment.definition.schedule()) or now >= room:
        return None
    if following(environment) in (Step.HAND_BACK, Step.DESTROY):
        return None
    passed = [point for point in CHECKPOINTS if schedule.build_at <= room - point.before <= now]
    if not passed:
        return None
    point = passed[-1]
    return Verdict(point, room - point.before, go=point.step in environment.done)


def stops(environment: Environment, now: datetime) -> Verdict | None:
    """Return the no-go of the last point, once: a person who retries after it has decided otherwise."""
    found = verdict(environment, now)
    if found is None or found.go or not found.checkpoint.last or stop_key(found) in environment.told:
        return None
    return found


def stop_key(found: Verdict) -> str:
    """Return the name under which it is recorded that the day was stopped at this point."""
    return f"stopped:{found.at.isoformat()}"
