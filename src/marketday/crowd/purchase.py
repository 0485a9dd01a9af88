"""An admitted person in the store, who reserves, pays and looks at the order, and sometimes presses twice."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from marketday.crowd.client import Call, HttpReply, Visitor
from marketday.crowd.habits import Card, Habits, Leaves
from marketday.crowd.intruder import Intruder
from marketday.crowd.pauses import pause_seconds
from marketday.crowd.plan import DropVisit, WantedItem
from marketday.crowd.standby import StandbyLine
from marketday.kit.ids import new_id

DONE = frozenset({200, 201})
_RESERVATION = ("id", "sku", "quantity", "total_minor", "currency", "state", "reserved_until")
_PAYMENT = ("order", "payment")
_COMES_BACK = frozenset({"all-reserved", "not-open"})
_STILL_OPEN = frozenset({"payment-in-progress"})


class Purchase:
    """One person's visit to the store."""

    def __init__(
        self, visitor: Visitor, visit: DropVisit, habits: Habits, until: float, intruder: Intruder | None = None
    ) -> None:
        """`until` is when all visits end, in seconds since 1970; `intruder` makes this person's forbidden attempts."""
        self._visitor = visitor
        self._intruder = intruder
        self._visit = visit
        self._habits = habits
        self._until = until
        self._v1 = f"{visit.event}/v1"

    async def run(self) -> None:
        """Go through the store, from the product page to the order, or leave without one."""
        await asyncio.sleep(self._habits.browse_seconds)
        if self._intruder is not None:
            await self._intruder.inside()
        reservation = await self._reserve()
        if reservation is None:
            return
        await asyncio.sleep(self._habits.checkout_seconds)
        path = f"{self._v1}/reservations/{reservation['id']}"
        if self._habits.leaves is Leaves.CHECKOUT_TIDILY:
            await self._visitor.insist(Call("store", "release", "DELETE", path, key=_key()), self._until)
        elif self._habits.leaves is not Leaves.CHECKOUT:
            await self._pay(path)
            await self._look_at_orders()

    async def _reserve(self) -> dict[str, Any] | None:
        wishes = in_order_of_taste(self._visit.drop.items, self._habits.taste)
        eager, refused = self._habits.wants_too_many, 0  # how many wishes in a row met an item without a free unit
        while refused < len(wishes) and time.time() < self._until:
            item, key = wishes[0], _key()
            quantity = item.limit_per_person + 1 if eager else min(self._habits.quantity, item.limit_per_person)
            reply = await self._press(self._reservation(item.sku, quantity, key))
            if reply.status in DONE:
                if self._intruder is not None:
                    await self._intruder.with_a_used_key(key, item.sku, quantity + 1)
                return reply.body
            if eager and reply.problem in {"over-limit", "invalid-quantity"}:
                eager = False
            elif reply.problem == "sold-out":
                wishes = wishes[1:]  # this item is sold out; another may be left
            elif reply.problem == "drop-closed":  # units that are still held may come back
                break
            elif reply.problem in _COMES_BACK:
                wishes = [*wishes[1:], item.model_copy(update={"limit_per_person": 1})]  # try a smaller quantity
                refused = refused + 1 if reply.body.get("left") == 0 else 0
                await asyncio.sleep(pause_seconds(0.5 if refused else 2, self._visitor.luck.random()))
            else:
                return None
        return await StandbyLine(self._visitor, self._visit, self._until).offer(wishes, self._habits.quantity)

    def _reservation(self, sku: str, quantity: int, key: str) -> Call:
        return Call(
            "store",
            "reserve",
            "POST",
            f"{self._v1}/drops/{self._visit.drop.slug}/reservations",
            body={"sku": sku, "quantity": quantity},
            key=key,
            keep=_RESERVATION,
            note={"asked": quantity},
        )

    async def _press(self, call: Call) -> HttpReply:
        """Press a button; some people press twice with the same key, and use the better answer."""
        if not self._habits.presses_twice:
            return await self._visitor.insist(call, self._until)
        first, second = await asyncio.gather(
            self._visitor.insist(call, self._until), self._visitor.insist(call, self._until)
        )
        return first if first.status in DONE or second.status not in DONE else second

    async def _pay(self, path: str) -> None:
        for card in self._habits.cards:
            call = Call(
                "store",
                "pay",
                "POST",
                f"{path}/payment",
                body={"method": card.value},
                key=_key(),
                keep=_PAYMENT,
                note={"card": card.value},
            )
            reply = await self._settle(call)
            if reply.status in DONE and reply.body.get("order"):
                await self._look_at_order(reply.body["order"], call)
                return
            if not await self._still_held(path):
                return
            if card is not Card.OK:
                await asyncio.sleep(pause_seconds(1, self._visitor.luck.random()))

    async def _settle(self, call: Call) -> HttpReply:
        """Repeat until the answer is final: bought, declined, or too late."""
        reply = await self._press(call)
        while _is_open(reply) and time.time() < self._until:
            await asyncio.sleep(pause_seconds(1, self._visitor.luck.random()))
            reply = await self._visitor.insist(call, self._until)
        return reply

    async def _still_held(self, path: str) -> bool:
        call = Call("store", "reservation", "GET", path, keep=_RESERVATION)
        return (await self._visitor.insist(call, self._until)).body.get("state") == "held"

    async def _look_at_order(self, order: dict[str, Any], payment: Call) -> None:
        call = Call("store", "order", "GET", f"{self._v1}/orders/{order['id']}", keep=_ORDER)
        await self._visitor.insist(call, self._until)
        if self._habits.presses_twice:
            await self._visitor.insist(payment, self._until)

    async def _look_at_orders(self) -> None:
        """Look at the person's orders, because a person who pressed `pay` wants to know the result."""
        call = Call(
            "store", "orders", "GET", f"{self._v1}/drops/{self._visit.drop.slug}/orders", keep=("items", "orders")
        )
        await self._visitor.insist(call, self._until)


def in_order_of_taste(items: Sequence[WantedItem], taste: float) -> list[WantedItem]:
    """Return the items, beginning with one that `taste` in [0, 1) selects in proportion to the stock."""
    point = taste * sum(item.stock for item in items)
    reached = 0
    for place, item in enumerate(items):
        reached += item.stock
        if point < reached:
            return [*items[place:], *items[:place]]
    return list(items)


_ORDER = ("id", "state", "lines", "total_minor", "currency", "quantity")


def _is_open(reply: HttpReply) -> bool:
    return reply.status == 202 or reply.problem in _STILL_OPEN  # noqa: PLR2004 (RFC 9110: accepted, not done)


def _key() -> str:
    return str(new_id())
