"""The catalogue of a mall whose pictures are in a folder on this machine."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from marketday.catalog.pictures import bring_pictures
from marketday.catalog.service import CatalogService

if TYPE_CHECKING:
    from marketday.catalog.postgres import PostgresProductStore


class Shelves(CatalogService):
    """The catalogue of a mall on this machine, with its pictures."""

    def __init__(self, store: "PostgresProductStore", make_id: Callable[[], UUID], media: Path) -> None:
        """Keep products in `store`, and pictures in the folder `media`."""
        super().__init__(store, make_id)
        self._media = media

    async def bring_pictures(self, folder: Path) -> int:
        """Copy the pictures of a folder to where the mall serves them; return how many were new."""
        return await asyncio.to_thread(bring_pictures, folder, self._media)
