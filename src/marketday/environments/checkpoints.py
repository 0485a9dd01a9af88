"""Go or no-go: the checkpoints before an opening, at which the lifecycle decides whether the day can be held. Pure.

Each checkpoint is so long before the waiting room opens that the steps after it still have time, also for one retry:
 building takes 15 to 25 minutes with a Multi-AZ database (RDS and ElastiCache documentation; not measured here),
 hand-over and smoke test take minutes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketday.drops.schedule import Schedule
from marketday.environments.model import Environment, Step, following

# With less time than this between building and the room's opening there are no checkpoints: a person has to watch.
LEAST_PREPARATION = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A step that has to be done at the moment that is `before` the room's opening."""

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
    """The result of a checkpoint: go or no-go."""

    checkpoint: Checkpoint
    at: datetime
    go: bool

    @property
    def key(self) -> str:
        """The key with which it is recorded that people were notified."""
        return f"{'go' if self.go else 'no-go'}:{self.checkpoint.step}:{self.at.isoformat()}"


def points(planned: Schedule) -> list[tuple[Step, datetime]]:
    """Return the steps with the moment by which each has to be done, in order; empty if `why_none` gives a reason."""
    if why_none(planned):
        return []
    return [(point.step, planned.room_opens_at - point.before) for point in CHECKPOINTS]


def why_none(planned: Schedule) -> str:
    """Return, as a sentence, why a planned day has no checkpoints; empty if it has them."""
    prepared = planned.room_opens_at - planned.build_at
    if prepared >= LEAST_PREPARATION:
        return ""
    return (
        f"There is no go or no-go: the time between build_at and room_opens_at is {prepared}, "
        f"expected {LEAST_PREPARATION} or more; if a step is late, the room still opens unless you stop it."
    )


def verdict(environment: Environment, now: datetime) -> Verdict | None:
    """Return the result of the newest checkpoint that `now` has passed.

    None before the first one, after opening, and if the environment is given up. Checkpoints before the planned
    building do not count.
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
    """Return the no-go of the last checkpoint, once: a person who retries after it has decided to continue."""
    found = verdict(environment, now)
    if found is None or found.go or not found.checkpoint.last or stop_key(found) in environment.told:
        return None
    return found


def stop_key(found: Verdict) -> str:
    """Return the key with which it is recorded that the day was stopped at this checkpoint."""
    return f"stopped:{found.at.isoformat()}"
