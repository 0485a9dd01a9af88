"""The drops that the mall shows to visitors, read from the records of their environments."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from marketday.drops.definition import DropDefinition
from marketday.drops.schedule import Schedule
from marketday.environments.model import Environment, State, Step
from marketday.environments.ports import EnvironmentStore
from marketday.kit.clock import Clock
from marketday.kit.errors import Kind, Permanent
from marketday.kit.fresh import Fresh

_FRESH_SECONDS = 1.0
_NOT_BUILT = frozenset({State.REQUESTED, State.PROVISIONING})
_HELD = frozenset({Step.PROVISION, Step.HAND_OVER, Step.SMOKE})  # if one of these failed, the room is not published
_SELLING = frozenset(
    {State.OPEN, State.DRAINING, State.HANDING_BACK, State.FAILED}
)  # in these states its orders may not be in the mall yet
_FINISHED = frozenset({State.VERIFIED, State.DESTROYING, State.DESTROYED})


class UnknownDrop(Permanent):
    """There is no such drop."""

    kind = Kind.NOT_FOUND
    slug = "unknown-drop"


class VisitPhase(StrEnum):
    """What a visitor of the mall can do with a drop."""

    COMING = "coming"
    OPEN = "open"  # the waiting room or the sale is open
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ListedDrop:
    """A drop as its landing page shows it; `event_url` is the address of its waiting room while it is open."""

    definition: DropDefinition
    schedule: Schedule
    phase: VisitPhase
    commitment: str
    event_url: str | None
    selling: bool = False  # the sale is open, not only the waiting room
    orders_to_come: bool = False  # the event plane may have orders that the mall does not have yet

    @property
    def slug(self) -> str:
        """The drop's slug."""
        return self.definition.slug

    @property
    def status(self) -> str:
        """The status that visitors see: `coming`, `room` before the sale, `open`, `over`."""
        return "room" if self.phase is VisitPhase.OPEN and not self.selling else self.phase.value

    @property
    def event_origin(self) -> str:
        """The origin of its forms' targets, for the content policy; empty while it is closed."""
        parts = urlsplit(self.event_url or "")
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def drop_of(environment: Environment, now: datetime) -> ListedDrop:
    """Return what the mall shows about the drop of `environment` at `now`."""
    schedule = environment.schedule
    url = environment.outputs.get("public_url", "").rstrip("/")
    held = environment.state in _NOT_BUILT | _FINISHED or environment.failed_step in _HELD
    reachable = bool(url) and not held
    if environment.state in _FINISHED or now >= schedule.closes_at:
        phase = VisitPhase.OVER
    elif reachable and now >= schedule.room_opens_at:
        phase = VisitPhase.OPEN
    else:
        phase = VisitPhase.COMING
    return ListedDrop(
        definition=environment.definition,
        schedule=schedule,
        phase=phase,
        commitment=environment.outputs.get("commitment", ""),
        event_url=url if phase is VisitPhase.OPEN else None,
        selling=phase is VisitPhase.OPEN and now >= schedule.opens_at,
        orders_to_come=environment.opened and environment.state in _SELLING and now >= schedule.opens_at,
    )


class DropBoard:
    """All drops by slug, read at most once a second."""

    def __init__(self, environments: EnvironmentStore, clock: Clock) -> None:
        """Read from `environments`."""
        self._environments = environments
        self._clock = clock
        self._latest = Fresh(self._read, seconds=_FRESH_SECONDS, clock=clock)

    async def drop(self, slug: str) -> ListedDrop:
        """Return a drop, from its latest environment; raises UnknownDrop."""
        environment = (await self._latest.get()).get(slug)
        if environment is None:
            raise UnknownDrop(f"{slug[:80]!r} is not a drop of this mall")
        return drop_of(environment, self._clock.now())

    async def drops(self) -> list[ListedDrop]:
        """Return all drops: first the open ones, then the coming ones, then the past ones."""
        now = self._clock.now()
        drops = [drop_of(environment, now) for environment in (await self._latest.get()).values()]
        order = [VisitPhase.OPEN, VisitPhase.COMING, VisitPhase.OVER]
        return sorted(drops, key=lambda drop: (order.index(drop.phase), drop.schedule.opens_at))

    async def _read(self) -> dict[str, Environment]:
        return {each.drop_slug: each for each in await self._environments.all()}
