"""Import the catalogue, and look at it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from uuid import UUID

from marketday.catalog.errors import UnknownCategory, UnknownProduct
from marketday.catalog.html import clean
from marketday.catalog.model import Category, Item, Known, Page, Product, ProductDraft, Shelf, Status, Wish, merge
from marketday.catalog.ports import ProductStore
from marketday.catalog.shopify_csv import Parsed, parse
from marketday.catalog.shopify_product import BadRow


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, in products; with `stored` false, what it would have done."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    bad_rows: tuple[BadRow, ...]
    stored: bool


class CatalogService:
    """The catalogue, in whatever keeps it."""

    def __init__(self, store: ProductStore, new_id: Callable[[], UUID]) -> None:
        self._store = store
        self._new_id = new_id

    async def import_file(
        self, data: bytes, *, currency: str = "KRW", skip_invalid: bool = False, dry_run: bool = False
    ) -> ImportReport:
        """Import a Shopify product export: all of it, or nothing, or with `skip_invalid` the products that are good.

        Importing a file again changes nothing. Stock is taken from the file only for new variants and where
        the file's quantity is another than the last import found.

        Raises:
            NotACatalogue: the file cannot be read at all.
            InvalidAmount: no such currency.

        """
        work = _Import(parse(data, currency), self._new_id, skip_invalid=skip_invalid, dry_run=dry_run)
        skus = [variant.sku for draft in work.parsed.products for variant in draft.variants]
        await self._store.change([draft.handle for draft in work.parsed.products], skus, work.decide)
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
        raise UnknownCategory(f"no category {slug[:80]!r}")

    async def listing(self, wish: Wish) -> Page:
        """Return one page of products."""
        return await self._store.listing(wish)

    async def product(self, handle: str, *, statuses: Collection[Status] = (Status.ACTIVE,)) -> Product:
        """Return a product.

        Raises:
            UnknownProduct: none has this handle and one of `statuses`.

        """
        product = await self._store.product(handle)
        if product is None or product.status not in statuses:
            raise UnknownProduct(f"no product {handle[:80]!r}")
        return product

    async def items(self, skus: Collection[str]) -> dict[str, Item]:
        """Return variants by SKU with their products' names; unknown SKUs are left out."""
        return await self._store.items(skus)


class _Import:
    """One import: decides what to store once it sees what is stored, and counts."""

    def __init__(self, parsed: Parsed, new_id: Callable[[], UUID], *, skip_invalid: bool, dry_run: bool) -> None:
        self.parsed = parsed
        self.new_id = new_id
        self.skip_invalid = skip_invalid
        self.dry_run = dry_run
        self.bad_rows = parsed.bad_rows
        self.skipped = parsed.skipped
        self.created = self.updated = self.unchanged = 0

    def decide(self, known: Known) -> list[Product]:
        """Return the products that are new or different."""
        drafts = self._with_free_skus(known)
        changed = []
        for draft in drafts:
            before = known.products.get(draft.handle)
            after = merge(before, replace(draft, body_html=clean(draft.body_html)), self.new_id)
            if before is None:
                self.created += 1
            elif after == before:
                self.unchanged += 1
            else:
                self.updated += 1
            if after != before:
                changed.append(after)
        return changed if self.stored else []

    @property
    def stored(self) -> bool:
        return not self.dry_run and (self.skip_invalid or not self.bad_rows)

    def report(self) -> ImportReport:
        return ImportReport(self.created, self.updated, self.unchanged, self.skipped, self.bad_rows, self.stored)

    def _with_free_skus(self, known: Known) -> list[ProductDraft]:
        taken = [
            BadRow(
                variant.line, "Variant SKU", f"{variant.sku!r} belongs to the product {owner!r} already", draft.handle
            )
            for draft in self.parsed.products
            for variant in draft.variants
            if (owner := known.owners.get(variant.sku, draft.handle)) != draft.handle
        ]
        refused = {row.handle for row in taken}
        self.bad_rows = tuple(sorted((*self.bad_rows, *taken), key=lambda row: row.line))
        self.skipped += len(refused)
        return [draft for draft in self.parsed.products if draft.handle not in refused]
