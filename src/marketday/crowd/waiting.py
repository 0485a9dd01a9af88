"""A person in the waiting room: joins, polls `now` as the waiting page does, and goes in when it is their turn."""

import asyncio
import time
from typing import Any

from marketday.crowd.client import BUSY, Call, HttpReply, Visitor
from marketday.crowd.habits import Habits, Leaves
from marketday.crowd.pauses import pause_seconds
from marketday.crowd.plan import DropVisit
from marketday.crowd.published_draw import PublishedDraw, parse_draw
from marketday.waitingroom.looking import Sight, look_again_seconds

GONE_SECONDS = 5.0  # how long to wait, after the closing, for a room that does not answer
_ENTRY = ("index", "position", "commitment")
_NOW = ("phase", "serving_number", "waiting", "inside", "stock", "left")
_DRAW = ("seed", "cohort")


class WayIn:
    """One person's visit to the waiting room, from the join to an admission."""

    def __init__(self, visitor: Visitor, visit: DropVisit, habits: Habits, until: float) -> None:
        """`until` is when all visits end, in seconds since 1970."""
        self._visitor = visitor
        self._visit = visit
        self._habits = habits
        self._until = until
        self._room = f"{visit.event}/v1/drops/{visit.drop.slug}"
        self._index = 0
        self._now = Call("gate", "now", "GET", f"{self._room}/now", keep=(*_NOW, *_DRAW), public=True)
        self._draw: PublishedDraw | None = None
        self._position: int | None = None  # once the draw is published

    async def admission(self) -> str | None:
        """Return an admission token, or None if this person leaves without one."""
        if not await self._come_in():
            return None
        leaves_at = max(time.time(), self._visit.drop.opens) + self._habits.patience_seconds
        while time.time() < self._until:
            now = await self._look()
            if now.get("phase") == "closed" or now.get("stock") == "sold_out" or self._room_is_gone(now):
                return None
            if self._habits.leaves is Leaves.WAITING and time.time() > leaves_at:
                return None
            if self._turn_has_come(now):
                reply = await self._exchange()
                if reply.status in {200, 201}:
                    return str(reply.body["admission"])
                if reply.problem != "not-yet-served" and reply.status not in BUSY:
                    return None
            await asyncio.sleep(self._pause(now))
        return None

    async def _come_in(self) -> bool:
        reply = await self._join("join")
        while reply.problem == "room-not-open" and time.time() < self._until:
            await asyncio.sleep(pause_seconds(1, self._visitor.luck.random()))
            reply = await self._join("join")
        if reply.status not in {200, 201}:
            return False
        self._index = int(reply.body["index"])
        if self._habits.presses_twice:
            await self._join("join_again")
        return True

    async def _join(self, action: str) -> HttpReply:
        call = Call("gate", action, "POST", f"{self._room}/entries", keep=_ENTRY)
        return await self._visitor.insist(call, self._until)

    async def _look(self) -> dict[str, Any]:
        now = (await self._visitor.ask(self._now)).body
        if self._draw is None:
            self._draw = parse_draw(now.get("seed"), now.get("cohort"))
            if self._draw is not None:
                self._position = self._draw.position_of(self._index)
                if self._habits.reloads:
                    await self._join("reload")
        return now

    def _room_is_gone(self, now: dict[str, Any]) -> bool:
        return not now and time.time() > self._visit.drop.closes + GONE_SECONDS

    def _turn_has_come(self, now: dict[str, Any]) -> bool:
        return self._position is not None and self._position < int(now.get("serving_number") or 0)

    def _pause(self, now: dict[str, Any]) -> float:
        position, drop, at = self._position, self._visit.drop, time.time()
        sight = Sight(
            begins_in=drop.opens - at if position is None else None,
            ahead=None if position is None else max(position - int(now.get("serving_number") or 0), 0),
            rate_per_second=float(now.get("rate_per_second") or 0),
            closes_in=drop.closes - at,
            waiting=int(now.get("waiting") or 0),
        )
        return look_again_seconds(sight, self._visitor.luck.random())

    async def _exchange(self) -> HttpReply:
        call = Call(
            "gate",
            "exchange",
            "POST",
            f"{self._room}/admissions",
            keep=("expires_at", "position", "serving_number"),
            note={"index": self._index, "place": self._position},
        )
        return await self._visitor.insist(call, self._until)
