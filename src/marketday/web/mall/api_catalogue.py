"""API: categories and products, for everyone. Money is integer minor units with its currency."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from marketday.catalog.model import Image, Page, Product, Shelf, Sort, Variant, Wish
from marketday.web.mall.api_models import problems
from marketday.web.mall.services import MallServices
from marketday.web.mall.shared_answers import shows

LARGEST_PAGE = 100
LAST_PAGE = 100_000

router = APIRouter(tags=["catalogue"])


class CategoryOut(BaseModel):
    """A category and how many products it has on sale."""

    slug: str
    title_ko: str
    title_en: str
    products: int

    @classmethod
    def of(cls, shelf: Shelf) -> Self:
        """Return the category as the API shows it."""
        each = shelf.category
        return cls(slug=each.slug, title_ko=each.title_ko, title_en=each.title_en, products=shelf.products)


class Categories(BaseModel):
    """All categories, in the order of the shop."""

    categories: list[CategoryOut]


class OptionOut(BaseModel):
    """One option of a variant, such as `Size: 50 ml`."""

    name: str
    value: str


class VariantOut(BaseModel):
    """A variant of a product: one SKU."""

    sku: str
    options: list[OptionOut]
    price_minor: int
    compare_at_minor: int | None = Field(description="An earlier, higher price.")
    currency: str
    stock: int = Field(description="How many can be bought now; to be ignored if `unlimited`.")
    unlimited: bool = Field(description="Sold without limit: its units are not tracked.")

    @classmethod
    def of(cls, variant: Variant) -> Self:
        """Return the variant as the API shows it."""
        return cls(
            sku=variant.sku,
            options=[OptionOut(name=name, value=value) for name, value in variant.options],
            price_minor=variant.price_minor,
            compare_at_minor=variant.compare_at_minor,
            currency=variant.currency,
            stock=max(0, variant.stock),
            unlimited=variant.unlimited,
        )


class ImageOut(BaseModel):
    """A picture; the address of the mall's own pictures is relative to the mall."""

    url: str
    alt: str

    @classmethod
    def of(cls, image: Image) -> Self:
        """Return the picture as the API shows it."""
        return cls(url=image.url, alt=image.alt)


class ProductOut(BaseModel):
    """A product with all its variants on sale."""

    handle: str
    title_ko: str
    title_en: str
    body_html: str = Field(description="Formatted text (HTML), without scripts, styles and forms.")
    vendor: str
    category: str | None = Field(description="The category's slug.")
    tags: list[str]
    in_stock: bool
    variants: list[VariantOut]
    images: list[ImageOut]

    @classmethod
    def of(cls, product: Product) -> Self:
        """Return the product as the API shows it."""
        return cls(
            handle=product.handle,
            title_ko=product.title_ko,
            title_en=product.title_en,
            body_html=product.body_html,
            vendor=product.vendor,
            category=product.category.slug if product.category else None,
            tags=list(product.tags),
            in_stock=product.in_stock,
            variants=[VariantOut.of(variant) for variant in product.offered],
            images=[ImageOut.of(image) for image in product.images],
        )


class Products(BaseModel):
    """One page of a listing."""

    products: list[ProductOut]
    page: int
    last_page: int
    size: int
    total: int = Field(description="Products on all pages.")

    @classmethod
    def of(cls, page: Page) -> Self:
        """Return the page as the API shows it."""
        products = [ProductOut.of(product) for product in page.products]
        return cls(products=products, page=page.number, last_page=page.last, size=page.size, total=page.total)


@router.get("/v1/categories")
async def categories(request: Request, mall: MallServices) -> Categories:
    """Return the categories that have products on sale."""
    shows(request.scope)
    return Categories(categories=[CategoryOut.of(shelf) for shelf in await mall.catalog.shelves()])


@router.get("/v1/products", responses=problems(404, 422))
async def products(
    request: Request,
    mall: MallServices,
    category: Annotated[str | None, Query(max_length=255, description="A category's slug.")] = None,
    search: Annotated[
        str, Query(max_length=100, description="Return only products that contain all these words.")
    ] = "",
    sort: Annotated[Sort, Query(description="Newest first, or by price.")] = Sort.NEW,
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 24,
) -> Products:
    """Return products on sale, page by page. A page after the last one is empty."""
    if category is not None:
        await mall.catalog.category(category)
    wish = Wish(category=category, search=search, sort=sort, page=page, size=size)
    found = await mall.catalog.listing(wish)
    shows(request.scope, stock_of=found.products)
    return Products.of(found)


@router.get("/v1/products/{handle}", responses=problems(404))
async def product(request: Request, mall: MallServices, handle: str) -> ProductOut:
    """Return a product on sale."""
    found = await mall.catalog.product(handle)
    shows(request.scope, stock_of=[found])
    return ProductOut.of(found)
