"""A drop that was sold, as rows of its database: small, complete, and right."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.handover import HandedItem, write_drop
from marketday.drops.model import Drop
from marketday.kit.ids import new_id
from marketday.testing.rows import PRICE_MINOR

SLUG = "dawn-serum"
SKU = "DAWN-SERUM-30"


async def sell_drop(
    drop: "asyncpg.Connection[Any]", people: Sequence[UUID], opens_at: datetime, *, stock: int, slug: str = SLUG
) -> str:
    """Write a drop whose `people` bought one unit each, and the last of them let another one go.

    Returns the commitment of its draw, in hex.
    """
    facts = Drop(slug, "새벽 세럼", "Dawn Serum", opens_at, opens_at, opens_at + timedelta(hours=1), 300, 600, {})
    item = HandedItem(SKU, "새벽 세럼", "Dawn Serum", "", "", PRICE_MINOR, "KRW", stock, 2)
    commitment = await write_drop(drop, facts, [item])
    for index, person in enumerate(people):
        await _enter(drop, slug, person, index, opens_at)
        await _buy(drop, slug, person, opens_at + timedelta(seconds=index))
    await _let_go(drop, slug, people[-1], opens_at)
    return commitment.hex()


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
    await _pay(drop, slug, person, reservation, order)


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


async def _pay(drop: Any, slug: str, person: UUID, reservation: UUID, order: UUID) -> None:
    payment = new_id()
    await drop.execute(
        "INSERT INTO payments (id, drop_slug, reservation_id, person_id, order_id, state, amount_minor, currency, "
        "idempotency_key, fingerprint) VALUES ($1, $2, $3, $4, $5, 'captured', $6, 'KRW', $7, $8)",
        *(payment, slug, reservation, person, order, PRICE_MINOR, str(payment)),
        hashlib.sha256(payment.bytes).digest(),
    )


async def _let_go(drop: Any, slug: str, person: UUID, at: datetime) -> None:
    await _reserve(drop, slug, person, at, "released")
