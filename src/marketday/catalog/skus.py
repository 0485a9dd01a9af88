"""Give each variant its own SKU: Shopify's variants may share a SKU or have none, but our carts and orders need it.

A variant that has the SKU in the catalogue keeps it; otherwise the first one in the file gets it. Every other variant
gets a SKU made from its handle and options, the same in every import.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from marketday.catalog.model import Known, ProductDraft, VariantDraft
from marketday.catalog.shopify.cells import shown
from marketday.catalog.shopify.product import BadRow, derived_sku

_SURE_DIGITS = 16


def candidates(drafts: tuple[ProductDraft, ...]) -> list[str]:
    """Return every SKU that a variant in `drafts` has or may get."""
    return [sku for draft in drafts for variant in draft.variants for sku in (variant.sku, *_made(draft, variant))]


def settle(drafts: tuple[ProductDraft, ...], known: Known) -> tuple[list[ProductDraft], list[BadRow]]:
    """Return `drafts` with a unique SKU for each variant, and a warning for each SKU that was changed."""
    settled = _Settled(known)
    places = [_Place(draft, variant) for draft in drafts for variant in draft.variants]
    # First the variants whose SKU is already in the catalogue, at the end those without a SKU.
    for place in sorted(places, key=lambda place: (not place.variant.named, not settled.has_already(place))):
        settled.take(place)
    renamed = [
        replace(draft, variants=tuple(settled.renamed(draft.handle, variant) for variant in draft.variants))
        for draft in drafts
    ]
    return renamed, settled.warnings


def renamed_while_lent(draft: ProductDraft, known: Known) -> Iterator[BadRow]:
    """Find variants whose SKU would change while units with the old SKU are lent to a drop."""
    product = known.products.get(draft.handle)
    named = {variant.sku for variant in draft.variants}
    kept = {variant.sku for variant in product.variants} if product else set()
    gone = {each.options: each for each in product.variants if each.lent and each.sku not in named} if product else {}
    for variant in draft.variants:
        if variant.sku not in kept and variant.options in gone:
            was = gone[variant.options]
            reason = f"{shown(variant.sku)} was {shown(was.sku)}, of which {was.lent} units are lent to a drop; "
            yield BadRow(variant.line, "Variant SKU", reason + "expected the old SKU until the hand-back", draft.handle)


@dataclass(frozen=True, slots=True)
class _Place:
    draft: ProductDraft
    variant: VariantDraft


class _Settled:
    """The SKUs that are already given to variants."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._lines: dict[str, int] = {}  # line by SKU
        self._renamed: dict[tuple[str, int], str] = {}  # by handle and line
        self.warnings: list[BadRow] = []

    def has_already(self, place: _Place) -> bool:
        """Whether the variant with the same options has this SKU in the catalogue."""
        product = self._known.products.get(place.draft.handle)
        before = product.variant(place.variant.sku) if product else None
        return before is not None and before.options == place.variant.options

    def take(self, place: _Place) -> None:
        variant, handle = place.variant, place.draft.handle
        sku = next(sku for sku in (variant.sku, *_made(place.draft, variant)) if self._is_free(sku, handle))
        if variant.named and sku != variant.sku:
            owner = self._known.owners.get(variant.sku, handle)
            where = f"line {self._lines[variant.sku]}" if owner == handle else f"the product {shown(owner)}"
            reason = f"{shown(variant.sku)} is already the SKU of {where}; {shown(sku)} is used instead"
            self.warnings.append(BadRow(variant.line, "Variant SKU", reason, handle))
        self._lines[sku] = variant.line
        self._renamed[handle, variant.line] = sku

    def renamed(self, handle: str, variant: VariantDraft) -> VariantDraft:
        return replace(variant, sku=self._renamed[handle, variant.line])

    def _is_free(self, sku: str, handle: str) -> bool:
        return sku not in self._lines and self._known.owners.get(sku, handle) == handle


def _made(draft: ProductDraft, variant: VariantDraft) -> tuple[str, str]:
    return derived_sku(draft.handle, variant.options), derived_sku(draft.handle, variant.options, _SURE_DIGITS)
