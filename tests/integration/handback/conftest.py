from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from marketday.accounts.tokens import parse_jwks, public_jwks
from marketday.drops.postgres.handover import lend
from marketday.environments.model import requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.handback.model import Window
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.receipt import ReceiptVerifier
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayTimeout
from marketday.payments.ports import GatewayState
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.rows import add_accounts, add_product
from marketday.testing.sales import SKU, books_of, drop_of, item_of, room_of, sell_drop

ISSUER = "http://mall.localhost"
PEOPLE = 7
ROOM = "redis://the-room"


HOLDER = "event-of-the-dawn"


class Books:
    """The payment gateway's books, as the merchant's key opens them."""

    def __init__(self, entries):
        self.entries = entries
        self.revoked = []
        self.down = False

    async def revoke(self, holder):
        if self.down:
            raise GatewayTimeout("no answer within 2 s")
        self.revoked.append(holder)

    def _move(self, reference, states):
        for number, entry in enumerate(self.entries):
            if entry.payment.reference == reference:
                state = states.get(entry.payment.state, entry.payment.state)
                self.entries[number] = replace(entry, payment=replace(entry.payment, state=state))
                return self.entries[number].payment
        return None

    async def void(self, reference):
        return self._move(reference, {GatewayState.AUTHORISED: GatewayState.VOIDED})

    async def refund(self, reference):
        return self._move(reference, {GatewayState.CAPTURED: GatewayState.REFUNDED})

    async def ledger(self, *, holder=None, group=None):
        for entry in sorted(self.entries, key=lambda one: one.payment.reference):
            of_group = group is None or (entry.purpose is not None and entry.purpose.group == group)
            if (holder is None or entry.holder == holder) and of_group:
                yield entry


@dataclass
class Sold:
    """A drop that was sold to seven people out of 20 units, drained, and not handed back yet."""

    mall: "asyncpg.Pool[Any]"
    drop: "asyncpg.Connection[Any]"
    window: Window
    folder: Path
    key: Any
    mall_url: str
    books: Books
    rooms: Any

    def __post_init__(self):
        self.links = PostgresLinks(SystemClock())
        self.staging = PostgresStaging(self.mall, self.mall_url)
        self.promotions = PostgresPromotions(self.mall)
        self.receipts = PostgresReceipts(self.mall, self.folder)
        self.verifier = ReceiptVerifier(parse_jwks(public_jwks(self.key, ISSUER)))

    def service(self):
        return HandBackService(
            self.links, self.staging, self.evidence(), self.promotions, self.receipts, self.key, ISSUER, SystemClock()
        )

    def evidence(self):
        return GatheredEvidence(self.mall, self.books, self.room_at, SystemClock())

    @asynccontextmanager
    async def room_at(self, url):
        assert url == ROOM
        yield self.rooms

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


@asynccontextmanager
async def undone(drop):
    """Whatever is done to the rows of a drop's tables meanwhile, they are afterwards what they were."""
    tables = [row[0] for row in await drop.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    await drop.execute("CREATE SCHEMA kept")
    await drop.execute("; ".join(f"CREATE TABLE kept.{table} AS TABLE public.{table}" for table in tables))
    try:
        yield
    finally:
        back = [
            f"DELETE FROM public.{table}; INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE kept.{table}"
            for table in tables
        ]
        # Without foreign keys' triggers, for the order of the tables does not matter here.
        statements = ("SET session_replication_role = replica", *back, "RESET session_replication_role")
        await drop.execute("; ".join(statements))
        await drop.execute("DROP SCHEMA kept CASCADE")


@pytest.fixture
async def sold(mall_database_url, drop_database_url, tmp_path):
    mall = await create_pool(mall_database_url, max_size=6)
    drop = await connect(drop_database_url)
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await PostgresEnvironments(mall).add(environment)
    await add_product(mall, SKU, stock=100)
    await lend(mall, environment.id, [item_of(20)])
    people = await add_accounts(mall, PEOPLE)
    facts = drop_of(environment.schedule.opens_at)
    commitment = await sell_drop(drop, people, facts.opens_at, stock=20)
    window = Window(environment.id, environment.drop_slug, drop_database_url, ROOM, commitment, facts, HOLDER)
    books, rooms = Books(await books_of(drop, HOLDER)), await room_of(drop, facts)
    key = a_signing_key()
    yield Sold(mall, drop, window, tmp_path / "receipts", key, mall_database_url, books, rooms)
    await drop.close()
    await mall.close()
