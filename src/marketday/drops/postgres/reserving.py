"""Reservations in PostgreSQL: a batch of requests becomes arrays, and its rows become one answer for each request."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from marketday.drops.errors import StoreFault
from marketday.drops.model import Reservation, ReservationState
from marketday.drops.postgres.database import DropDatabase
from marketday.drops.requests import ReservationAnswer, ReservationRequest
from marketday.kit.database import load_queries

if TYPE_CHECKING:
    import asyncpg

_SQL = load_queries(__package__)


async def reserve(database: DropDatabase, requests: Sequence[ReservationRequest]) -> list[ReservationAnswer]:
    """Decide a batch in the order of arrival, and commit it; one answer a request, in the same order."""
    items: dict[tuple[str, str], int] = {}
    numbers = [items.setdefault((each.drop, each.sku), len(items) + 1) for each in requests]
    rows = await database.fetch(
        _SQL["reserve"],
        [drop for drop, _ in items],
        [sku for _, sku in items],
        numbers,
        [each.reservation_id for each in requests],
        [each.person_id for each in requests],
        [each.quantity for each in requests],
        [each.key for each in requests],
        [each.fingerprint for each in requests],
    )
    answers: dict[int, ReservationAnswer] = {}
    for row in rows:  # requests with the same answer share a row
        for number in row["numbers"]:
            answers[number] = _answer(requests[number - 1], row)
    if len(answers) != len(requests):
        raise StoreFault(f"{len(answers)} answers to {len(requests)} requests", retry_after=1)
    return [answers[number] for number in range(1, len(requests) + 1)]


def _answer(request: ReservationRequest, row: "asyncpg.Record") -> ReservationAnswer:
    outcome, _, limit, taken, left, other_id, price, currency, state, until = row
    if outcome not in ("reserved", "replayed"):
        return ReservationAnswer(outcome, None, limit, taken, left)
    reservation = Reservation(
        other_id or request.reservation_id,
        request.drop,
        request.sku,
        request.person_id,
        request.quantity,
        price,
        currency,
        ReservationState(state),
        until,
    )
    return ReservationAnswer(outcome, reservation)
