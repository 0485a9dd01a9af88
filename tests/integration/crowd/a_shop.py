"""A mall, a gate and a store in one small server, which can make a chosen mistake on request."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from marketday.waitingroom.draw import commitment, permutation

SEED = bytes(range(32))
SLUG, SKU, LIMIT, PRICE = "small-drop", "SKU-1", 2, 1000
Answer = web.Response


def problem(status: int, slug: str, **extra: Any) -> Answer:
    body = {"type": f"urn:marketday:problem:{slug}", "title": slug, "status": status, **extra}
    return web.json_response(body, status=status, content_type="application/problem+json")


@dataclass
class SmallShop:
    opens: float
    closes: float
    stock: int
    busy_every: int = 0  # every so many requests, somebody gets 503 instead of an answer
    forgets_keys: bool = False
    entries: dict[str, int] = field(default_factory=dict)
    cohort: int | None = None
    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)  # path and address
    attempts: dict[str, int] = field(default_factory=dict)
    line: dict[str, str] = field(default_factory=dict)  # who waits or had an offer: "" or the id of the reservation

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._count])
        drop = f"/v1/drops/{SLUG}"
        app.add_routes(
            [
                web.post("/v1/identity-tokens", self.identity),
                web.post(f"{drop}/entries", self.join),
                web.get(f"{drop}/now", self.now),
                web.post(f"{drop}/admissions", self.admit),
                web.post(f"{drop}/reservations", self.reserve),
                web.post(f"{drop}/standbys", self.stand_by),
                web.get(f"{drop}/standbys", self.look),
                web.delete("/v1/standbys/{id}", self.leave),
                web.get(f"{drop}/orders", self.mine),
                web.post("/v1/reservations/{id}/payment", self.pay),
                web.get("/v1/reservations/{id}", self.reservation),
                web.delete("/v1/reservations/{id}", self.release),
                web.get("/v1/orders/{id}", self.order),
                web.post("/v1/drops/{drop}/entries", self.unknown),
            ]
        )
        return app

    @web.middleware
    async def _count(self, request: web.Request, handler: Any) -> Any:
        self.requests.append((request.path, request.headers.get("X-Forwarded-For", "")))
        if self.busy_every and len(self.requests) % self.busy_every == 0:
            return web.json_response({}, status=503, headers={"Retry-After": "0"})
        return await handler(request)

    def _who(self, request: web.Request) -> str | None:
        token = request.headers.get("Authorization", "")
        return token.removeprefix("Bearer for-") if token.startswith("Bearer for-") else None

    def _admitted(self, request: web.Request) -> Answer | None:
        who = self._who(request)
        admission = request.headers.get("Marketday-Admission", "")
        if who is None or not admission.startswith("in-"):
            return problem(401, "missing-token")
        return None if admission == f"in-{who}" else problem(403, "not-your-token")

    async def identity(self, request: web.Request) -> Answer:
        return web.json_response({"token": f"for-{request.cookies['session'].removeprefix('session-')}"}, status=201)

    async def unknown(self, _: web.Request) -> Answer:
        return problem(404, "unknown-drop")

    async def join(self, request: web.Request) -> Answer:
        who = self._who(request)
        if who is None:
            return problem(401, "invalid-token")
        first = who not in self.entries
        index = self.entries.setdefault(who, len(self.entries))
        body = {"drop": SLUG, "index": index, "position": self.position(index), "commitment": commitment(SEED).hex()}
        return web.json_response(body, status=201 if first else 200)

    def position(self, index: int) -> int | None:
        if self.cohort is None:
            return None
        return permutation(SEED, index, self.cohort) if index < self.cohort else index

    def serving(self) -> int:
        return 0 if self.cohort is None else int((time.time() - self.opens) * 40)

    def left(self) -> int:
        for each in self.held.values():
            if each["state"] == "held" and time.time() > each["until"]:
                each["state"] = "released"
        return self.stock - sum(each["quantity"] for each in self.held.values() if each["state"] != "released")

    def sold(self) -> int:
        return sum(order["lines"][0]["quantity"] for order in self.orders.values())

    async def now(self, _: web.Request) -> Answer:
        if self.cohort is None and time.time() >= self.opens:
            self.cohort = len(self.entries)
        phase = "waiting" if self.cohort is None else "open" if time.time() < self.closes else "closed"
        published = {"seed": SEED.hex(), "cohort": self.cohort} if self.cohort is not None else {"seed": None}
        stock = "sold_out" if self.sold() >= self.stock else "available" if self.left() > 0 else "all_reserved"
        counts = {"serving_number": self.serving(), "rate_per_second": 40, "waiting": 1, "inside": 1}
        return web.json_response({"phase": phase, "stock": stock, "left": self.left(), **counts, **published})

    async def admit(self, request: web.Request) -> Answer:
        who = self._who(request)
        if who not in self.entries:
            return problem(404, "no-entry")
        position = self.position(self.entries[who])
        if position is None or position >= self.serving():
            return problem(409, "not-yet-served", position=position, serving_number=self.serving())
        return web.json_response({"admission": f"in-{who}", "expires_at": ""}, status=201)

    async def reserve(self, request: web.Request) -> Answer:
        refused = self._admitted(request)
        if refused is not None:
            return refused
        try:
            body = json.loads(await request.read())
            quantity = body["quantity"]
        except (ValueError, KeyError, web.HTTPRequestEntityTooLarge):
            return problem(400, "invalid-body")
        who, key = self._who(request) or "", request.headers["Idempotency-Key"]
        given = self.keys.get((who, key))
        if given and not self.forgets_keys:
            same = self.held[given]["quantity"] == quantity
            return web.json_response(self.held[given], status=201) if same else problem(422, "idempotency-conflict")
        refused = self._refusal(body["sku"], quantity)
        if refused is not None:
            return refused
        reservation = self._hold(who, quantity)
        self.keys[who, key] = reservation["id"]
        return web.json_response(reservation, status=201)

    def _hold(self, who: str, quantity: int) -> dict[str, Any]:
        held = {"id": str(uuid4()), "sku": SKU, "quantity": quantity, "state": "held", "person": who}
        self.held[held["id"]] = held | {"until": time.time() + 1.5}
        return self.held[held["id"]]

    def _refusal(self, sku: str, quantity: int) -> Answer | None:
        rules = (
            (sku != SKU, 404, "unknown-item"),
            (quantity < 1, 422, "invalid-quantity"),
            (quantity > LIMIT, 409, "over-limit"),
            (time.time() >= self.closes, 410, "drop-closed"),
            (self.sold() >= self.stock, 410, "sold-out"),
            (quantity > self.left(), 409, "all-reserved"),
        )
        left = max(self.left(), 0)
        return next((problem(status, slug, left=left) for broken, status, slug in rules if broken), None)

    async def stand_by(self, request: web.Request) -> Answer:
        refused = self._admitted(request)
        if refused is not None:
            return refused
        self.line.setdefault(self._who(request) or "", "")
        return web.json_response({"sku": SKU, "state": "waiting", "ahead": 0}, status=201)

    async def look(self, request: web.Request) -> Answer:
        who = self._who(request) or ""
        if who not in self.line:
            return web.json_response({"standbys": []})
        if not self.line[who] and self.left() > 0 and time.time() < self.closes:
            self.line[who] = self._hold(who, 1)["id"]
        over = "sold_out" if self.sold() >= self.stock else "closed" if time.time() >= self.closes else "waiting"
        offer = self.held.get(self.line[who])
        mine = {"id": who, "sku": SKU, "state": "offered" if offer else over, "ahead": 0, "reservation": offer}
        return web.json_response({"standbys": [mine]})

    async def leave(self, request: web.Request) -> Answer:
        self.line.pop(request.match_info["id"], None)
        return web.Response(status=204)

    async def pay(self, request: web.Request) -> Answer:
        reservation = self.held[request.match_info["id"]]
        key, method = request.headers["Idempotency-Key"], (await request.json())["method"]
        tried = self.attempts[key] = self.attempts.get(key, 0) + 1
        if reservation["state"] == "released":
            return problem(410, "reservation-expired")
        if method == "card_declined" or (method == "card_timeout" and tried > 2):
            return problem(402, "payment-declined")
        if method == "card_timeout" or (method == "card_late" and tried < 3):
            return web.json_response({"payment": {"state": "unknown"}}, status=202)
        reservation["state"] = "confirmed"
        order = self.orders.setdefault(
            reservation["id"],
            {
                "id": str(uuid4()),
                "state": "paid",
                "person": reservation["person"],
                "lines": [{"sku": SKU, "quantity": reservation["quantity"]}],
                "total_minor": PRICE * reservation["quantity"],
            },
        )
        return web.json_response({"order": order, "payment": {"state": "captured"}}, status=201)

    async def reservation(self, request: web.Request) -> Answer:
        return web.json_response(self.held[request.match_info["id"]])

    async def release(self, request: web.Request) -> Answer:
        self.held[request.match_info["id"]]["state"] = "released"
        return web.Response(status=204)

    async def order(self, request: web.Request) -> Answer:
        found = [order for order in self.orders.values() if order["id"] == request.match_info["id"]]
        return web.json_response(found[0]) if found else problem(404, "unknown-order")

    async def mine(self, request: web.Request) -> Answer:
        who = self._who(request)
        return web.json_response({"orders": [order for order in self.orders.values() if order["person"] == who]})


@asynccontextmanager
async def served(shop: SmallShop) -> AsyncIterator[str]:
    """Serve the shop on a free port of the loopback; yields its URL under `localhost`."""
    runner = web.AppRunner(shop.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    try:
        yield f"http://event.localhost:{port}"
    finally:
        await asyncio.wait_for(runner.cleanup(), 10)
