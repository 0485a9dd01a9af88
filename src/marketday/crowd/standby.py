"""A person in the store who found every unit held: waits in line for one that comes back, as the page does."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from marketday.crowd.client import BUSY, Call, Visitor
from marketday.crowd.pauses import pause_seconds
from marketday.crowd.plan import DropVisit, WantedItem
from marketday.crowd.waiting import GONE_SECONDS
from marketday.drops.standbys import FAR_SECONDS, NEAR_PEOPLE, NEAR_SECONDS

_KEPT = ("sku", "state", "ahead")


class StandbyLine:
    """One person's wait for a unit of any of the items."""

    def __init__(self, visitor: Visitor, visit: DropVisit, until: float) -> None:
        """`until` is when all visits end, in seconds since 1970."""
        self._visitor = visitor
        self._v1 = f"{visit.event}/v1"
        self._url = f"{self._v1}/drops/{visit.drop.slug}/standbys"
        self._until = until
        self._closes = visit.drop.closes

    async def offer(self, wishes: Sequence[WantedItem], quantity: int) -> dict[str, Any] | None:
        """Return the reservation of the first units of any of the `wishes` that are offered; None if none can come."""
        if not wishes or time.time() >= self._until:
            return None
        for item in wishes:
            body = {"sku": item.sku, "quantity": min(quantity, item.limit_per_person)}
            call = Call("store", "stand_by", "POST", self._url, body=body, keep=_KEPT, note={"asked": body["quantity"]})
            await self._visitor.insist(call, self._until)
        while time.time() < self._until:
            mine = await self._look()
            if mine is None:
                return None
            offer = next((each["reservation"] for each in mine if each["state"] == "offered"), None)
            waiting = [each for each in mine if each["state"] == "waiting"]
            if offer is not None or not waiting:
                await self._leave(waiting)
                return offer
            near = time.time() > self._closes or min(each["ahead"] or 0 for each in waiting) < NEAR_PEOPLE
            await asyncio.sleep(pause_seconds(NEAR_SECONDS if near else FAR_SECONDS, self._visitor.luck.random()))
        return None

    async def _look(self) -> list[dict[str, Any]] | None:
        """Return what the store says of this person's lines, None if it is closed and gone."""
        call = Call("store", "look", "GET", self._url, keep=("standbys",))
        reply = await self._visitor.ask(call)
        if reply.status in BUSY:
            if time.time() > self._closes + GONE_SECONDS:
                return None
            reply = await self._visitor.insist(call, self._until)
        return list(reply.body.get("standbys") or ())

    async def _leave(self, waiting: Sequence[dict[str, Any]]) -> None:
        for each in waiting:
            call = Call("store", "leave_line", "DELETE", f"{self._v1}/standbys/{each['id']}")
            await self._visitor.insist(call, self._until)
