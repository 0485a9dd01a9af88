"""The day of a drop that is built at once, sells for some hours, and is then removed. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from marketday.capacity.errors import CapacityError
from marketday.capacity.sizing.model import sizes_for
from marketday.drops.contradictions import late_building, too_large
from marketday.drops.definition import DropDefinition, Name, ScheduleOverrides
from marketday.drops.mistakes import DefinitionErrors

LEAST_HOURS, MOST_HOURS = 1, 12  # of the sale, and after opening in all
# A Multi-AZ database takes up to 25 minutes, a link half an hour, hand-over and smoke test minutes. If a step is later,
# the room opens later: there is no go or no-go with less than two hours.
PREPARING = timedelta(minutes=75)
ROOM_OPEN = timedelta(minutes=5)
# What people hold is waited for, then a link is opened and the orders are handed back.
HANDING_BACK = timedelta(hours=1)


def short_day(like: DropDefinition, slug: str, name: str, region: str, now: datetime, hours: int) -> DropDefinition:
    """Return a drop with the goods, limits and forecast of `like` that sells for `hours`, built at `now` in `region`.

    `now` is an aware UTC datetime. No moment depends on the hour of the day.

    Raises:
        DefinitionErrors: the drop is too large for an environment.

    """
    now = now.replace(microsecond=0)
    room_opens_at = now + PREPARING
    opens_at = room_opens_at + ROOM_OPEN
    closes_at = opens_at + timedelta(hours=hours)
    day = ScheduleOverrides(build_at=now, room_opens_at=room_opens_at, destroy_at=closes_at + HANDING_BACK)
    changes = {
        "slug": slug,
        "name": Name(ko=name, en=name),
        "regions": (region,),
        "opens_at": opens_at,
        "closes_at": closes_at,
        "schedule_overrides": day,
    }
    made = DropDefinition.from_json(like.model_copy(update=changes).to_json())
    mistakes = late_building(made.schedule(), ZoneInfo(made.zone))
    try:
        sizes_for(made.demand())
    except CapacityError as error:
        mistakes = [*mistakes, too_large(error)]
    if mistakes:
        raise DefinitionErrors(mistakes)
    return made


def latest_end(definition: DropDefinition) -> datetime:
    """Return until when the environment of a drop made by `short_day` may be kept, in UTC."""
    return definition.opens_at + timedelta(hours=MOST_HOURS) + HANDING_BACK
