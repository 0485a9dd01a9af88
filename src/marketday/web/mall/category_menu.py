"""The categories in the header of every page."""

from marketday.catalog.model import Category
from marketday.catalog.service import CatalogService
from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh

_FRESH_SECONDS = 10.0


class CategoryMenu:
    """The categories with products on sale, read again after each change that is heard of, or after ten seconds."""

    def __init__(self, catalog: CatalogService, clock: Clock) -> None:
        """Read from `catalog`; empty until the first `refresh`."""
        self.categories: tuple[Category, ...] = ()
        self._catalog = catalog
        self._changes = 0
        self._fresh = Fresh(self._read, seconds=_FRESH_SECONDS, clock=clock)

    async def refresh(self) -> None:
        """Read the categories again if they are old."""
        await self._fresh.get()

    def forget(self) -> None:
        """Read the categories again at the next refresh, because they may have changed."""
        self._changes += 1
        self._fresh.forget()

    async def _read(self) -> None:
        changes = self._changes
        categories = tuple(shelf.category for shelf in await self._catalog.shelves())
        if changes == self._changes:  # otherwise a reading that began later sets them
            self.categories = categories
