"""What the catalogue needs from its storage."""

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from marketday.catalog.model import Item, Known, Page, Product, Shelf, Wish


class ProductStore(Protocol):
    """Stores products. Every method is one transaction."""

    async def change(
        self, handles: Collection[str], skus: Collection[str], decide: Callable[[Known], Iterable[Product]]
    ) -> None:
        """Lock the products with these handles, call `decide` with them, and store the products that it returns.

        `Known.owners` has the product of each stored SKU in `skus`. If `decide` raises, nothing is stored. Two
        changes never run at the same time.
        """
        ...

    async def shelves(self) -> tuple[Shelf, ...]:
        """Return the categories that have active products, in their order."""
        ...

    async def listing(self, wish: Wish) -> Page:
        """Return one page of products; an unknown category has none."""
        ...

    async def product(self, handle: str) -> Product | None:
        """Return a product of any status."""
        ...

    async def product_of(self, sku: str) -> Product | None:
        """Return the product that has this SKU, of any status."""
        ...

    async def items(self, skus: Collection[str]) -> dict[str, Item]:
        """Return the variants with these SKUs; unknown ones are left out."""
        ...
