"""Import products, and read the catalogue."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from marketday.catalog.errors import UnknownCategory, UnknownProduct
from marketday.catalog.html import clean
from marketday.catalog.model import Category, Item, Known, Page, Product, ProductDraft, Shelf, Status, Wish, merge
from marketday.catalog.names import plain_handle
from marketday.catalog.shopify.product import BadRow
from marketday.catalog.shopify.table import Parsed, parse
from marketday.catalog.skus import candidates, renamed_while_lent, settle

if TYPE_CHECKING:
    from marketday.catalog.postgres import PostgresProductStore


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The numbers of products in an import; if `stored` is false, what the import would have done.

    `without_stock`: imported products that nobody can buy. `unlimited`: imported products with a variant
    that is sold without limit. `warnings`: values that were changed, or that have no effect.
    """

    created: int
    updated: int
    unchanged: int
    skipped: int
    bad_rows: tuple[BadRow, ...]
    stored: bool
    warnings: tuple[BadRow, ...] = ()
    without_stock: int = 0
    unlimited: int = 0


class CatalogService:
    """The catalogue: imports and queries."""

    def __init__(self, store: "PostgresProductStore", new_id: Callable[[], UUID]) -> None:
        self._store = store
        self._new_id = new_id

    async def import_file(
        self,
        data: bytes,
        *,
        currency: str = "KRW",
        skip_invalid: bool = False,
        dry_run: bool = False,
        recount: bool = False,
    ) -> ImportReport:
        """Import a Shopify product export: all or nothing, or with `skip_invalid` only the products without errors.

        Importing a file again changes nothing. Stock is taken from the file only for new variants, for variants whose
        quantity differs from the last import, and with `recount` for all. A quantity includes units lent to drops.

        Raises:
            NotACatalogue: the file cannot be read.
            InvalidAmount: the currency is unknown.

        """
        parsed = await asyncio.to_thread(parse, data, currency)  # in a thread, because large files take seconds
        work = _Import(parsed, self._new_id, _Wish(skip_invalid, dry_run, recount))
        handles = [draft.handle for draft in parsed.products]
        await self._store.change(handles, candidates(parsed.products), work.decide)
        return work.report()

    async def shelves(self) -> tuple[Shelf, ...]:
        """Return the categories that have products on sale."""
        return await self._store.shelves()

    async def category(self, slug: str) -> Category:
        """Return a category that has products on sale.

        Raises:
            UnknownCategory: there is none with this slug.

        """
        for shelf in await self._store.shelves():
            if shelf.category.slug == slug:
                return shelf.category
        raise UnknownCategory(f"there is no category {slug[:80]!r}")

    async def listing(self, wish: Wish) -> Page:
        """Return one page of products."""
        return await self._store.listing(wish)

    async def product(self, handle: str, *, statuses: Collection[Status] = (Status.ACTIVE,)) -> Product:
        """Return a product.

        Raises:
            UnknownProduct: there is none with this handle and one of `statuses`.

        """
        product = await self._store.product(plain_handle(handle))
        if product is None or product.status not in statuses:
            raise UnknownProduct(f"no product {handle[:80]!r}")
        return product

    async def items(self, skus: Collection[str]) -> dict[str, Item]:
        """Return variants with their products' names, by SKU; unknown SKUs are left out."""
        return await self._store.items(skus)


@dataclass(frozen=True, slots=True)
class _Wish:
    skip_invalid: bool
    dry_run: bool
    recount: bool


class _Import:
    """One import: compares the file with what is stored, decides what to store, and counts."""

    def __init__(self, parsed: Parsed, new_id: Callable[[], UUID], wish: _Wish) -> None:
        self.parsed = parsed
        self.new_id = new_id
        self.wish = wish
        self.bad_rows = parsed.bad_rows
        self.skipped = parsed.skipped
        self.warnings = parsed.warnings
        self.counts = dict.fromkeys(("created", "updated", "unchanged", "without_stock", "unlimited"), 0)

    def decide(self, known: Known) -> list[Product]:
        """Return the products that are new or changed."""
        changed = []
        for draft in self._settled(known):
            before = known.products.get(draft.handle)
            safe = replace(draft, body_html=clean(draft.body_html))
            after = merge(before, safe, self.new_id, recount=self.wish.recount)
            self.counts["created" if before is None else "unchanged" if after == before else "updated"] += 1
            self.counts["without_stock"] += not after.in_stock
            self.counts["unlimited"] += any(variant.unlimited for variant in after.offered)
            if after != before:
                changed.append(after)
        return changed if self.stored else []

    @property
    def stored(self) -> bool:
        return not self.wish.dry_run and (self.wish.skip_invalid or not self.bad_rows)

    def report(self) -> ImportReport:
        return ImportReport(
            **self.counts, skipped=self.skipped, bad_rows=self.bad_rows, stored=self.stored, warnings=self.warnings
        )

    def _settled(self, known: Known) -> list[ProductDraft]:
        """Return the drafts that can be imported, each variant with its own SKU."""
        drafts, renamed = settle(self.parsed.products, known)
        lent = [row for draft in drafts for row in renamed_while_lent(draft, known)]
        refused = {row.handle for row in lent}
        self.bad_rows = _by_line(*self.bad_rows, *lent)
        self.warnings = _by_line(*(row for row in (*self.warnings, *renamed) if row.handle not in refused))
        self.skipped += len(refused)
        return [draft for draft in drafts if draft.handle not in refused]


def _by_line(*rows: BadRow) -> tuple[BadRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.line))
