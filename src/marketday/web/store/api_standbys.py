"""The store's API for people who wait for a unit that comes back: get in line, look, leave."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel

from marketday.accounts.tokens import Identity
from marketday.drops.model import Standby
from marketday.drops.requests import check_drop
from marketday.drops.standbys import Standbys
from marketday.kit.ids import parse_id
from marketday.kit.moments import to_text
from marketday.web.problems import Problem
from marketday.web.store.documents import ReservationDocument, ReservationWish, reservation_document
from marketday.web.store.doorway import Doorway

TAGS = {
    "standbys": "People who were refused with `all-reserved` wait in line for units that come back. A unit is offered "
    "as a reservation to the first in line, in the order of positions in the waiting room. Only people who look get an "
    "offer: ask every three seconds, or every five while ten people or more are ahead."
}
_MINE: dict[str, Any] = {"security": [{"identity": []}]}
_ADMITTED: dict[str, Any] = {"security": [{"identity": [], "admission": []}]}
NoKey = Annotated[str | None, Header(description="Optional: repeating the request is safe without it.")]


class StandbyDocument(BaseModel):
    """A person in line for an item.

    `ahead` is how many get a unit before (100: that or more), null when not waiting. `reservation` is the offer, which
    may be smaller than the wish; pay for it before its `reserved_until`. The states: `waiting`; `offered`; `bought`;
    `missed`: the offer expired or was released; `sold_out` and `closed`: no offer can come any more.
    """

    id: UUID
    drop: str
    sku: str
    quantity: int
    state: Literal["waiting", "offered", "bought", "missed", "sold_out", "closed"]
    ahead: int | None
    asked_at: str
    reservation: ReservationDocument | None


class StandbyList(BaseModel):
    """What one person waits for in a drop or was offered, in the order of asking."""

    standbys: list[StandbyDocument]


def standby_api(standbys: Standbys, doorway: Doorway) -> APIRouter:
    """Return the routes under `/v1`."""
    refusals: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (400, 401, 404)}
    refused: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (403, 409, 410, 422)}
    router = APIRouter(prefix="/v1", tags=["standbys"], responses=refusals)
    Me = Annotated[Identity, Depends(doorway.identity)]  # noqa: N806 - a type

    @router.post(
        "/drops/{drop}/standbys",
        status_code=201,
        summary="Get in line for a unit that comes back",
        responses=refused,
        openapi_extra=_ADMITTED,
    )
    async def stand_by(
        drop: str,
        wish: ReservationWish,
        request: Request,
        me: Me,
        idempotency_key: NoKey = None,  # noqa: ARG001
    ) -> StandbyDocument:
        admission = doorway.admission(request, check_drop(drop), me)
        mine = await standbys.stand_by(drop, me.person_id, admission.position, wish.sku, wish.quantity)
        return standby_document(mine)

    @router.get("/drops/{drop}/standbys", summary="Look: what I wait for, and what I was offered", openapi_extra=_MINE)
    async def look(drop: str, me: Me) -> StandbyList:
        return StandbyList(standbys=[standby_document(mine) for mine in await standbys.look(drop, me.person_id)])

    @router.delete("/standbys/{standby}", status_code=204, summary="Leave the line", openapi_extra=_MINE)
    async def leave(standby: str, me: Me, idempotency_key: NoKey = None) -> Response:  # noqa: ARG001
        await standbys.leave(parse_id(standby), me.person_id)
        return Response(status_code=204)

    return router


def standby_document(mine: Standby) -> StandbyDocument:
    """Return a standby as the API shows it."""
    return StandbyDocument(
        id=mine.id,
        drop=mine.drop,
        sku=mine.sku,
        quantity=mine.quantity,
        state=mine.state.value,
        ahead=mine.ahead,
        asked_at=to_text(mine.asked_at),
        reservation=None if mine.reservation is None else reservation_document(mine.reservation),
    )
