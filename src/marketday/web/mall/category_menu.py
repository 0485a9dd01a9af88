"""The categories that stand in the header of every page."""

from datetime import datetime, timedelta

from marketday.catalog.model import Category
from marketday.catalog.service import CatalogService
from marketday.kit.clock import Clock

_FRESH_FOR = timedelta(seconds=10)


class CategoryMenu:
    """The categories with products on sale, read at most once in ten seconds however many pages are shown."""

    def __init__(self, catalog: CatalogService, clock: Clock) -> None:
        """Read from `catalog`; empty until the first `refresh`."""
        self.categories: tuple[Category, ...] = ()
        self._catalog = catalog
        self._clock = clock
        self._read_at: datetime | None = None

    async def refresh(self) -> None:
        """Read the categories again where they are older than ten seconds."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= _FRESH_FOR:
            self.categories = tuple(shelf.category for shelf in await self._catalog.shelves())
            self._read_at = now
