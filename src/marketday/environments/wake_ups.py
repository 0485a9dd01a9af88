"""When the lifecycle has to look at an environment: the moments of its day, and the minutes in between. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketday.environments.checkpoints import CHECKPOINTS
from marketday.environments.model import Environment, longest_life
from marketday.environments.notices import LEADS

TICK = timedelta(minutes=1)
_AFTER_THE_END = timedelta(days=1)  # what was retried late is still carried along, and an overstay is told


@dataclass(frozen=True, slots=True)
class Ticking:
    """From `start` to `end`, each minute: what waits, such as a run of Terraform, is carried along."""

    start: datetime
    end: datetime


def moments(environment: Environment) -> Mapping[str, datetime]:
    """Return the moments at which something is planned or told, by name, in their order; aware UTC datetimes."""
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
    # Before it is built there is nothing to look at.
    standing = ((name, moment) for name, moment in found.items() if moment >= schedule.build_at)
    return dict(sorted(standing, key=lambda each: each[1]))


def ticking(environment: Environment, now: datetime) -> Ticking:
    """Return the minutes to look at as well: from building until it may not stand any longer, and a day more.

    What is decided after that, at `now`, has a day too.
    """
    latest = max(environment.schedule.destroy_at, longest_life(environment), now)
    return Ticking(environment.schedule.build_at, latest + _AFTER_THE_END)
