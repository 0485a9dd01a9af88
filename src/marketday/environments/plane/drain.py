"""Checks whether a closed drop is settled: nothing held or being paid, messages sent, entries in the register."""

from zoneinfo import ZoneInfo

from marketday.drops.model import OpenWork
from marketday.drops.postgres.store import PostgresDropStore
from marketday.environments.model import Environment
from marketday.environments.plane.closing import close_for_shoppers
from marketday.environments.plane.reaching import drop_connection, end_offers, rooms, translated
from marketday.environments.ports import Access, Done, NotYet
from marketday.kit.clock import Clock
from marketday.waitingroom.postgres import PostgresDrawLedger


class PlaneDrain:
    """A `Drain` that reads an environment's PostgreSQL and Valkey; its worker does the settling."""

    def __init__(self, clock: Clock) -> None:
        """Read the room as it is at the `clock`'s time."""
        self._clock = clock

    async def close(self, environment: Environment, access: Access) -> None:
        """Close the drop in its database and its room, at the moment that the schedule of `environment` says."""
        await close_for_shoppers(environment, access)

    async def drain(self, environment: Environment, access: Access) -> Done | NotYet:
        """Return what is not settled yet, or that all is; then nothing is offered any more to people who wait."""
        slug = environment.drop_slug
        async with rooms(access) as room:
            snapshot = await room.snapshot(slug, self._clock.now())
        with translated():
            async with drop_connection(access) as drop:
                work = await PostgresDropStore(drop).open_work(slug)
                entries, admitted = await PostgresDrawLedger(drop).registered(slug)
                waiting = {
                    "payments open": work.open_payments,
                    "messages not sent yet": work.untold_messages,
                    "entries not in the register": snapshot.entries - entries,
                    "admissions not in the register": snapshot.admitted - admitted,
                }
                left = [f"{what}: {number}" for what, number in waiting.items() if number > 0]
                if work.held_reservations:
                    left.insert(0, _held(work, environment.definition.zone))
                if not left and not await end_offers(drop, slug):
                    left.append("a unit was offered at this moment")
        return NotYet(", ".join(left)) if left else Done(f"everything is settled, {entries} entries in the register")


def _held(work: OpenWork, zone: str) -> str:
    """Return how many reservations are held, and when the last one expires."""
    held = f"reservations held: {work.held_reservations:,}"
    if work.held_until is None:
        return held
    return f"{held}, the last until {work.held_until.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} ({zone})"
