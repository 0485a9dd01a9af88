from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from marketday.accounts.tokens import new_signing_key, parse_jwks, parse_signing_key, public_jwks
from marketday.drops.handover import lend
from marketday.environments.model import requested
from marketday.environments.postgres import PostgresEnvironments
from marketday.handback.link import PostgresLinks
from marketday.handback.model import Window
from marketday.handback.postgres import PostgresReceipts, PostgresStaging
from marketday.handback.promote import PostgresPromotions
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.testing.rows import add_accounts, add_product
from marketday.testing.sales import SKU, sell_drop

ISSUER = "http://mall.localhost"
PEOPLE = 7


@dataclass
class Sold:
    """A drop that was sold to seven people out of 20 units, drained, and not handed back yet."""

    mall: "asyncpg.Pool[Any]"
    drop: "asyncpg.Connection[Any]"
    window: Window
    folder: Path
    key: Any

    def __post_init__(self):
        self.links = PostgresLinks(SystemClock())
        self.staging = PostgresStaging(self.mall)
        self.promotions = PostgresPromotions(self.mall)
        self.receipts = PostgresReceipts(self.mall, self.folder)
        self.verifier = ReceiptVerifier(parse_jwks(public_jwks(self.key, ISSUER)))

    def service(self):
        return HandBackService(
            self.links, self.staging, self.promotions, self.receipts, self.key, ISSUER, SystemClock()
        )

    async def mall_holds(self):
        """Everything in the mall that a hand-back may touch."""
        queries = {
            "orders": "SELECT * FROM orders ORDER BY id",
            "lines": "SELECT * FROM order_lines ORDER BY order_id",
            "payments": "SELECT * FROM payments ORDER BY id",
            "stock": "SELECT sku, stock FROM variants",
            "allocations": "SELECT * FROM allocations",
            "receipts": "SELECT environment_id FROM receipts",
        }
        return {name: [dict(row) for row in await self.mall.fetch(query)] for name, query in queries.items()}

    async def link_roles(self):
        return await self.drop.fetch("SELECT rolname FROM pg_roles WHERE rolname = $1", self.window.link_role)


@pytest.fixture
async def sold(mall_database_url, drop_database_url, tmp_path):
    mall = await create_pool(mall_database_url, max_size=6)
    drop = await connect(drop_database_url)
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await PostgresEnvironments(mall).add(environment)
    await add_product(mall, SKU, stock=100)
    await lend(mall, environment.id, {SKU: 20})
    people = await add_accounts(mall, PEOPLE)
    commitment = await sell_drop(drop, people, environment.schedule.opens_at, stock=20)
    window = Window(environment.id, environment.drop_slug, drop_database_url, commitment)
    yield Sold(mall, drop, window, tmp_path / "receipts", parse_signing_key(new_signing_key()))
    await drop.close()
    await mall.close()
