"""The categories in the header of every page."""

from marketday.catalog.model import Category
from marketday.catalog.service import CatalogService
from marketday.kit.clock import Clock
from marketday.kit.fresh import Fresh

_FRESH_SECONDS = 10.0


class CategoryMenu:
    """The categories with products on sale, read at most once in ten seconds."""

    def __init__(self, catalog: CatalogService, clock: Clock) -> None:
        """Read from `catalog`; empty until the first `refresh`."""
        self.categories: tuple[Category, ...] = ()
        self._catalog = catalog
        self._fresh = Fresh(self._read, seconds=_FRESH_SECONDS, clock=clock)

    async def refresh(self) -> None:
        """Read the categories again if they are older than ten seconds."""
        self.categories = await self._fresh.get()

    async def _read(self) -> tuple[Category, ...]:
        return tuple(shelf.category for shelf in await self._catalog.shelves())
