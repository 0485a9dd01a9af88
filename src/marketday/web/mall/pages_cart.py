"""Pages: the cart, for people who are signed in and for guests."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from marketday.accounts.model import Account
from marketday.orders.carts import known_form
from marketday.orders.errors import MixedCurrencies, OrderError, UnknownItem
from marketday.orders.model import LARGEST_QUANTITY, Cart, with_line, with_more
from marketday.web.mall.api_models import CartOut
from marketday.web.mall.cart_badge import keep_units
from marketday.web.mall.guest_cart import keep_guest_cart, read_guest_cart
from marketday.web.mall.people import Visitor
from marketday.web.mall.services import Mall, MallServices, fresh_menu
from marketday.web.paths import see_other
from marketday.web.problems import STATUS

router = APIRouter(include_in_schema=False, dependencies=[Depends(fresh_menu)])
Sku = Annotated[str, Form(max_length=1000)]
Quantity = Annotated[int, Form()]


@router.get("/cart")
async def cart(request: Request, mall: MallServices, visitor: Visitor) -> Response:
    """Show the cart."""
    return await _page(request, mall, visitor)


@router.post("/cart/lines")
async def add(request: Request, mall: MallServices, visitor: Visitor, sku: Sku, quantity: Quantity = 1) -> Response:
    """Add units of an item to the cart."""
    try:
        sku = known_form(sku)
        if visitor is not None:
            await mall.carts.add(visitor.id, sku, quantity)
            return see_other("/cart")
        cart = with_more(read_guest_cart(request), sku, quantity)
        await _check_guest_cart(mall, cart, sku)
        answer: Response = see_other("/cart")
        keep_guest_cart(answer, cart, mall)
    except OrderError as error:
        return await _page(request, mall, visitor, error)
    return answer


@router.post("/cart/lines/change")
async def change(request: Request, mall: MallServices, visitor: Visitor, sku: Sku, quantity: Quantity) -> Response:
    """Set the quantity of an item in the cart; 0 removes it."""
    try:
        sku = known_form(sku)
        answer: Response = see_other("/cart")
        if visitor is None:
            cart = read_guest_cart(request)
            cart.pop(sku, None)
            keep_guest_cart(answer, with_line(cart, sku, quantity) if quantity else cart, mall)
        elif quantity:
            await mall.carts.put(visitor.id, sku, quantity)
        else:
            await mall.carts.remove(visitor.id, sku)
    except OrderError as error:
        return await _page(request, mall, visitor, error)
    return answer


@router.get("/cart/lines")
@router.get("/cart/lines/change")
async def back_to_cart() -> Response:
    """Redirect to the cart: a change of language on a form's answer sends GET to this address."""
    return see_other("/cart")


async def _check_guest_cart(mall: Mall, cart: Cart, sku: str) -> None:
    """Refuse an unknown item, and an item in another currency than the rest of the cart."""
    items = await mall.catalog.items(list(cart))
    if sku not in items:
        raise UnknownItem(f"{sku!r} is not an item; expected a SKU of the catalogue")
    if CartOut.of(cart, items).mixed:
        raise MixedCurrencies(f"{sku!r} has a price in another currency; expected the currency of the cart")


async def _page(request: Request, mall: Mall, visitor: Account | None, error: OrderError | None = None) -> Response:
    cart = await mall.carts.cart(visitor.id) if visitor else read_guest_cart(request)
    items = await mall.catalog.items(list(cart))
    shown = CartOut.of(cart, items)
    mixed = MixedCurrencies.slug if shown.mixed else None
    page = mall.pages.render(
        request,
        "cart.html",
        status=int(STATUS[error.kind]) if error else 200,
        error=error.slug if error else mixed,
        cart=shown,
        items=items,
        visitor=visitor,
        most=LARGEST_QUANTITY,
        units=sum(cart.values()),
    )
    keep_units(page, cart, mall)
    return page
