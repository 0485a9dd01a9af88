"""Ordinary visitors of the mall, who browse, search, fill a cart and buy, independent of the drop."""

import asyncio
import random
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from marketday.crowd.arrivals import steady_times
from marketday.crowd.client import Call, HttpReply, Visitor
from marketday.crowd.journal import VisitorRole
from marketday.crowd.plan import MallVisit, Plan
from marketday.crowd.targets import address_of
from marketday.kit.ids import new_id

if TYPE_CHECKING:
    from marketday.crowd.http.wire import Wire

SEARCHES = ("세럼", "cream", "mask", "쿠션", "sun")
BUYS, SIGNS_UP = 0.15, 0.02  # shares of the visits
FIRST_ADDRESS = 100_000  # different from the addresses of the drop's crowd


class Shopper:
    """One visit to the mall."""

    def __init__(self, visitor: Visitor, mall: str, source: random.Random) -> None:
        """`source` is the source of random choices in this visit."""
        self._visitor = visitor
        self._mall = mall
        self._source = source

    async def browse(self) -> str | None:
        """Visit pages as a browser does; return a SKU that can be bought."""
        await self._get("home", "/")
        await self._get("search", f"/search?q={quote(self._source.choice(SEARCHES))}")
        listing = (await self._get("products", "/v1/products")).body
        products = listing.get("items") or listing.get("products") or []
        if not products:
            return None
        handle = str(self._source.choice(products)["handle"])
        await self._get("product_page", f"/products/{quote(handle)}")
        product = (await self._get("product", f"/v1/products/{quote(handle)}")).body
        skus = [
            str(each["sku"]) for each in product.get("variants", []) if each.get("stock", 1) or each.get("unlimited")
        ]
        return self._source.choice(skus) if skus else None

    async def buy(self, sku: str) -> None:
        """Put one of `sku` into the cart and pay for it."""
        await self._send("cart", "PUT", f"/v1/cart/lines/{quote(sku)}", {"quantity": 1})
        await self._get("cart_page", "/cart")
        await self._send("checkout", "POST", "/v1/orders", {"method": "card_ok"})
        await self._get("my_orders", "/v1/orders")

    async def sign_up(self) -> None:
        """Create an account and sign in to it; both compute a real password hash."""
        email, password = f"{new_id().hex}@crowd.invalid", new_id().hex
        await self._send("sign_up", "POST", "/v1/accounts", {"email": email, "password": password, "name": "Shopper"})
        await self._send("sign_in", "POST", "/v1/sessions", {"email": email, "password": password})

    async def _get(self, action: str, path: str) -> HttpReply:
        return await self._visitor.ask(Call("mall", action, "GET", self._mall + path))

    async def _send(self, action: str, method: str, path: str, body: object) -> HttpReply:
        return await self._visitor.ask(
            Call("mall", action, method, self._mall + path, body=body, key=str(new_id()), keep=("id",))
        )


async def _visit(wire: "Wire", plan: Plan, visit: MallVisit, number: int, at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.time()))
    source = random.Random(f"{plan.seed}/shopper/{number}")
    visitor = Visitor(wire, f"shopper-{number}", VisitorRole.SHOPPER, address_of(FIRST_ADDRESS + number))
    shopper = Shopper(visitor, plan.mall, source)
    if source.random() < SIGNS_UP:
        await shopper.sign_up()
    sku = await shopper.browse()
    if sku is not None and visit.sessions and source.random() < BUYS:
        visitor.headers["Cookie"] = f"session={visit.sessions[number % len(visit.sessions)]}"
        await shopper.buy(sku)


async def play_shoppers(wire: "Wire", plan: Plan, visit: MallVisit) -> None:
    """Play the mall's ordinary visitors, who come at a constant rate and do not wait for each other."""
    times = steady_times(visit.visits_per_second, visit.begins, visit.ends, plan.seed)
    await asyncio.gather(*(_visit(wire, plan, visit, number, at) for number, at in enumerate(times)))
