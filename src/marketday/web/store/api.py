"""The store's API: reserve, pay, release, look up."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from marketday.accounts.tokens import Identity
from marketday.drops.checkout import Checkout
from marketday.drops.offers import Offers
from marketday.drops.requests import check_drop
from marketday.drops.service import Reservations
from marketday.kit.ids import parse_id
from marketday.web.hot import HotAnswer, HotEndpoint, HotRequest, json_answer, read_json
from marketday.web.problems import Problem
from marketday.web.store.documents import (
    OrderDocument,
    OrderList,
    PaidDocument,
    PaymentWish,
    ReservationDocument,
    ReservationStatus,
    ReservationWish,
    order_document,
    paid_document,
    reservation_document,
    reservation_members,
    reservation_status,
)
from marketday.web.store.doorway import Doorway

TAGS = {
    "reservations": "Stock that is held for one person for a few minutes, and then paid or released.",
    "orders": "The orders of a person.",
}
_MINE: dict[str, Any] = {"security": [{"identity": []}]}
_ADMITTED: dict[str, Any] = {"security": [{"identity": [], "admission": []}]}
_ASK_AGAIN_SECONDS = "2"
Key = Annotated[
    str | None, Header(description="Required. Sending the same key again is safe and returns the first answer.")
]
KeyToSpare = Annotated[str | None, Header(description="Optional: releasing a reservation twice changes nothing.")]


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Problem} for status in statuses}


def store_api(offers: Offers, reservations: Reservations, checkout: Checkout, doorway: Doorway) -> APIRouter:
    """Return the routes under `/v1`."""
    router = APIRouter(prefix="/v1", responses=_refusals(400, 401, 404))
    router.include_router(_reservation_routes(reservations, checkout, doorway))
    router.include_router(_order_routes(offers, checkout, doorway))
    return router


def _reservation_routes(reservations: Reservations, checkout: Checkout, doorway: Doorway) -> APIRouter:
    router = APIRouter(tags=["reservations"])
    Me = Annotated[Identity, Depends(doorway.identity)]  # noqa: N806 - a type

    @router.post(
        "/drops/{drop}/reservations",
        status_code=201,
        summary="Hold stock for a few minutes",
        responses=_refusals(403, 409, 410, 422),
        openapi_extra=_ADMITTED,
    )
    async def reserve(
        drop: str, wish: ReservationWish, request: Request, me: Me, idempotency_key: Key = None
    ) -> ReservationDocument:
        doorway.admission(request, check_drop(drop), me)
        held = await reservations.reserve(drop, me.person_id, idempotency_key, wish.sku, wish.quantity)
        return reservation_document(held)

    @router.get("/reservations/{reservation}", summary="The state of a reservation", openapi_extra=_MINE)
    async def look(reservation: str, me: Me) -> ReservationStatus:
        found = await reservations.get(parse_id(reservation), me.person_id)
        order, payment = await checkout.progress(found.id, me.person_id)
        return reservation_status(found, order, payment)

    @router.delete(
        "/reservations/{reservation}",
        status_code=204,
        summary="Release a reservation",
        responses=_refusals(409),
        openapi_extra=_MINE,
    )
    async def release(reservation: str, me: Me, idempotency_key: KeyToSpare = None) -> Response:  # noqa: ARG001
        await reservations.release(parse_id(reservation), me.person_id)
        return Response(status_code=204)

    @router.post(
        "/reservations/{reservation}/payment",
        status_code=201,
        summary="Pay; 202 while the gateway has not answered",
        responses=_refusals(402, 409, 410, 422) | {202: {"model": PaidDocument}},
        openapi_extra=_MINE,
    )
    async def pay(
        reservation: str, wish: PaymentWish, response: Response, me: Me, idempotency_key: Key = None
    ) -> PaidDocument:
        done = await checkout.pay(parse_id(reservation), me.person_id, idempotency_key, wish.method)
        if done.order is None:
            response.status_code = 202
            response.headers["Retry-After"] = _ASK_AGAIN_SECONDS
        return paid_document(done)

    return router


def _order_routes(offers: Offers, checkout: Checkout, doorway: Doorway) -> APIRouter:
    router = APIRouter(tags=["orders"])
    Me = Annotated[Identity, Depends(doorway.identity)]  # noqa: N806 - a type

    @router.get("/orders/{order}", summary="One of my orders", openapi_extra=_MINE)
    async def look(order: str, me: Me) -> OrderDocument:
        return order_document(await checkout.order(parse_id(order), me.person_id))

    @router.get("/drops/{drop}/orders", summary="My orders of a drop", openapi_extra=_MINE)
    async def mine(drop: str, me: Me) -> OrderList:
        known = await offers.drop(drop)
        found = await checkout.orders_of(known.slug, me.person_id)
        return OrderList(orders=[order_document(order) for order in found])

    return router


def hot_store(reservations: Reservations, checkout: Checkout, doorway: Doorway) -> list[HotEndpoint]:
    """Return the calls of a burst, with the same results as in `store_api`."""

    async def reserve(request: HotRequest) -> HotAnswer | None:
        wish = read_json(request, "sku", "quantity")
        if wish is None:
            return None
        me = await doorway.identity(request)
        drop = check_drop(request.path_params["drop"])
        doorway.admission(request, drop, me)
        key = request.headers.get("idempotency-key")
        held = await reservations.reserve(drop, me.person_id, key, wish["sku"], wish["quantity"])
        return json_answer(201, reservation_members(held))

    async def pay(request: HotRequest) -> HotAnswer | None:
        wish = read_json(request, "method")
        if wish is None:
            return None
        me = await doorway.identity(request)
        key, reservation = request.headers.get("idempotency-key"), parse_id(request.path_params["reservation"])
        done = await checkout.pay(reservation, me.person_id, key, wish["method"])
        again = () if done.order is not None else ((b"retry-after", _ASK_AGAIN_SECONDS.encode()),)
        return HotAnswer(202 if again else 201, paid_document(done).model_dump_json().encode(), again)

    async def order(request: HotRequest) -> HotAnswer:
        me = await doorway.identity(request)
        found = await checkout.order(parse_id(request.path_params["order"]), me.person_id)
        return HotAnswer(200, order_document(found).model_dump_json().encode())

    return [
        HotEndpoint("POST", "/v1/drops/{drop}/reservations", reserve),
        HotEndpoint("POST", "/v1/reservations/{reservation}/payment", pay),
        HotEndpoint("GET", "/v1/orders/{order}", order),
    ]
