"""The facts of a drop for its own servers. Pure."""

from marketday.drops.definition import DropDefinition
from marketday.drops.model import Drop
from marketday.drops.schedule import Schedule


def drop_facts(definition: DropDefinition, schedule: Schedule) -> Drop:
    """Return the facts for the drop database."""
    return Drop(
        slug=definition.slug,
        name_ko=definition.name.ko,
        name_en=definition.name.en,
        room_opens_at=schedule.room_opens_at,
        opens_at=schedule.opens_at,
        closes_at=schedule.closes_at,
        hold_seconds=definition.hold_seconds,
        admission_seconds=definition.admission_seconds,
        rates=definition.rate_limits.model_dump(),
        zone=definition.zone,
    )
