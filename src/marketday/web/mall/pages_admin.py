"""Pages of administrators: products, and everyone's orders."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import BaseModel, Field

from marketday.catalog.errors import CatalogError
from marketday.catalog.model import Category, Product, ProductDraft, Status, VariantDraft, Wish
from marketday.kit.errors import MarketdayError
from marketday.kit.money import InvalidAmount, decimal_amount, parse_amount
from marketday.web.mall.admin_models import LongText, Sku, Slug, Text
from marketday.web.mall.api_admin import EVERY
from marketday.web.mall.api_catalogue import LAST_PAGE
from marketday.web.mall.pages_orders import known_origins
from marketday.web.mall.people import PageAdmin
from marketday.web.mall.services import Mall, MallServices, fresh_menu
from marketday.web.paths import see_other
from marketday.web.problems import STATUS

CURRENCY = "KRW"  # for new products that are made by hand; an import sets its own currency
router = APIRouter(prefix="/admin", include_in_schema=False, dependencies=[Depends(fresh_menu)])
Stock = Annotated[int, Field(ge=0, le=1_000_000_000)]


class ProductForm(BaseModel):
    """The fields of a product."""

    title_ko: Text
    title_en: Text
    vendor: Text = ""
    category: Text = ""  # the slug of an existing category
    body_html: LongText | None = None  # missing if the text is too long for a form: then it is not changed
    status: Status = Status.ACTIVE


class VariantForm(BaseModel):
    """A variant's price as people write it, and all its units; `stock_was` is the stock that the form showed."""

    sku: Sku
    price: Annotated[str, Field(max_length=30)]
    stock: Stock
    stock_was: Stock | None = None
    unlimited: bool = False


class NewProductForm(ProductForm, VariantForm):
    """A product and its first variant."""

    handle: Slug


@router.get("")
async def admin(_: PageAdmin) -> Response:
    """Redirect to the products."""
    return see_other("/admin/products")


