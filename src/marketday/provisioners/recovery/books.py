"""Gives back at the gateway what was paid for orders that the restored database does not have."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from marketday.drops.postgres.database import DropDatabase
from marketday.drops.postgres.expiry import expire_due
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.settlement import Settlement
from marketday.environments.plane.reaching import translated
from marketday.handback.errors import BooksDiffer
from marketday.handback.lost import LostPayments, lost_payments
from marketday.kit.clock import Clock
from marketday.payments.giving_back import give_back
from marketday.payments.model import PaymentState
from marketday.payments.ports import Gateway, GatewayLedger, LedgerEntry

_PORTION = 1000
_END_OFFERS = (
    "INSERT INTO ended_offers SELECT slug FROM drops ON CONFLICT DO NOTHING"  # a free unit is offered to nobody
)
_LAST = "SELECT max(reserved_until) + interval '1 s' FROM reservations WHERE state = 'held'"
_MOST_TURNS = 50
LOST = "region-lost"  # the reason for giving a payment back whose order was not in the copy
_UNCERTAIN = frozenset({PaymentState.AUTHORISING, PaymentState.UNKNOWN})


class Merchant(Gateway, GatewayLedger, Protocol):
    """The gateway, with the merchant's own key."""


class Books:
    """Compares the gateway's books with a restored database, the mall's or a drop's: both have `payments`."""

    def __init__(self, database: "asyncpg.Pool[Any]", gateway: Merchant, clock: Clock) -> None:
        """Read the restored `database`, and the gateway with the merchant's key."""
        self._database = database
        self._gateway = gateway
        self._clock = clock

    async def lost(self, copied_to: datetime, *, holder: str | None = None, group: str | None = None) -> LostPayments:
        """Return the payments with a key of `holder`, or for `group`, that the database does not have.

        Raises:
            BooksDiffer: they cannot be what was lost with the region.

        """
        entries = [one async for one in self._entries(holder, group)]
        references = [one.payment.reference for one in entries]
        return lost_payments(entries, await self._known(references), copied_to, self._clock.now())

    async def give_back(self, lost: LostPayments) -> int:
        """Void or refund each of them; return how many. Repeating it changes nothing.

        Raises:
            MoneyKept: the gateway does not give one back.
            OutcomeUnknown: no answer; repeat it.

        """
        for one in lost.holding:
            await give_back(self._gateway, one.payment.reference)
        return len(lost.holding)

    async def settle_drop(self) -> tuple[int, int]:
        """Bring the restored drop to rest: what is held is free, what is open is settled; return how many of both.

        A payment that was being authorised in the copy is given back: nobody knows what its shopper was told.

        Raises:
            BooksDiffer: something does not come to rest.

        """
        store = PostgresDropStore(self._database)
        settlement, settled, freed = Settlement(store, self._gateway), 0, 0
        for _ in range(_MOST_TURNS):
            with translated():
                open_payments = await store.unsettled_payments(0, _PORTION)
            for payment in open_payments:
                if payment.payment.state in _UNCERTAIN:
                    await settlement.move(payment, PaymentState.VOIDING, LOST)
            ended, waits = await settlement.settle_payments(authorising_seconds=0, most=_PORTION)
            freed_now = await self._free_held()
            settled, freed = settled + ended, freed + freed_now
            if (ended, waits, freed_now) == (0, 0, 0):
                await settlement.close()
                return settled, freed
        raise BooksDiffer(
            "the restored drop does not come to rest: the gateway does not settle its payments; repeat it"
        )

    async def _free_held(self) -> int:
        """End every reservation: its shopper's store is gone, and nobody can pay for it any more."""
        with translated():
            await self._database.execute(_END_OFFERS)
            far = await self._database.fetchval(_LAST)
        return await expire_due(DropDatabase(self._database), far) if far else 0

    async def _known(self, references: Sequence[UUID]) -> set[UUID]:
        found = set[UUID]()
        with translated():
            for start in range(0, len(references), _PORTION):
                portion = list(references[start : start + _PORTION])
                rows = await self._database.fetch("SELECT id FROM payments WHERE id = ANY($1::uuid[])", portion)
                found |= {row["id"] for row in rows}
        return found

    async def _entries(self, holder: str | None, group: str | None) -> AsyncIterator[LedgerEntry]:
        async for entry in self._gateway.ledger(holder=holder, group=group):
            yield entry
