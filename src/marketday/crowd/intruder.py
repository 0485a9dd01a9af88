"""Intruders: every attempt here must be refused with a clear problem, and change nothing."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from marketday.crowd.client import Call, Visitor
from marketday.crowd.identity import identify
from marketday.crowd.journal import VisitorRole
from marketday.crowd.plan import DropVisit, Person, Plan
from marketday.crowd.targets import address_of
from marketday.kit.bearer import bearer_header
from marketday.kit.ids import new_id

if TYPE_CHECKING:
    from marketday.crowd.http.wire import Wire

TOO_LARGE_BYTES = 1_000_000
_FORGED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMTk5MDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAifQ."
_FORGED_ADMISSION = "AAAA" * 20
_QUANTITIES = (10**9, 0, -1)


class Intruder:
    """A person with a valid identity who tries forbidden things."""

    def __init__(self, visitor: Visitor, visit: DropVisit) -> None:
        """`visitor` has the intruder's own identity, and possibly an admission."""
        self._visitor = visitor
        self._visit = visit
        self._drop = f"{visit.event}/v1/drops/{visit.drop.slug}"

    async def at_the_door(self) -> None:
        """Try to enter the waiting room and the store without permission."""
        await self._enter("no_token", {"Authorization": ""})
        await self._enter("forged_token", bearer_header(_FORGED))
        if self._visit.expired_identity:
            await self._enter("expired_token", bearer_header(self._visit.expired_identity))
        unknown = f"{self._visit.event}/v1/drops/no-such-drop/entries"
        await self._try(Call("gate", "unknown_drop", "POST", unknown))
        await self._try(Call("gate", "no_entry", "POST", f"{self._drop}/admissions"))
        await self._reserve("no_admission", 1, {})
        await self._reserve("forged_admission", 1, {"Marketday-Admission": _FORGED_ADMISSION})

    async def inside(self) -> None:
        """Try what an admitted person must not do."""
        for quantity in _QUANTITIES:
            await self._reserve(f"quantity_{quantity}", quantity, {})
        await self._reserve("unknown_item", 1, {}, sku="no-such-item")
        await self._post("not_json", b"{not json")
        await self._post("too_large", b'{"sku": "' + b"x" * TOO_LARGE_BYTES + b'"}')

    async def with_a_stolen_admission(self, admission: str) -> None:
        """Use another person's admission."""
        await self._reserve("stolen_admission", 1, {"Marketday-Admission": admission})

    async def with_a_used_key(self, key: str, sku: str, quantity: int) -> None:
        """Send another quantity with a key that was already used."""
        await self._reserve("used_key", quantity, {}, sku=sku, key=key)

    async def _enter(self, action: str, headers: Mapping[str, str]) -> None:
        await self._try(Call("gate", action, "POST", f"{self._drop}/entries", headers=headers))

    async def _reserve(
        self, action: str, quantity: int, headers: Mapping[str, str], *, sku: str = "", key: str = ""
    ) -> None:
        body = {"sku": sku or self._visit.drop.items[0].sku, "quantity": quantity}
        path = f"{self._drop}/reservations"
        await self._try(
            Call("store", action, "POST", path, body=body, key=key or str(new_id()), headers=headers, keep=("id",))
        )

    async def _post(self, action: str, content: bytes) -> None:
        path = f"{self._drop}/reservations"
        await self._try(Call("store", action, "POST", path, raw=content, key=str(new_id()), keep=("id",)))

    async def _try(self, call: Call) -> None:
        await self._visitor.insist(call, time.time() + 10)


def disguise(wire: "Wire", visitor: Visitor) -> Visitor:
    """Return a copy of `visitor` that the journal records as an intruder."""
    other = Visitor(wire, visitor.person, VisitorRole.INTRUDER, visitor.address)
    other.headers.update(visitor.headers)
    return other


async def play_intruder(wire: "Wire", plan: Plan, person: Person) -> None:
    """Play the visit of one intruder."""
    if plan.drop_visit is None:
        return
    visitor = Visitor(wire, person.account, VisitorRole.INTRUDER, address_of(person.number))
    await asyncio.sleep(max(0.0, person.arrives - time.time()))
    if await identify(visitor, plan.mall, person.session, plan.stops_at):
        await Intruder(visitor, plan.drop_visit).at_the_door()
