"""A drop that was sold, as rows of its database: small, complete, and right."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.model import Drop
from marketday.drops.postgres.handover import HandedItem, write_drop
from marketday.kit.ids import new_id
from marketday.payments.ports import GatewayPayment, GatewayState, LedgerEntry, Purpose, goods_of
from marketday.testing.rooms import InMemoryRooms
from marketday.testing.rows import PRICE_MINOR
from marketday.waitingroom.model import Facts

SLUG = "dawn-serum"
SKU = "DAWN-SERUM-30"


async def sell_drop(
    drop: "asyncpg.Connection[Any]", people: Sequence[UUID], opens_at: datetime, *, stock: int, slug: str = SLUG
) -> str:
    """Write a drop whose `people` bought one unit each. The last of them also reserved one more unit and released it.

    Returns the commitment of its draw, in hexadecimal.
    """
    commitment = await write_drop(drop, drop_of(opens_at, slug), [item_of(stock)])
    for index, person in enumerate(people):
        await _enter(drop, slug, person, index, opens_at)
        await _buy(drop, slug, person, opens_at + timedelta(seconds=index, microseconds=123))
    await _let_go(drop, slug, people[-1], opens_at)
    await drop.execute(
        "UPDATE draws SET cohort = $2, published_at = $3 WHERE drop_slug = $1", slug, len(people), opens_at
    )
    return commitment.hex()


def drop_of(opens_at: datetime, slug: str = SLUG) -> Drop:
    """Return the facts of the drop."""
    return Drop(slug, "새벽 세럼", "Dawn Serum", opens_at, opens_at, opens_at + timedelta(hours=1), 300, 600, {})


def item_of(stock: int) -> HandedItem:
    """Return the item that the drop sells."""
    return HandedItem(SKU, "새벽 세럼", "Dawn Serum", "", "", PRICE_MINOR, "KRW", stock, 2)


async def books_of(drop: "asyncpg.Connection[Any]", holder: str) -> list[LedgerEntry]:
    """Return the payment gateway's books that agree with every payment in the database."""
    rows = await drop.fetch(
        "SELECT p.*, r.sku, r.quantity FROM payments p JOIN reservations r ON r.id = p.reservation_id"
    )
    return [
        LedgerEntry(
            GatewayPayment(row["id"], GatewayState(row["state"]), row["amount_minor"], row["currency"]),
            holder,
            _purpose(row),
            row["created_at"],
            row["updated_at"],
        )
        for row in rows
    ]


def _purpose(row: Any) -> Purpose:
    goods = goods_of([(row["sku"], row["quantity"])])
    return Purpose(row["drop_slug"], row["person_id"], row["reservation_id"], goods)


async def room_of(drop: "asyncpg.Connection[Any]", facts: Drop) -> InMemoryRooms:
    """Return the waiting room that agrees with the draw and the register in the database."""
    rooms, draw = InMemoryRooms(), await drop.fetchrow("SELECT * FROM draws WHERE drop_slug = $1", facts.slug)
    assert draw is not None  # noqa: S101 - written by `sell_drop`
    moments = (facts.room_opens_at, facts.opens_at, facts.closes_at)
    await rooms.publish_drop(Facts(facts.slug, *moments, facts.admission_seconds, draw["commitment"]))
    entries = await drop.fetch("SELECT * FROM entries WHERE drop_slug = $1 ORDER BY index", facts.slug)
    for row in entries:
        await rooms.join(facts.slug, row["person_id"], row["joined_at"])
    await rooms.open(facts.slug, draw["seed"], draw["published_at"], draw["cohort"])
    for row in entries:
        admitted = row["admitted_at"]
        await rooms.admit(facts.slug, row["person_id"], row["index"], admitted, admitted + timedelta(minutes=10))
    return rooms


async def _enter(drop: Any, slug: str, person: UUID, index: int, at: datetime) -> None:
    await drop.execute("INSERT INTO entries VALUES ($1, $2, $3, $4, $4)", slug, person, index, at)


async def _buy(drop: Any, slug: str, person: UUID, at: datetime) -> None:
    order, reservation = new_id(), await _reserve(drop, slug, person, at, "confirmed")
    await drop.execute("INSERT INTO allowances VALUES ($1, $2, $3, 1, 2)", slug, SKU, person)
    await drop.execute("UPDATE stock SET sold = sold + 1 WHERE drop_slug = $1", slug)
    await drop.execute(
        "INSERT INTO orders VALUES ($1, $2, $3, $4, 'paid', 'KRW', $5, $6)",
        *(order, slug, person, reservation, PRICE_MINOR, at),
    )
    await drop.execute(
        "INSERT INTO order_lines VALUES ($1, 1, $2, '새벽 세럼', 'Dawn Serum', 1, $3)", order, SKU, PRICE_MINOR
    )
    await _pay(drop, slug, person, reservation, order, at)


async def _reserve(drop: Any, slug: str, person: UUID, at: datetime, state: str) -> UUID:
    reservation = new_id()
    await drop.execute(
        "INSERT INTO reservations (id, drop_slug, sku, person_id, quantity, unit_price_minor, currency, state, "
        "reserved_until, idempotency_key, fingerprint, created_at, settled_at) "
        "VALUES ($1, $2, $3, $4, 1, $5, 'KRW', $6, $7, $8, $9, $7, $7)",
        *(reservation, slug, SKU, person, PRICE_MINOR, state, at, str(reservation)),
        hashlib.sha256(reservation.bytes).digest(),
    )
    return reservation


async def _pay(drop: Any, slug: str, person: UUID, reservation: UUID, order: UUID, at: datetime) -> None:
    payment = order
    await drop.execute(
        "INSERT INTO payments (id, drop_slug, reservation_id, person_id, order_id, state, amount_minor, currency, "
        "idempotency_key, fingerprint, created_at, updated_at) "
        "VALUES ($1, $2, $3, $4, $5, 'captured', $6, 'KRW', $7, $8, $9, $9)",
        *(payment, slug, reservation, person, order, PRICE_MINOR, str(payment)),
        *(hashlib.sha256(payment.bytes).digest(), at),
    )


async def _let_go(drop: Any, slug: str, person: UUID, at: datetime) -> None:
    await _reserve(drop, slug, person, at, "released")
