"""The page of people who wait for a unit that comes back. It looks again by itself, also without a script."""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from marketday.accounts.errors import Unauthenticated
from marketday.drops.errors import DropClosed, InvalidQuantity, NotOpen, OverLimit, SoldOut
from marketday.drops.model import Standby, StandbyState
from marketday.drops.offers import Offers
from marketday.drops.requests import check_drop
from marketday.drops.standbys import Standbys, look_again_seconds
from marketday.kit.ids import parse_id
from marketday.waitingroom.errors import WaitingRoomError
from marketday.web.pages import Pages
from marketday.web.paths import see_other
from marketday.web.store.checkout import reservation_path
from marketday.web.store.doorway import Doorway, MissingAdmission

_NUMBER = re.compile(r"[0-9]{1,10}")
# After these the drop's page shows why nobody can wait: the limit, the stock, the times.
_SHOWN_BY_THE_DROP = (OverLimit, SoldOut, NotOpen, DropClosed, InvalidQuantity, WaitingRoomError, MissingAdmission)


def standby_pages(standbys: Standbys, offers: Offers, doorway: Doorway, pages: Pages) -> APIRouter:
    """Return the routes of the line."""
    router = APIRouter(prefix="/drops/{drop}/standby", include_in_schema=False)

    @router.get("")
    async def look(drop: str, request: Request) -> Response:
        try:
            me = await doorway.identity(request)
        except Unauthenticated:
            return see_other(f"/drops/{check_drop(drop)}/room")
        mine = await standbys.look(drop, me.person_id)
        offer = next((each.reservation for each in mine if each.state is StandbyState.OFFERED), None)
        if offer is not None:
            return see_other(f"{reservation_path(offer)}?offered=yes")
        if not mine:
            return see_other(f"/drops/{drop}")
        return await _line(request, drop, mine)

    async def _line(request: Request, drop: str, mine: list[Standby]) -> Response:
        known, now = await offers.drop(drop), doorway.clock.now()
        return pages.render(
            request,
            "standby.html",
            zone=known.zone,
            drop=known,
            items=await offers.items(drop),
            mine=mine,
            waits=any(each.state is StandbyState.WAITING for each in mine),
            phase=known.phase(now).value,
            last_offer=known.last_offer_at,
            refresh_seconds=round(look_again_seconds(mine, known.phase(now))),
            now=now,
        )

    @router.post("")
    async def stand_by(
        drop: str, request: Request, sku: Annotated[str, Form()] = "", quantity: Annotated[str, Form()] = ""
    ) -> Response:
        try:
            me = await doorway.identity(request)
            admission = doorway.admission(request, check_drop(drop), me)
            wanted = int(quantity) if _NUMBER.fullmatch(quantity) else quantity
            await standbys.stand_by(drop, me.person_id, admission.position, sku, wanted)
        except (Unauthenticated, *_SHOWN_BY_THE_DROP):
            return see_other(f"/drops/{check_drop(drop)}")
        return see_other(f"/drops/{drop}/standby")

    @router.post("/leave")
    async def leave(drop: str, request: Request, standby: Annotated[str, Form()] = "") -> Response:
        me = await doorway.identity(request)
        await standbys.leave(parse_id(standby), me.person_id)
        return see_other(f"/drops/{check_drop(drop)}/standby")

    return router
