"""When the lifecycle has to look at an environment: at the moments of its day, and every minute between them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketday.environments.checkpoints import CHECKPOINTS
from marketday.environments.model import Environment, longest_life
from marketday.environments.notices import LEADS, LOOKS

TICK = timedelta(minutes=1)
_AFTER_THE_END = timedelta(days=1)  # late retries continue, and people are notified that it still exists


@dataclass(frozen=True, slots=True)
class Ticking:
    """Every minute from `start` to `end`, so that waiting steps, such as a run of Terraform, continue."""

    start: datetime
    end: datetime


def moments(environment: Environment) -> Mapping[str, datetime]:
    """Return the moments at which a step or a notice is planned, by name, in order; aware UTC datetimes."""
    schedule = environment.schedule
    found = {
        "build": schedule.build_at,
        "room": schedule.room_opens_at,
        "close": schedule.closes_at,
        "destroy": schedule.destroy_at,
    }
    for number, window in enumerate(schedule.windows_until(schedule.closes_at), start=1):
        found[f"window-{number}"] = window
    for point in CHECKPOINTS:
        found[f"point-{point.step}"] = schedule.room_opens_at - point.before
    for lead in LEADS:
        found[f"leaving-{lead // timedelta(minutes=1)}m"] = schedule.destroy_at - lead
    looks = {f"look-{lead.days}d": schedule.build_at - lead for lead in LOOKS}
    # Before building there is nothing else to do.
    standing = {name: moment for name, moment in found.items() if moment >= schedule.build_at}
    return dict(sorted({**looks, **standing}.items(), key=lambda each: each[1]))


def ticking(environment: Environment, now: datetime) -> Ticking:
    """Return the time of the minute wake-ups: from building to a day after the latest end.

    A decision at `now`, if that is later, gives it another day.
    """
    latest = max(environment.schedule.destroy_at, longest_life(environment), now)
    return Ticking(environment.schedule.build_at, latest + _AFTER_THE_END)
