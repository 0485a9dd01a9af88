"""Reserving: from a request to held stock, or to the reason why not."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marketday.drops.errors import (
    AlreadyPaid,
    DropError,
    PaymentInProgress,
    StoreUnavailable,
    UnknownReservation,
)
from marketday.drops.model import Reservation
from marketday.drops.requests import (
    ReservationAnswer,
    ReservationRequest,
    check_drop,
    check_key,
    check_quantity,
    check_sku,
    granted,
)
from marketday.drops.stock import StockSummary
from marketday.kit.batching import MicroBatch
from marketday.kit.ids import new_id
from marketday.telemetry.metrics import RESERVATIONS

if TYPE_CHECKING:
    from marketday.drops.postgres.store import PostgresDropStore


class Reservations:
    """What shoppers do with stock. Every method raises `StoreUnavailable` while the database is unavailable."""

    def __init__(self, store: "PostgresDropStore", *, largest_batch: int = 256) -> None:
        """Decide requests in batches of at most `largest_batch`."""
        self._store = store
        self._batch: MicroBatch[ReservationRequest, ReservationAnswer] = MicroBatch(
            self._decide, unavailable=StoreUnavailable, largest=largest_batch
        )

    async def reserve(self, drop: str, person_id: UUID, key: str | None, sku: Any, quantity: Any) -> Reservation:
        """Hold `quantity` of `sku` for a person, and return once that is committed.

        The same key with the same body returns the same reservation, in its present state. A refused key may be
        used again.

        Raises:
            DropError: an invalid value, or the reason why nothing is held (see `drops/errors.py`).

        """
        request = ReservationRequest(
            new_id(), check_drop(drop), check_sku(sku), person_id, check_quantity(quantity), check_key(key)
        )
        return granted(request, await self._batch.ask(request))

    async def get(self, reservation_id: UUID, person_id: UUID) -> Reservation:
        """Return a person's reservation.

        Raises:
            UnknownReservation: there is none, or it is another person's.

        """
        found = await self._store.reservation(reservation_id, person_id)
        if found is None:
            raise UnknownReservation(f"you have no reservation {reservation_id}")
        return found

    async def release(self, reservation_id: UUID, person_id: UUID) -> None:
        """Release a reservation; repeating it changes nothing.

        Raises:
            UnknownReservation, AlreadyPaid, PaymentInProgress: the reason why it is not released.

        """
        outcome = await self._store.release(reservation_id, person_id)
        refusals: dict[str, type[DropError]] = {
            "unknown_reservation": UnknownReservation,
            "already_paid": AlreadyPaid,
            "payment_in_progress": PaymentInProgress,
        }
        if outcome in refusals:
            raise refusals[outcome](str(reservation_id))

    async def held_by(self, drop: str, person_id: UUID) -> list[Reservation]:
        """Return what a person holds of a drop now, the newest first."""
        return await self._store.reservations_of(drop, person_id)

    async def stock(self, drop: str) -> StockSummary:
        """Return the stock of a drop as it is now."""
        return await self._store.stock_summary(drop)

    async def close(self) -> None:
        """Answer the requests that are still waiting."""
        await self._batch.close()

    async def _decide(self, requests: Sequence[ReservationRequest]) -> list[ReservationAnswer]:
        answers = await self._store.reserve(requests)
        decided = Counter((request.drop, answer.outcome) for request, answer in zip(requests, answers, strict=True))
        for (drop, outcome), number in decided.items():
            if outcome != "unknown_drop":
                RESERVATIONS.labels(drop, outcome).inc(number)
        return answers
