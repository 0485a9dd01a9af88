"""API: the cart, checkout, and the orders of the person who is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from marketday.accounts.model import Account
from marketday.orders.carts import known_form
from marketday.web.mall.api_models import CartLineIn, CartOut, CheckOut, OrderOut, Orders, problems
from marketday.web.mall.idempotency import KeptAnswer
from marketday.web.mall.people import Person
from marketday.web.mall.services import Mall, MallServices
from marketday.web.mall.writes import Write, key_accepted

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=100)]


async def cart_of(mall: Mall, person: Account) -> CartOut:
    """Return a person's cart with the catalogue's data of its items."""
    cart = await mall.carts.cart(person.id)
    return CartOut.of(cart, await mall.catalog.items(list(cart)))


@router.get("/v1/cart", tags=["cart"], responses=problems(401))
async def cart(mall: MallServices, person: Person) -> CartOut:
    """Return the cart of the person who is signed in."""
    return await cart_of(mall, person)


@router.put("/v1/cart/lines/{sku:path}", tags=["cart"], response_model=CartOut, responses=problems(401, 404, 409, 422))
async def put_line(mall: MallServices, person: Person, sku: str, wish: CartLineIn, write: Write) -> Response:
    """Set the quantity of an item in the cart."""

    async def work(_: UUID) -> KeptAnswer:
        await mall.carts.put(person.id, sku, wish.quantity)
        return KeptAnswer(200, (await cart_of(mall, person)).model_dump(mode="json"))

    return await write.once(person.id, work)


@router.delete(
    "/v1/cart/lines/{sku:path}",
    tags=["cart"],
    status_code=204,
    dependencies=[Depends(key_accepted)],
    responses=problems(401, 404),
)
async def remove_line(mall: MallServices, person: Person, sku: str) -> None:
    """Remove an item from the cart; nothing happens if it is not there."""
    await mall.carts.remove(person.id, known_form(sku))


@router.post(
    "/v1/orders",
    tags=["orders"],
    status_code=201,
    response_model=OrderOut,
    responses=problems(400, 401, 402, 409, 422, 503),
)
async def check_out(mall: MallServices, person: Person, wish: CheckOut, write: Write) -> Response:
    """Buy the items in the cart. `Idempotency-Key` is required: repeating it makes no second order."""

    async def work(order_id: UUID) -> KeptAnswer:
        order = await mall.orders.check_out(
            order_id, person.id, wish.method, expected_total_minor=wish.expected_total_minor
        )
        return KeptAnswer(201, OrderOut.of(order).model_dump(mode="json"))

    return await write.once(person.id, work, key_required=True)


@router.get("/v1/orders", tags=["orders"], responses=problems(401, 422))
async def my_orders(mall: MallServices, person: Person, limit: Limit = 20, after: UUID | None = None) -> Orders:
    """Return your orders, including those from drops, newest first."""
    return Orders.of(await mall.orders.orders_of(person.id, limit=limit, after=after))


@router.get("/v1/orders/{order_id}", tags=["orders"], responses=problems(401, 404, 422))
async def my_order(mall: MallServices, person: Person, order_id: UUID) -> OrderOut:
    """Return one of your orders; another person's order is not found."""
    return OrderOut.of(await mall.orders.order_of(person.id, order_id))
