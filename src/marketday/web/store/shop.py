"""The page of a drop: its products, the units left, and the form that reserves. It works without a script."""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from marketday.accounts.errors import Unauthenticated
from marketday.accounts.tokens import Identity
from marketday.catalog.stock import StockState
from marketday.drops.checkout import Checkout
from marketday.drops.errors import AllReserved, InvalidQuantity, NotOpen, OverLimit, SoldOut
from marketday.drops.model import Drop, Item, Order, Reservation, SalePhase
from marketday.drops.offers import Offers
from marketday.drops.requests import check_drop
from marketday.drops.service import Reservations
from marketday.drops.standbys import Standbys
from marketday.drops.stock import StockSummary
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id
from marketday.waitingroom.errors import WaitingRoomError
from marketday.web.pages import Pages
from marketday.web.paths import see_other
from marketday.web.problems import STATUS
from marketday.web.store.checkout import order_path, reservation_path
from marketday.web.store.doorway import Doorway, MissingAdmission

_NUMBER = re.compile(r"[0-9]{1,10}")
_MOST_CHOICES = 10  # how many quantities the list offers at most
_NO_ADMISSION = (Unauthenticated, WaitingRoomError, MissingAdmission)
# Problems of a reservation after which a shopper can continue: a notice on the same page.
_NOTICES = (OverLimit, AllReserved, SoldOut, NotOpen, InvalidQuantity, IdempotencyConflict)


class _DropPage:
    """The page of one drop, with the shopper's reservations and orders."""

    def __init__(
        self,
        offers: Offers,
        reservations: Reservations,
        checkout: Checkout,
        standbys: Standbys,
        doorway: Doorway,
        pages: Pages,
        clock: Clock,
    ) -> None:
        self.offers = offers
        self.reservations = reservations
        self.standbys = standbys
        self.checkout = checkout
        self.doorway = doorway
        self.pages = pages
        self.clock = clock

    async def render(
        self, request: Request, drop: Drop, me: Identity, refusal: MarketdayError | None = None
    ) -> Response:
        """Show `drop` to `me`, with a notice if something was refused."""
        admission, now = self.doorway.admission(request, drop.slug, me), self.clock.now()
        stock = await self.reservations.stock(drop.slug)
        items = await self.offers.items(drop.slug)
        held = await self.reservations.held_by(drop.slug, me.person_id)
        orders = await self.checkout.orders_of(drop.slug, me.person_id)
        return self.pages.render(
            request,
            "drop.html",
            zone=drop.zone,
            status=200 if refusal is None else STATUS[refusal.kind],
            drop=drop,
            phase=drop.phase(now).value,
            last_offers=drop.closes_at <= now <= drop.last_offer_at and stock.state is not StockState.SOLD_OUT,
            stock=stock,
            levels={level.sku: level for level in stock.items},
            items=items.values(),
            choices={sku: _choices(item, held, orders) for sku, item in items.items()},
            in_line=await self._in_line(drop, stock, me),
            held=held,
            orders=orders,
            admitted_until=admission.expires_at,
            refusal=refusal,
            fresh_key=new_id,
            now=now,
        )

    async def _in_line(self, drop: Drop, stock: StockSummary, me: Identity) -> set[str]:
        """Return for which items `me` waits; nobody waits while units of each item are free."""
        if all(level.state is StockState.AVAILABLE for level in stock.items):
            return set()
        return await self.standbys.waits_for(drop.slug, me.person_id)

    async def elsewhere(self, request: Request, slug: str) -> Response:
        """Redirect a person without admission to their reservation, line or order, otherwise to the waiting room."""
        try:
            me = await self.doorway.identity(request)
        except Unauthenticated:
            return see_other(f"/drops/{slug}/room")
        held = await self.reservations.held_by(slug, me.person_id)
        if held:
            return see_other(reservation_path(held[0]))
        if await self.standbys.waits_for(slug, me.person_id):
            return see_other(f"/drops/{slug}/standby")
        orders = await self.checkout.orders_of(slug, me.person_id)
        return see_other(order_path(orders[0]) if orders else f"/drops/{slug}/room")


def shop_pages(
    offers: Offers,
    reservations: Reservations,
    checkout: Checkout,
    standbys: Standbys,
    doorway: Doorway,
    pages: Pages,
    clock: Clock,
) -> APIRouter:
    """Return the routes of a drop's page."""
    router = APIRouter(prefix="/drops/{drop}", include_in_schema=False)
    page = _DropPage(offers, reservations, checkout, standbys, doorway, pages, clock)

    @router.get("")
    async def show(drop: str, request: Request) -> Response:
        found = await page.offers.drop(drop)
        try:
            me = await page.doorway.identity(request)
            if found.phase(page.clock.now()) is SalePhase.UPCOMING:
                return see_other(f"/drops/{drop}/room")
            return await page.render(request, found, me)
        except _NO_ADMISSION:
            return await page.elsewhere(request, drop)

    @router.post("/reservations")
    async def reserve(
        drop: str,
        request: Request,
        sku: Annotated[str, Form()] = "",
        quantity: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        try:
            me = await page.doorway.identity(request)
            page.doorway.admission(request, check_drop(drop), me)
            try:
                wanted = int(quantity) if _NUMBER.fullmatch(quantity) else quantity
                held = await page.reservations.reserve(drop, me.person_id, key, sku, wanted)
            except _NOTICES as refusal:
                return await page.render(request, await page.offers.drop(drop), me, refusal)
        except _NO_ADMISSION:
            return await page.elsewhere(request, drop)
        return see_other(reservation_path(held))

    return router


def _choices(item: Item, held: Sequence[Reservation], orders: Sequence[Order]) -> range:
    """Return the quantities that the limit still allows; the reservation checks the limit again."""
    taken = sum(mine.quantity for mine in held if mine.sku == item.sku)
    taken += sum(line.quantity for order in orders for line in order.lines if line.sku == item.sku)
    return range(1, min(item.limit_per_person - taken, _MOST_CHOICES) + 1)
