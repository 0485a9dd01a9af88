"""The hand-over: it copies the mall's goods and the drop's facts into a new environment."""

from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from marketday.drops.http import fetch_pictures
from marketday.drops.model import Drop
from marketday.drops.postgres import handover
from marketday.environments.facts import drop_facts
from marketday.environments.model import Environment
from marketday.environments.plane.reaching import drop_connection, rooms, translated
from marketday.environments.ports import Access, Done
from marketday.waitingroom.model import Facts


class MallHandOver:
    """A `HandOver` from the mall's PostgreSQL into an environment's PostgreSQL and Valkey."""

    def __init__(self, mall: "asyncpg.Pool[Any]", media: Path | None, fetch: handover.Fetch = fetch_pictures) -> None:
        """Read from the database `mall`; `media` is its folder of pictures, if any, `fetch` downloads others."""
        self._mall = mall
        self._media = media
        self._fetch = fetch

    async def hand_over(self, environment: Environment, access: Access) -> Done:
        """Lend the stock from the mall, and fill the drop database.

        Raises:
            NotInTheMall, TooLittleStock: the mall cannot give what the drop needs.
            RecordsUnavailable: a database does not answer.

        """
        definition = environment.definition
        products = [(each.sku, each.stock, each.limit_per_person) for each in definition.products]
        with translated():
            found = await handover.read_items(self._mall, products, self._media, self._fetch)
            items = await handover.lend(self._mall, environment.id, found)
            facts = drop_facts(definition, environment.schedule)
            async with drop_connection(access) as drop:
                commitment = await handover.write_drop(drop, facts, items)
        units = sum(item.stock for item in items)
        return Done(f"{units} units of {len(items)} items", {"commitment": commitment.hex()})

    async def publish(self, environment: Environment, access: Access) -> None:
        """Publish the facts to the waiting room; raises RoomUnavailable."""
        facts = drop_facts(environment.definition, environment.schedule)
        await publish_facts(
            access, facts, bytes.fromhex(environment.outputs["commitment"]), rejoins=environment.definition.rejoins
        )

    async def close_room(self, environment: Environment, access: Access, now: datetime) -> None:
        """Publish that the drop is closed at `now`, if it was published; raises RoomUnavailable."""
        async with rooms(access) as room:
            published = environment.drop_slug in await room.slugs()
        if published:
            await self.publish(environment.closing_at(now), access)


async def publish_facts(access: Access, drop: Drop, commitment: bytes, *, rejoins: int = 0) -> None:
    """Send the waiting room a drop's facts, so that it opens by its own clock; repeating it changes nothing."""
    facts = Facts(
        slug=drop.slug,
        room_opens_at=drop.room_opens_at,
        opens_at=drop.opens_at,
        closes_at=drop.closes_at,
        admission_seconds=drop.admission_seconds,
        commitment=commitment,
        name_ko=drop.name_ko,
        name_en=drop.name_en,
        zone=drop.zone,
        rejoins=rejoins,
    )
    async with rooms(access) as room:
        await room.publish_drop(facts)
