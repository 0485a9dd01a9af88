"""Products, their variants and pictures, and how a draft changes a stored product."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

LARGEST_STOCK = 1_000_000_000


class Status(StrEnum):
    """Where a product is sold: in the mall, only in drops, not yet, or no longer."""

    ACTIVE = "active"
    DROP = "drop"
    DRAFT = "draft"
    ARCHIVED = "archived"


class Sort(StrEnum):
    """The order of a listing."""

    NEW = "new"
    PRICE = "price"
    PRICE_DOWN = "-price"


@dataclass(frozen=True, slots=True)
class Category:
    """A category of products; `slug` is its address."""

    slug: str
    title_ko: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: `source` is an http(s) URL, or a path below the mall's address, such as `media/toner.svg`."""

    source: str
    alt: str = ""

    @property
    def url(self) -> str:
        """Its address for a page of the mall."""
        return self.source if "://" in self.source else f"/{self.source}"

    @property
    def blocked(self) -> bool:
        """Whether browsers do not load it: the content policy of our pages allows https, but not http."""
        return self.source.lower().startswith("http://")


@dataclass(frozen=True, slots=True)
class Variant:
    """One SKU with its price in minor units and its stock.

    `stock` is the number of units that the mall can sell now; `lent` units belong to drops until their hand-back.
    `stock` is below 0 if more units were sold than counted: the variant is `unlimited`, or a count made while units
    were lent found fewer units than that.
    """

    sku: str
    options: tuple[tuple[str, str], ...]
    price_minor: int
    currency: str
    stock: int
    compare_at_minor: int | None = None
    grams: int = 0
    barcode: str = ""
    image_source: str = ""
    imported_quantity: int | None = None
    archived: bool = False
    unlimited: bool = False
    lent: int = 0

    @property
    def units(self) -> int:
        """All its units, including those lent to drops: the number that a stock count finds."""
        return self.stock + self.lent

    @property
    def left(self) -> int | None:
        """How many can be bought now; None if there is no limit."""
        return None if self.unlimited else max(0, self.stock)

    @property
    def buyable(self) -> bool:
        """Whether one can be bought now."""
        return self.unlimited or self.stock > 0

    @property
    def name(self) -> str:
        """The values of its options, such as `Blush / 50 ml`; empty for a product with one variant."""
        return " / ".join(value for _, value in self.options)

    @property
    def reduced(self) -> bool:
        """Whether the price is lower than an earlier one."""
        return self.percent_off > 0

    @property
    def percent_off(self) -> int:
        """The reduction from the earlier price, in whole percent, rounded down."""
        if not self.compare_at_minor or self.compare_at_minor <= self.price_minor:
            return 0
        return 100 * (self.compare_at_minor - self.price_minor) // self.compare_at_minor


@dataclass(frozen=True, slots=True)
class Product:
    """A stored product; variants and images in the order in which they are shown."""

    id: UUID
    handle: str
    title_ko: str
    title_en: str
    body_html: str
    vendor: str
    category: Category | None
    tags: tuple[str, ...]
    status: Status
    variants: tuple[Variant, ...]
    images: tuple[Image, ...]

    @property
    def offered(self) -> tuple[Variant, ...]:
        """The variants that are not archived."""
        return tuple(variant for variant in self.variants if not variant.archived)

    @property
    def cheapest(self) -> Variant | None:
        """The offered variant with the lowest price."""
        return min(self.offered, key=lambda variant: variant.price_minor, default=None)

    @property
    def in_stock(self) -> bool:
        """Whether any offered variant can be bought now."""
        return any(variant.buyable for variant in self.offered)

    def variant(self, sku: str) -> Variant | None:
        """Return the variant with this SKU, archived or not."""
        return next((variant for variant in self.variants if variant.sku == sku), None)


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant as a file or a form describes it.

    `quantity` counts all units, including those lent to drops. `quantity` and `unlimited` are None if the source has no
    such value. `named` is false if there was no SKU, so that it was made from the handle and the options.
    """

    sku: str
    options: tuple[tuple[str, str], ...]
    price_minor: int
    currency: str
    quantity: int | None = None
    compare_at_minor: int | None = None
    grams: int = 0
    barcode: str = ""
    image_source: str = ""
    unlimited: bool | None = None
    line: int = field(default=0, compare=False)  # its line in the file
    named: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as a file or a form describes it."""

    handle: str
    title_ko: str
    title_en: str
    variants: tuple[VariantDraft, ...]
    body_html: str = ""
    vendor: str = ""
    category: Category | None = None
    tags: tuple[str, ...] = ()
    status: Status = Status.ACTIVE
    images: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is already stored: products by handle, and for each SKU the handle of its product."""

    products: Mapping[str, Product]
    owners: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which products to list: category, search words (all must match), order, and page (from 1)."""

    category: str | None = None
    search: str = ""
    sort: Sort = Sort.NEW
    page: int = 1
    size: int = 24
    statuses: tuple[Status, ...] = (Status.ACTIVE,)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing; `total` counts the products of all pages."""

    products: tuple[Product, ...]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last page, 1 for an empty listing."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category and the number of its products."""

    category: Category
    products: int


