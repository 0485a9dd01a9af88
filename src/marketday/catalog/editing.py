"""Edit single products, as an administrator does by hand."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from marketday.catalog.errors import HandleTaken, InvalidProduct, SkuTaken, UnknownProduct, UnknownVariant
from marketday.catalog.html import clean
from marketday.catalog.model import (
    LARGEST_STOCK,
    Known,
    Product,
    ProductDraft,
    Status,
    Variant,
    VariantDraft,
    counted,
    merge,
    sold_without_limit,
)
from marketday.catalog.names import Unusable, handle_of, plain_handle, sku_of, title_of
from marketday.kit.text import identifier

if TYPE_CHECKING:
    from marketday.catalog.postgres import PostgresProductStore


class CatalogEditor:
    """Adds, edits and archives products and variants. Nothing is ever deleted, because orders refer to it."""

    def __init__(self, store: "PostgresProductStore", new_id: Callable[[], UUID]) -> None:
        self._store = store
        self._new_id = new_id

    async def add_product(self, draft: ProductDraft) -> Product:
        """Add a product.

        Raises:
            HandleTaken, SkuTaken: another product already has the handle or a SKU.
            InvalidProduct: it has no valid handle or title, a negative number, one SKU twice, or two currencies.

        """
        draft = _checked(draft)

        def add(known: Known) -> Product:
            if draft.handle in known.products:
                raise HandleTaken(f"{draft.handle!r} is the handle of another product")
            return merge(None, replace(draft, body_html=clean(draft.body_html)), self._new_id)

        return await self._store_one(draft.handle, draft.variants, add)

    async def edit_product(self, draft: ProductDraft) -> Product:
        """Replace the fields of the product with the draft's handle; its variants stay unchanged.

        Raises:
            UnknownProduct: there is none. InvalidProduct: see `add_product`.

        """
        draft = _checked(replace(draft, variants=()))

        def edit(known: Known) -> Product:
            product = _known(known, draft.handle)
            edited = merge(product, replace(draft, body_html=clean(draft.body_html), variants=()), self._new_id)
            return replace(edited, variants=product.variants)

        return await self._store_one(draft.handle, (), edit)

    async def archive_product(self, handle: str) -> Product:
        """Take a product off sale.

        Raises:
            UnknownProduct: there is none.

        """
        handle = plain_handle(handle)
        return await self._store_one(handle, (), lambda known: replace(_known(known, handle), status=Status.ARCHIVED))

    async def put_variant(self, handle: str, draft: VariantDraft) -> Product:
        """Add a variant to a product, or replace the one with the same SKU; without a quantity its stock stays.

        A quantity counts all units, including those lent to drops.

        Raises:
            UnknownProduct, SkuTaken, InvalidProduct: see `add_product` and `edit_product`.

        """
        draft = _checked_variant(draft)
        handle = plain_handle(handle)

        def put(known: Known) -> Product:
            product = _known(known, handle)
            before = product.variant(draft.sku)
            after = _variant(before, draft)
            _refuse_two_currencies([after, *(each for each in product.offered if each.sku != after.sku)])
            if before is None:
                return replace(product, variants=(*product.variants, after))
            return replace(product, variants=tuple(after if each is before else each for each in product.variants))

        return await self._store_one(handle, (draft,), put)

    async def archive_variant(self, sku: str) -> Product:
        """Take a variant off sale.

        Raises:
            UnknownVariant: there is none with this SKU.

        """
        return await self._change_variant(sku, lambda variant: replace(variant, archived=True))

    async def set_stock(self, sku: str, quantity: int) -> Product:
        """Set how many units of a variant there are, including those lent to drops.

        Raises:
            UnknownVariant: there is none with this SKU.
            InvalidProduct: `quantity` is negative or too large.

        """
        _refuse_quantity(sku, quantity)
        return await self._change_variant(sku, lambda variant: replace(variant, stock=counted(variant, quantity)))

    async def _change_variant(self, sku: str, change: Callable[[Variant], Variant]) -> Product:
        sku = identifier(sku)
        found = await self._store.product_of(sku)
        if found is None:
            raise UnknownVariant(f"no variant {sku[:80]!r}")

        def decide(known: Known) -> Product:
            product = _known(known, found.handle)
            variants = tuple(change(each) if each.sku == sku else each for each in product.variants)
            return replace(product, variants=variants)

        return await self._store_one(found.handle, (), decide)

    async def _store_one(
        self, handle: str, variants: tuple[VariantDraft, ...], decide: Callable[[Known], Product]
    ) -> Product:
        stored: list[Product] = []

        def checked(known: Known) -> list[Product]:
            for variant in variants:
                owner = known.owners.get(variant.sku, handle)
                if owner != handle:
                    raise SkuTaken(f"{variant.sku!r} belongs to the product {owner!r}")
            stored.append(decide(known))
            return stored

        await self._store.change([handle], [variant.sku for variant in variants], checked)
        return stored[0]


def _known(known: Known, handle: str) -> Product:
    try:
        return known.products[handle]
    except KeyError:
        raise UnknownProduct(f"no product {handle[:80]!r}") from None


def _variant(before: Variant | None, draft: VariantDraft) -> Variant:
    """Return the variant after an edit by hand: a quantity given here always counts, unlike in an import."""
    stock = counted(before, draft.quantity) if draft.quantity is not None else before.stock if before else 0
    return Variant(
        sku=draft.sku,
        options=draft.options,
        price_minor=draft.price_minor,
        currency=draft.currency,
        stock=stock,
        compare_at_minor=draft.compare_at_minor,
        grams=draft.grams,
        barcode=draft.barcode,
        image_source=draft.image_source,
        imported_quantity=before.imported_quantity if before else None,
        unlimited=sold_without_limit(before, draft),
        lent=before.lent if before else 0,
    )


def _checked(draft: ProductDraft) -> ProductDraft:
    """Return the draft with its names in the form in which they are stored."""
    variants = tuple(_checked_variant(variant) for variant in draft.variants)
    skus = [variant.sku for variant in variants]
    repeated = sorted({sku for sku in skus if skus.count(sku) > 1})
    if repeated:
        raise InvalidProduct(f"the SKU {repeated[0]!r} appears twice; expected each SKU once")
    _refuse_two_currencies(variants)
    try:
        handle = handle_of(draft.handle)
    except Unusable as error:
        raise InvalidProduct(f"the handle {draft.handle[:80]!r} {error}") from None
    title_ko, title_en = _title("title_ko", draft.title_ko), _title("title_en", draft.title_en)
    return replace(draft, handle=handle, variants=variants, title_ko=title_ko, title_en=title_en)


def _title(name: str, text: str) -> str:
    try:
        return title_of(text)
    except Unusable as error:
        raise InvalidProduct(f"{name} {error}") from None


def _checked_variant(draft: VariantDraft) -> VariantDraft:
    try:
        sku = sku_of(draft.sku)
    except Unusable as error:
        raise InvalidProduct(f"the SKU {draft.sku[:80]!r} {error}") from None
    if draft.price_minor < 0:
        raise InvalidProduct(f"price_minor of {sku!r} is {draft.price_minor}; expected 0 or more")
    if draft.quantity is not None:
        _refuse_quantity(sku, draft.quantity)
    return replace(draft, sku=sku)


def _refuse_two_currencies(variants: Iterable[Variant | VariantDraft]) -> None:
    currencies = sorted({variant.currency for variant in variants})
    if len(currencies) > 1:
        raise InvalidProduct(
            f"prices in {' and '.join(currencies)}; expected one currency for all variants of a product"
        )


def _refuse_quantity(sku: str, quantity: int) -> None:
    if not 0 <= quantity <= LARGEST_STOCK:
        raise InvalidProduct(f"the stock of {sku!r} is {quantity}; expected 0 to {LARGEST_STOCK}")