@router.get("/products")
async def products(
    request: Request,
    mall: MallServices,
    _: PageAdmin,
    q: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """List products of every status."""
    words = " ".join(q.replace("\0", " ").split())
    found = await mall.catalog.listing(Wish(search=words, page=page, statuses=EVERY))
    return mall.pages.render(request, "admin_products.html", page=found, words=words)


@router.get("/new-product")  # not below /products/: a product may have the handle `new`
async def new_product(request: Request, mall: MallServices, _: PageAdmin) -> Response:
    """Show the form for a new product."""
    return _new_page(request, mall)


@router.post("/products")
async def add_product(
    request: Request, mall: MallServices, _: PageAdmin, form: Annotated[NewProductForm, Form()]
) -> Response:
    """Add a product with one variant, and show it."""
    try:
        price = parse_amount(form.price, CURRENCY)
        variant = VariantDraft(form.sku, (), price, CURRENCY, quantity=form.stock, unlimited=form.unlimited)
        draft = ProductDraft(
            handle=form.handle,
            title_ko=form.title_ko,
            title_en=form.title_en,
            variants=(variant,),
            body_html=form.body_html or "",
            vendor=form.vendor,
            category=_category(mall, form.category),
            status=form.status,
        )
        await mall.editor.add_product(draft)
    except (CatalogError, InvalidAmount) as error:
        return _new_page(request, mall, form, error)
    return _to_product(form.handle)


@router.get("/products/{handle}")
async def product(request: Request, mall: MallServices, _: PageAdmin, handle: str, saved: int = 0) -> Response:
    """Show a form with a product's fields and variants."""
    return await _product_page(request, mall, handle, saved=bool(saved))


@router.post("/products/{handle}")
async def edit_product(
    request: Request, mall: MallServices, _: PageAdmin, handle: str, form: Annotated[ProductForm, Form()]
) -> Response:
    """Replace the fields of a product; pictures, tags and variants stay."""
    before = await mall.catalog.product(handle, statuses=EVERY)
    draft = ProductDraft(
        handle=handle,
        title_ko=form.title_ko,
        title_en=form.title_en,
        variants=(),
        body_html=before.body_html if form.body_html is None else form.body_html,
        vendor=form.vendor,
        category=_category(mall, form.category, before),
        tags=before.tags,
        status=form.status,
        images=before.images,
    )
    try:
        await mall.editor.edit_product(draft)
    except CatalogError as error:
        return await _product_page(request, mall, handle, error)
    return _to_product(handle)


@router.post("/products/{handle}/variants")
async def put_variant(
    request: Request, mall: MallServices, _: PageAdmin, handle: str, form: Annotated[VariantForm, Form()]
) -> Response:
    """Change a variant's price and units, or add one. Units are only set if they were changed in the form."""
    product = await mall.catalog.product(handle, statuses=EVERY)
    before = product.variant(form.sku)
    currency = before.currency if before else _currency(product)
    try:
        draft = VariantDraft(
            sku=form.sku,
            options=before.options if before else (),
            price_minor=parse_amount(form.price, currency),
            currency=currency,
            quantity=None if form.stock == form.stock_was else form.stock,
            compare_at_minor=before.compare_at_minor if before else None,
            grams=before.grams if before else 0,
            barcode=before.barcode if before else "",
            image_source=before.image_source if before else "",
            unlimited=form.unlimited,
        )
        await mall.editor.put_variant(handle, draft)
    except (CatalogError, InvalidAmount) as error:
        return await _product_page(request, mall, handle, error)
    return _to_product(handle)


@router.get("/products/{handle}/variants")
async def back_to_product(_: PageAdmin, handle: str) -> Response:
    """Redirect to the page of the form: a change of language on a form's answer sends GET to this address."""
    return see_other(f"/admin/products/{quote(handle, safe='')}")


@router.get("/orders")
async def orders(
    request: Request,
    mall: MallServices,
    _: PageAdmin,
    origin: Annotated[str, Query(max_length=100)] = "",
    after: UUID | None = None,
) -> Response:
    """List everyone's orders, of one origin or of all."""
    wanted = origin.replace("\0", "") or None
    page = await mall.orders.all_orders(origin=wanted, after=after)
    origins = await mall.orders.origins()
    return mall.pages.render(
        request,
        "admin_orders.html",
        page=page,
        origins=origins,
        origin=wanted,
        first=after is None,
        origins_known=await known_origins(mall, {*origins, *(order.origin for order in page.orders)}),
    )


def _to_product(handle: str) -> Response:
    return see_other(f"/admin/products/{quote(handle, safe='')}?saved=1")


def _currency(product: Product) -> str:
    """Return the currency for a new variant: a product has only one currency."""
    return product.offered[0].currency if product.offered else CURRENCY


def _category(mall: Mall, slug: str, product: Product | None = None) -> Category | None:
    known = [*mall.menu.categories, *([product.category] if product and product.category else [])]
    return next((category for category in known if category.slug == slug), None)


def _new_page(
    request: Request, mall: Mall, form: NewProductForm | None = None, error: MarketdayError | None = None
) -> Response:
    status = int(STATUS[error.kind]) if error else 200
    return mall.pages.render(
        request,
        "admin_new_product.html",
        status=status,
        form=form,
        error=error,
        statuses=list(Status),
        currency=CURRENCY,
    )


async def _product_page(
    request: Request, mall: Mall, handle: str, error: MarketdayError | None = None, *, saved: bool = False
) -> Response:
    product = await mall.catalog.product(handle, statuses=EVERY)
    return mall.pages.render(
        request,
        "admin_product.html",
        status=int(STATUS[error.kind]) if error else 200,
        product=product,
        statuses=list(Status),
        currency=_currency(product),
        amount=lambda minor, currency: format(decimal_amount(minor, currency), "f"),
        error=error,
        saved=saved,
    )
