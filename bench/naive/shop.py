"""The ordinary shop's process: the same paths as ours, so that the same client can buy in it."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel

from marketday.accounts.tokens import load_jwks, verify_identity
from marketday.apps.payment_gateway import open_gateway
from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.payments.ports import Purpose

router = APIRouter(prefix="/v1")
KEYS = load_jwks(Path(os.environ["SHOP_JWKS_FILE"]))


class Wish(BaseModel):
    """What to reserve."""

    sku: str
    quantity: int


class PaymentWish(BaseModel):
    """How to pay."""

    method: str


async def person_of(authorization: Annotated[str, Header()]) -> UUID:
    """Return who asks."""
    return verify_identity(authorization.removeprefix("Bearer "), KEYS, SystemClock().now()).person_id


@asynccontextmanager
async def transaction(request: Request) -> AsyncIterator[Any]:
    """Take a connection and begin a transaction."""
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        yield connection


Person = Annotated[UUID, Depends(person_of)]


@router.post("/drops/{drop}/entries", status_code=201)
async def join(drop: str, person: Person, request: Request) -> dict[str, Any]:
    """Take a place."""
    async with transaction(request) as database:
        position = await database.fetchval("INSERT INTO entries (person_id) VALUES ($1) RETURNING position", person)
    return {"drop": drop, "position": position}


@router.get("/drops/{drop}/now")
async def now(drop: str, request: Request) -> dict[str, Any]:
    """Look at the stock and the line."""
    async with transaction(request) as database:
        left = await database.fetchval("SELECT sum(total - reserved - sold) FROM stock")
        last = await database.fetchval("SELECT max(position) FROM entries")
    return {"drop": drop, "left": left, "waiting": last}


@router.post("/drops/{drop}/admissions", status_code=201)
async def admit(drop: str, person: Person, request: Request) -> dict[str, Any]:
    """Exchange a place for an admission."""
    token = secrets.token_urlsafe(32)
    async with transaction(request) as database:
        await database.execute("INSERT INTO admissions (person_id, token) VALUES ($1, $2)", person, token)
    return {"admission": token, "drop": drop}


@router.post("/drops/{drop}/reservations", status_code=201)
async def reserve(
    drop: str,
    wish: Wish,
    person: Person,
    request: Request,
    marketday_admission: Annotated[str, Header()],
    idempotency_key: Annotated[str, Header()],
) -> dict[str, Any]:
    """Hold stock, with its row locked."""
    reservation = new_id()
    async with transaction(request) as database:
        admitted = await database.fetchval(
            "SELECT person_id FROM admissions WHERE token = $1 AND expires_at > now()", marketday_admission
        )
        stock = await database.fetchrow("SELECT * FROM stock WHERE sku = $1 FOR UPDATE", wish.sku)
        taken = await database.fetchval(
            "SELECT coalesce(sum(quantity), 0) FROM reservations WHERE person_id = $1 AND sku = $2", person, wish.sku
        )
        if admitted != person or taken + wish.quantity > stock["most_a_person"]:
            raise HTTPException(403)
        if stock["reserved"] + stock["sold"] + wish.quantity > stock["total"]:
            raise HTTPException(409)
        await database.execute("UPDATE stock SET reserved = reserved + $2 WHERE sku = $1", wish.sku, wish.quantity)
        await database.execute(
            "INSERT INTO reservations (id, person_id, sku, quantity, idempotency_key) VALUES ($1, $2, $3, $4, $5)",
            *(reservation, person, wish.sku, wish.quantity, idempotency_key),
        )
    return {"id": str(reservation), "drop": drop, "sku": wish.sku, "quantity": wish.quantity, "state": "held"}


@router.post("/reservations/{reservation}/payment", status_code=201)
async def pay(reservation: UUID, wish: PaymentWish, person: Person, request: Request) -> dict[str, Any]:
    """Authorise, make the order, capture; the gateway is never asked inside a transaction."""
    gateway, payment, order = request.app.state.gateway, new_id(), new_id()
    async with transaction(request) as database:
        held = await database.fetchrow(
            "SELECT r.*, price_minor FROM reservations r JOIN stock USING (sku) "
            "WHERE id = $1 AND person_id = $2 AND state = 'held' AND reserved_until > now()",
            *(reservation, person),
        )
        if held is None:
            raise HTTPException(409)
        total = held["price_minor"] * held["quantity"]
        await database.execute(
            "INSERT INTO payments VALUES ($1, $2, $3, NULL, 'authorising', $4)", payment, person, reservation, total
        )
    await gateway.authorise(payment, total, "KRW", wish.method, Purpose("naive", person, reservation, held["sku"]))
    async with transaction(request) as database:
        await database.fetchrow("SELECT * FROM stock WHERE sku = $1 FOR UPDATE", held["sku"])
        await database.execute("UPDATE reservations SET state = 'confirmed' WHERE id = $1", reservation)
        await database.execute(
            "UPDATE stock SET reserved = reserved - $2, sold = sold + $2 WHERE sku = $1", held["sku"], held["quantity"]
        )
        await database.execute("INSERT INTO orders VALUES ($1, $2, $3, $4)", order, person, reservation, total)
        await database.execute("UPDATE payments SET state = 'authorised', order_id = $2 WHERE id = $1", payment, order)
    await gateway.capture(payment)
    async with transaction(request) as database:
        await database.execute("UPDATE payments SET state = 'captured' WHERE id = $1", payment)
    return {"order": {"id": str(order), "total_minor": total}, "payment": {"id": str(payment), "state": "captured"}}


@router.get("/orders/{order}")
async def look(order: UUID, person: Person, request: Request) -> dict[str, Any]:
    """Look at an order."""
    async with transaction(request) as database:
        found = await database.fetchrow(
            "SELECT o.*, sku, quantity FROM orders o JOIN reservations r ON r.id = reservation_id "
            "WHERE o.id = $1 AND o.person_id = $2",
            *(order, person),
        )
    if found is None:
        raise HTTPException(404)
    return {"id": str(found["id"]), "sku": found["sku"], "quantity": found["quantity"], "total": found["total_minor"]}


def create() -> FastAPI:
    """Return the shop."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url, key = os.environ["SHOP_GATEWAY_URL"], os.environ["SHOP_GATEWAY_KEY"]
        async with (
            asyncpg.create_pool(os.environ["SHOP_DATABASE_URL"], min_size=10, max_size=10) as app.state.pool,
            open_gateway(url, key, answer_seconds=20) as app.state.gateway,
        ):
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None)
    app.include_router(router)
    return app


if __name__ == "__main__":
    uvicorn.run(create, factory=True, port=int(os.environ["SHOP_PORT"]), access_log=False, log_level="warning")
