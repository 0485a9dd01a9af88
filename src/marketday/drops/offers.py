"""What each drop sells, kept by each process, so that a page costs no query for it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from marketday.drops.errors import UnknownDrop, UnknownPicture
from marketday.drops.model import Drop, Item, Picture
from marketday.drops.requests import check_drop
from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh
from marketday.kit.printable import printable

if TYPE_CHECKING:
    from marketday.drops.postgres.store import PostgresDropStore

FACTS_SECONDS = 1.0  # an operator can close a drop early, and nothing else changes it
_ITEMS_SECONDS = 24 * 3600.0  # nothing changes an item or a picture after the hand-over


class Offers:
    """The drops, items and pictures of one drop database.

    Every method raises `StoreUnavailable` if something has to be read while the database is unavailable.
    """

    def __init__(self, store: "PostgresDropStore", clock: Clock) -> None:
        """Read from `store`; nothing is read yet."""
        self._store = store
        self._drops = Fresh(self._read_drops, seconds=FACTS_SECONDS, clock=clock)
        self._items = Fresh(self._read_items, seconds=_ITEMS_SECONDS, clock=clock)

    async def drop(self, slug: str) -> Drop:
        """Return a drop, as it was at most a second ago.

        Raises:
            UnknownDrop: it is not sold here.

        """
        found = (await self._drops.get()).get(check_drop(slug))
        if found is None:
            raise UnknownDrop(f"{slug!r} is not sold here")
        return found

    async def items(self, slug: str) -> Mapping[str, Item]:
        """Return what a drop sells by SKU, in the drop's order; raises UnknownDrop."""
        return await self._items.get((await self.drop(slug)).slug)

    async def picture(self, slug: str, name: str) -> Picture:
        """Return a picture of a drop's items by the name of its file.

        Raises:
            UnknownDrop, UnknownPicture: there is no such drop, or it has no such picture.

        """
        for item in (await self.items(slug)).values():
            if item.picture is not None and item.picture.name == name:
                return item.picture
        raise UnknownPicture(f"{printable(name, 80)!r}; expected the name of a picture on a page of {slug}")

    async def _read_drops(self) -> Mapping[str, Drop]:
        return {drop.slug: drop for drop in await self._store.drops()}

    async def _read_items(self, slug: str) -> Mapping[str, Item]:
        return {item.sku: item for item in await self._store.items(slug)}
