"""The pages from a reservation to an order. They work without a script: the page that waits reloads by itself."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response

from marketday.drops.checkout import Checkout
from marketday.drops.errors import (
    AlreadyPaid,
    PaymentDeclined,
    PaymentInProgress,
    ReservationExpired,
    UnknownOrder,
    UnknownReservation,
)
from marketday.drops.model import Order, Reservation, ReservationState
from marketday.drops.offers import Offers
from marketday.drops.service import Reservations
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id, parse_id
from marketday.payments.cards import CARDS
from marketday.payments.model import OPEN, Payment, PaymentState
from marketday.web.pages import Pages
from marketday.web.paths import see_other
from marketday.web.store.doorway import Doorway

# These problems of a payment are shown on the reservation's page.
_SAID_BY_THE_PAGE = (PaymentDeclined, PaymentInProgress, AlreadyPaid, ReservationExpired, IdempotencyConflict)


def checkout_pages(
    offers: Offers, reservations: Reservations, checkout: Checkout, doorway: Doorway, pages: Pages
) -> APIRouter:
    """Return the routes of reservations and orders."""
    router = APIRouter(prefix="/drops/{drop}", include_in_schema=False)
    page = _ReservationPage(offers, reservations, checkout, doorway, pages)

    @router.get("/reservations/{reservation}")
    async def show(drop: str, reservation: str, request: Request) -> Response:
        return await page.render(request, *await page.mine(request, drop, reservation))

    @router.post("/reservations/{reservation}/pay")
    async def pay(
        drop: str,
        reservation: str,
        request: Request,
        method: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
    ) -> Response:
        person, held = await page.mine(request, drop, reservation)
        try:
            done = await checkout.pay(held.id, person, key, method)
        except _SAID_BY_THE_PAGE:
            return see_other(reservation_path(held))
        return see_other(reservation_path(held) if done.order is None else order_path(done.order))

    @router.post("/reservations/{reservation}/release")
    async def release(drop: str, reservation: str, request: Request) -> Response:
        person, held = await page.mine(request, drop, reservation)
        try:
            await reservations.release(held.id, person)
        except (PaymentInProgress, AlreadyPaid):
            return see_other(reservation_path(held))
        return see_other(f"/drops/{held.drop}")

    @router.get("/orders/{order}")
    async def bought(drop: str, order: str, request: Request) -> Response:
        me = await doorway.identity(request)
        found = await checkout.order(parse_id(order), me.person_id)
        if found.drop != drop:
            raise UnknownOrder
        zone, items = (await offers.drop(drop)).zone, await offers.items(drop)
        return pages.render(request, "order.html", zone=zone, order=found, items=items)

    return router


class _ReservationPage:
    """The page of one reservation: it asks for payment, waits, or says that the reservation has ended."""

    def __init__(
        self, offers: Offers, reservations: Reservations, checkout: Checkout, doorway: Doorway, pages: Pages
    ) -> None:
        self.offers = offers
        self.reservations = reservations
        self.checkout = checkout
        self.doorway = doorway
        self.pages = pages

    async def mine(self, request: Request, drop: str, reservation: str) -> tuple[UUID, Reservation]:
        """Return the person, and their reservation of `drop`."""
        me = await self.doorway.identity(request)
        held = await self.reservations.get(parse_id(reservation), me.person_id)
        if held.drop != drop:
            raise UnknownReservation
        return me.person_id, held

    async def render(self, request: Request, person: UUID, held: Reservation) -> Response:
        """Show the state of the reservation; if it became an order, redirect to the order."""
        order, payment = await self.checkout.progress(held.id, person)
        if order is not None:
            return see_other(order_path(order))
        item = (await self.offers.items(held.drop))[held.sku]
        facts: dict[str, Any] = {"held": held, "item": item, "now": self.doorway.clock.now()}
        drop = facts["drop"] = await self.offers.drop(held.drop)
        if _unanswered(payment):
            return self.pages.render(request, "waiting.html", **facts)
        if held.state is not ReservationState.HELD:
            return self.pages.render(request, "over.html", status=410, **facts)
        facts["declined"] = payment is not None and payment.state in (PaymentState.DECLINED, PaymentState.VOIDED)
        facts["offered"] = "offered" in request.query_params  # the page of people who wait leads here
        return self.pages.render(request, "checkout.html", zone=drop.zone, methods=CARDS, key=new_id(), **facts)


def reservation_path(held: Reservation) -> str:
    """Return the path of a reservation's page."""
    return f"/drops/{held.drop}/reservations/{held.id}"


def order_path(order: Order) -> str:
    """Return the path of an order's page."""
    return f"/drops/{order.drop}/orders/{order.id}"


def _unanswered(payment: Payment | None) -> bool:
    return payment is not None and payment.state in OPEN and payment.reason != ReservationExpired.slug
