"""A store and a worker with one gateway, for tests of paying."""

from typing import Any

from marketday.drops.checkout import Checkout
from marketday.drops.model import Reservation
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.settlement import Settlement
from marketday.payments.ports import GatewayState
from marketday.testing.drops import SLUG, Shop, request
from marketday.testing.gateway import FakeGateway


class Till:
    """A store and a worker that share a gateway, as two processes would."""

    def __init__(self, shop: Shop, store: PostgresDropStore, worker: PostgresDropStore, gateway: FakeGateway) -> None:
        self.shop = shop
        self.store = store
        self.worker = worker
        self.gateway = gateway
        self.checkout = Checkout(store, gateway, Settlement(store, gateway), patience_seconds=0.3)

    async def hold(self, quantity: int = 1) -> Reservation:
        (answer,) = await self.store.reserve([request(quantity=quantity)])
        assert answer.reservation is not None
        return answer.reservation

    async def pay(self, held: Reservation, method: str = "card_ok", key: str = "key"):
        return await self.checkout.pay(held.id, held.person_id, key, method)

    async def settle(self, gateway: Any = None) -> tuple[int, int]:
        return await Settlement(self.worker, gateway or self.gateway).settle_payments(authorising_seconds=0)

    async def states(self) -> list[str]:
        await self.checkout.close()  # what nobody waits for is recorded then
        return [row["state"] for row in await self.shop.owner.fetch("SELECT state FROM payments ORDER BY id")]

    async def books_agree(self) -> bool:
        """Money taken at the gateway is exactly what the orders say, and nothing is set aside for nobody."""
        taken = sum(p.amount_minor for p in self.gateway.payments(SLUG) if p.state is GatewayState.CAPTURED)
        aside = [p for p in self.gateway.payments(SLUG) if p.state is GatewayState.AUTHORISED]
        owed = await self.shop.value("SELECT coalesce(sum(total_minor), 0) FROM orders")
        return taken == owed and not aside and await self.shop.broken_sums() == []
