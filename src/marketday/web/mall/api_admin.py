"""API of administrators: products and their variants, and everyone's orders."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from marketday.catalog.model import Product, Status, Wish
from marketday.web.mall.admin_models import (
    AdminProductOut,
    AdminProducts,
    NewProduct,
    ProductIn,
    VariantIn,
)
from marketday.web.mall.api_catalogue import LAST_PAGE
from marketday.web.mall.api_models import AdminOrders, problems
from marketday.web.mall.idempotency import KeptAnswer
from marketday.web.mall.people import Admin
from marketday.web.mall.services import MallServices
from marketday.web.mall.writes import Write

router = APIRouter(prefix="/v1/admin", tags=["admin"], responses=problems(401, 403, 422))
EVERY = tuple(Status)


@router.get("/products")
async def products(
    mall: MallServices,
    _: Admin,
    search: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "",
    status: Status | None = None,
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
) -> AdminProducts:
    """Return products of all statuses, or of one status."""
    wish = Wish(search=search, page=page, statuses=(status,) if status else EVERY)
    return AdminProducts.of(await mall.catalog.listing(wish))


@router.post("/products", status_code=201, response_model=AdminProductOut, responses=problems(409))
async def add_product(mall: MallServices, admin: Admin, wish: NewProduct, write: Write) -> Response:
    """Add a product with its variants."""

    async def work(_: UUID) -> KeptAnswer:
        variants = tuple(variant.draft(variant.sku) for variant in wish.variants)
        return _answer(201, await mall.editor.add_product(wish.draft(wish.handle, variants)))

    return await write.once(admin.id, work)


@router.get("/products/{handle}", responses=problems(404))
async def product(mall: MallServices, _: Admin, handle: str) -> AdminProductOut:
    """Return a product of any status."""
    return AdminProductOut.of(await mall.catalog.product(handle, statuses=EVERY))


@router.put("/products/{handle}", response_model=AdminProductOut, responses=problems(404, 409))
async def edit_product(mall: MallServices, admin: Admin, handle: str, wish: ProductIn, write: Write) -> Response:
    """Replace the fields of a product; its variants stay."""

    async def work(_: UUID) -> KeptAnswer:
        return _answer(200, await mall.editor.edit_product(wish.draft(handle)))

    return await write.once(admin.id, work)


@router.delete("/products/{handle}", response_model=AdminProductOut, responses=problems(404, 409))
async def archive_product(mall: MallServices, admin: Admin, handle: str, write: Write) -> Response:
    """Take a product off sale. It is not deleted, because orders refer to it."""

    async def work(_: UUID) -> KeptAnswer:
        return _answer(200, await mall.editor.archive_product(handle))

    return await write.once(admin.id, work)


@router.put("/products/{handle}/variants/{sku:path}", response_model=AdminProductOut, responses=problems(404, 409))
async def put_variant(
    mall: MallServices, admin: Admin, handle: str, sku: str, wish: VariantIn, write: Write
) -> Response:
    """Add a variant to a product, or replace it; without `stock` its units stay the same."""

    async def work(_: UUID) -> KeptAnswer:
        return _answer(200, await mall.editor.put_variant(handle, wish.draft(sku)))

    return await write.once(admin.id, work)


@router.delete("/variants/{sku:path}", response_model=AdminProductOut, responses=problems(404, 409))
async def archive_variant(mall: MallServices, admin: Admin, sku: str, write: Write) -> Response:
    """Take a variant off sale. It is not deleted, because orders refer to it."""

    async def work(_: UUID) -> KeptAnswer:
        return _answer(200, await mall.editor.archive_variant(sku))

    return await write.once(admin.id, work)


@router.get("/orders")
async def orders(
    mall: MallServices,
    _: Admin,
    origin: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    after: UUID | None = None,
) -> AdminOrders:
    """Return everyone's orders, newest first; `origin` is `mall` or a drop's slug."""
    return AdminOrders.of(await mall.orders.all_orders(origin=origin, limit=limit, after=after))


def _answer(status: int, product: Product) -> KeptAnswer:
    return KeptAnswer(status, AdminProductOut.of(product).model_dump(mode="json"))