@dataclass(frozen=True, slots=True)
class Item:
    """A variant with the data of its product that a cart or an order line needs."""

    handle: str
    title_ko: str
    title_en: str
    variant: Variant
    image: Image | None
    on_sale: bool


def merge(known: Product | None, draft: ProductDraft, new_id: Callable[[], UUID], *, recount: bool = False) -> Product:
    """Return the product to store for `draft`; it equals `known` if nothing changes.

    The draft decides everything except the stock: see `merge_stock`. Variants that the draft does not name are
    archived, never deleted.
    """
    kept = {variant.sku: variant for variant in known.variants} if known else {}
    named = {variant.sku for variant in draft.variants}
    variants = [_variant(kept.get(variant.sku), variant, recount=recount) for variant in draft.variants]
    variants += [replace(variant, archived=True) for sku, variant in kept.items() if sku not in named]
    return Product(
        id=known.id if known else new_id(),
        handle=draft.handle,
        title_ko=draft.title_ko,
        title_en=draft.title_en,
        body_html=draft.body_html,
        vendor=draft.vendor,
        category=draft.category,
        tags=draft.tags,
        status=draft.status,
        variants=tuple(variants),
        images=draft.images,
    )


def merge_stock(known: Variant | None, quantity: int | None, *, recount: bool = False) -> int:
    """Return the stock of a variant after an import whose file has `quantity` (None if the file has no quantity).

    A file may be old, and units were sold since then. So its quantity counts only with `recount`, or if it differs
    from the quantity in the last import, which means that somebody has counted again. Otherwise the stock stays.
    """
    if known is None:
        return quantity or 0
    if quantity is None or (quantity == known.imported_quantity and not recount):
        return known.stock
    return counted(known, quantity)


def counted(known: Variant | None, quantity: int) -> int:
    """Return the stock of a variant after a count found `quantity` units.

    A count includes the units lent to a drop, sold or not, because they leave the warehouse only after the hand-back.
    So the mall can sell the counted units minus the lent ones.
    """
    return quantity - (known.lent if known else 0)


def _variant(known: Variant | None, draft: VariantDraft, *, recount: bool) -> Variant:
    before = known.imported_quantity if known else None
    return Variant(
        sku=draft.sku,
        options=draft.options,
        price_minor=draft.price_minor,
        currency=draft.currency,
        stock=merge_stock(known, draft.quantity, recount=recount),
        compare_at_minor=draft.compare_at_minor,
        grams=draft.grams,
        barcode=draft.barcode,
        image_source=draft.image_source,
        imported_quantity=before if draft.quantity is None else draft.quantity,
        unlimited=sold_without_limit(known, draft),
        lent=known.lent if known else 0,
    )


def sold_without_limit(known: Variant | None, draft: VariantDraft) -> bool:
    """Return whether a variant is sold without limit: as in the draft, or as before if the draft has no value."""
    return draft.unlimited if draft.unlimited is not None else bool(known and known.unlimited)
