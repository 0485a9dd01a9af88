"""Requests and answers of the admin API for products."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from marketday.catalog.model import Category, Image, Page, Product, ProductDraft, Status, Variant, VariantDraft
from marketday.catalog.names import handle_of, sku_of
from marketday.kit.money import LARGEST_MINOR, InvalidAmount, exponent
from marketday.web.mall.api_catalogue import ProductOut, VariantOut


def without_nul(text: str) -> str:
    """Return `text`; refuse U+0000, which PostgreSQL cannot store."""
    if "\0" in text:
        raise ValueError("expected a text without the character U+0000")
    return text


Text = Annotated[str, Field(max_length=500), AfterValidator(without_nul)]
LongText = Annotated[str, Field(max_length=50_000), AfterValidator(without_nul)]
Slug = Annotated[str, Field(max_length=1000), AfterValidator(handle_of)]
Sku = Annotated[str, Field(max_length=1000), AfterValidator(sku_of)]
Minor = Annotated[int, Field(ge=0, le=LARGEST_MINOR)]


def of_money(currency: str) -> str:
    """Return `currency`; refuse what is not an ISO 4217 currency with minor units."""
    try:
        exponent(currency)
    except InvalidAmount as error:
        raise ValueError(error.detail) from None
    return currency


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CategoryIn(_In):
    """A category; it is created if it does not exist."""

    slug: Slug
    title_ko: Text
    title_en: Text


class ImageIn(_In):
    """A picture: a URL, or a path below the mall's `media/`. Browsers show only https URLs."""

    source: Annotated[str, Field(max_length=2000, pattern=r"^(https?://|media/)[^\s\x00]+$")]
    alt: Text = ""


class VariantIn(_In):
    """A variant. Without `stock`, a new variant has 0 units, and an existing one keeps its units.

    `stock` counts all units, including those lent to drops. With `unlimited` the variant is sold without limit.
    """

    options: list[tuple[Text, Text]] = Field(default=[], max_length=3)
    price_minor: Minor
    compare_at_minor: Minor | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$"), AfterValidator(of_money)]
    stock: int | None = Field(default=None, ge=0, le=1_000_000_000)
    unlimited: bool | None = None
    grams: int = Field(default=0, ge=0, le=1_000_000_000)
    barcode: Text = ""

    def draft(self, sku: str) -> VariantDraft:
        """Return the variant as a draft of the catalogue."""
        return VariantDraft(
            sku=sku,
            options=tuple(self.options),
            price_minor=self.price_minor,
            currency=self.currency,
            quantity=self.stock,
            compare_at_minor=self.compare_at_minor,
            grams=self.grams,
            barcode=self.barcode,
            unlimited=self.unlimited,
        )


class NewVariant(VariantIn):
    """A variant and its SKU."""

    sku: Sku


class ProductIn(_In):
    """A product without its variants."""

    title_ko: Text
    title_en: Text
    body_html: LongText = ""
    vendor: Text = ""
    category: CategoryIn | None = None
    tags: list[Text] = Field(default=[], max_length=100)
    status: Status = Status.ACTIVE
    images: list[ImageIn] = Field(default=[], max_length=50)

    def draft(self, handle: str, variants: tuple[VariantDraft, ...] = ()) -> ProductDraft:
        """Return the product as a draft of the catalogue."""
        category = self.category
        return ProductDraft(
            handle=handle,
            title_ko=self.title_ko,
            title_en=self.title_en,
            variants=variants,
            body_html=self.body_html,
            vendor=self.vendor,
            category=Category(category.slug, category.title_ko, category.title_en) if category else None,
            tags=tuple(self.tags),
            status=self.status,
            images=tuple(Image(image.source, image.alt) for image in self.images),
        )


class NewProduct(ProductIn):
    """A product with its variants."""

    handle: Slug
    variants: list[NewVariant] = Field(min_length=1, max_length=200)


class AdminVariantOut(VariantOut):
    """A variant; `stock` counts all its units, as in requests."""

    stock: int = Field(description="All units, including those lent to drops.")
    lent: int = Field(description="Units that are lent to drops until their hand-back.")

    @classmethod
    def of(cls, variant: Variant) -> Self:
        """Return the variant as the API shows it."""
        shown = VariantOut.of(variant).model_dump() | {"stock": max(0, variant.units), "lent": variant.lent}
        return cls(**shown)


class AdminProductOut(ProductOut):
    """A product of any status, with the variants that are no longer on sale."""

    status: Status
    variants: list[AdminVariantOut]  # type: ignore[assignment] # each of them is a VariantOut
    archived_variants: list[AdminVariantOut]

    @classmethod
    def of(cls, product: Product) -> Self:
        """Return the product as the API shows it."""
        archived = [AdminVariantOut.of(variant) for variant in product.variants if variant.archived]
        shown = ProductOut.of(product).model_dump() | {
            "variants": [AdminVariantOut.of(variant) for variant in product.offered],
            "archived_variants": archived,
        }
        return cls(**shown, status=product.status)


class AdminProducts(BaseModel):
    """One page of products."""

    products: list[AdminProductOut]
    page: int
    last_page: int
    total: int

    @classmethod
    def of(cls, page: Page) -> Self:
        """Return the page as the API shows it."""
        products = [AdminProductOut.of(product) for product in page.products]
        return cls(products=products, page=page.number, last_page=page.last, total=page.total)
