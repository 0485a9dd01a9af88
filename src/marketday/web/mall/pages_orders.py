"""Pages: checkout, and the orders of the person who is signed in."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field

from marketday.accounts.model import Account
from marketday.kit.ids import new_id
from marketday.orders.model import MALL
from marketday.payments.cards import CARDS, Card
from marketday.web.mall.api_models import CartOut
from marketday.web.mall.cart_badge import drop_units
from marketday.web.mall.drops import UnknownDrop
from marketday.web.mall.forms import form_content
from marketday.web.mall.idempotency import KeptAnswer
from marketday.web.mall.people import PagePerson
from marketday.web.mall.services import Mall, MallServices, fresh_menu
from marketday.web.paths import see_other

router = APIRouter(include_in_schema=False, dependencies=[Depends(fresh_menu)])


class CheckOutForm(BaseModel):
    """The values of the checkout form; `key` makes sure that a second press makes no second order."""

    method: Card
    key: str = Field(max_length=50)
    expected_total_minor: int = Field(ge=0)


@router.get("/checkout")
async def checkout(request: Request, mall: MallServices, person: PagePerson) -> Response:
    """Show the items to be bought, and ask for the payment method."""
    return await _checkout_page(request, mall, person)


@router.post("/checkout")
async def check_out(
    request: Request, mall: MallServices, person: PagePerson, form: Annotated[CheckOutForm, Form()]
) -> Response:
    """Buy the items in the cart and show the order, or show why that is not possible."""

    async def work(order_id: UUID) -> KeptAnswer:
        order = await mall.orders.check_out(
            order_id, person.id, form.method, expected_total_minor=form.expected_total_minor
        )
        return KeptAnswer(201, str(order.id))

    content = form_content(request, form.method, form.expected_total_minor)
    answer = await mall.idempotency.run(person.id, f"form-{form.key}", content, work)
    if answer.refused:
        return await _checkout_page(request, mall, person, answer)
    placed = see_other(f"/orders/{answer.body}?placed=1")
    drop_units(placed)
    return placed


@router.get("/orders")
async def orders(request: Request, mall: MallServices, person: PagePerson, after: UUID | None = None) -> Response:
    """Show the person's orders, including those from drops."""
    page = await mall.orders.orders_of(person.id, limit=10, after=after)
    origins = await known_origins(mall, {order.origin for order in page.orders})
    to_come = [drop for drop in await mall.drops.drops() if drop.orders_to_come] if after is None else []
    return mall.pages.render(
        request, "orders.html", page=page, first=after is None, origins_known=origins, to_come=to_come
    )


@router.get("/orders/{order_id}")
async def order(request: Request, mall: MallServices, person: PagePerson, order_id: UUID, placed: int = 0) -> Response:
    """Show one order; with `placed`, also thank the person for it."""
    found = await mall.orders.order_of(person.id, order_id)
    origins = await known_origins(mall, {found.origin})
    return mall.pages.render(request, "order.html", order=found, placed=bool(placed), origins_known=origins)


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of orders: its names, in the form that `named` reads, and the zone in which its times are shown."""

    name_ko: str
    name_en: str
    zone: str | None = None  # None for the mall's zone


async def known_origins(mall: Mall, origins: set[str]) -> dict[str, Origin]:
    """Return the name and zone of each origin; the slug as name if the drop is unknown."""
    known = {}
    for origin in origins:
        known[origin] = Origin(origin, origin)
        if origin == MALL:
            continue
        with suppress(UnknownDrop):
            definition = (await mall.drops.drop(origin)).definition
            known[origin] = Origin(definition.name.ko, definition.name.en, definition.zone)
    return known


async def _checkout_page(request: Request, mall: Mall, person: Account, refused: KeptAnswer | None = None) -> Response:
    cart = await mall.carts.cart(person.id)
    items = await mall.catalog.items(list(cart))
    shown = CartOut.of(cart, items)
    if not items or shown.mixed:
        return see_other("/cart")
    error: dict[str, Any] = refused.body if refused else {"slug": None, "extra": {}}
    return mall.pages.render(
        request,
        "checkout.html",
        status=refused.status if refused else 200,
        error=error["slug"],
        short=items.get(str(error["extra"].get("sku"))),
        left=error["extra"].get("left", 0),
        cart=shown,
        items=items,
        cards=CARDS,
        key=new_id(),
    )
