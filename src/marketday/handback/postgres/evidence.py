"""The records of a drop on other servers: the mall's, the payment gateway's, and the waiting room's.

If one of them has a fact, the drop's database is not trusted about it. Their records are written into the staging
schema beside the copy; the equations compare the two, and both stay in the archive.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from marketday.handback.errors import CopyRefused, LedgerUnavailable, RoomUnreachable
from marketday.handback.lost import CLOCKS_DIFFER, LostPayments, begun_in_a_gap, lost_in_gaps
from marketday.handback.model import GivenBack, Recovered, Seen, Window
from marketday.handback.postgres.reaching import mall_reached
from marketday.handback.postgres.stage import PostgresStage
from marketday.handback.tables import (
    DROPS,
    KNOWN_ACCOUNTS,
    KNOWN_DRAW,
    KNOWN_DROP,
    KNOWN_ENTRIES,
    KNOWN_ITEMS,
    KNOWN_PAYMENTS,
)
from marketday.kit.clock import Clock
from marketday.kit.database import load_queries
from marketday.kit.moments import from_milliseconds
from marketday.payments.errors import MoneyKept, OutcomeUnknown
from marketday.payments.giving_back import HELD, give_back
from marketday.payments.ports import (
    NO_CURRENCY,
    Gateway,
    GatewayKeys,
    GatewayLedger,
    GatewayState,
    LedgerEntry,
)
from marketday.waitingroom.errors import RoomUnavailable, UnknownDrop
from marketday.waitingroom.ports import RoomStore

SMOKE = "smoke-"  # the names of smoke tests' drops begin with it
MOST_LINES = 20_000_000  # in the gateway's books or the register: twice the most people that a drop can expect
_PORTION = 2000
_MOST_TURNS = 5  # of reading the books while money is given back
_SQL = load_queries(__package__)

Rooms = Callable[[str], AbstractAsyncContextManager[RoomStore]]


class GatewayBooks(Gateway, GatewayLedger, GatewayKeys, Protocol):
    """The calls of the gateway that the evidence needs, made with the merchant's own key."""


class GatheredEvidence:
    """The records of other servers: of the mall's database, the gateway's books, and the waiting room."""

    def __init__(self, mall: "asyncpg.Pool[Any]", gateway: GatewayBooks, rooms: Rooms, clock: Clock) -> None:
        """Read the mall's database, the gateway with the merchant's key, and the room at its address."""
        self._mall = mall
        self._gateway = gateway
        self._rooms = rooms
        self._clock = clock

    async def gather(self, window: Window, stage: PostgresStage, lost: LostPayments | None = None) -> Seen:
        """Write the other servers' records of the drop into the staging schema; return their numbers.

        The environment's key to the gateway is revoked first, so that the books cannot change after we read them.
        Payments that are `lost` are left out: the caller gives them back before there is a receipt.

        Raises:
            MallUnavailable, LedgerUnavailable, RoomUnreachable: a server that we need does not answer.
            GatewayRefused: the gateway refuses our request.
            CopyRefused: a server has too many records, or records that cannot be read.

        """
        await self._promise(window, stage)
        await self._lent(window, stage)
        payments = await self._books(window, stage, lost)
        entries = await self._room(window, stage)
        return Seen(payments, entries)

    async def _promise(self, window: Window, stage: PostgresStage) -> None:
        promised = window.promised
        if promised is not None:
            facts = [getattr(promised, name) for name in DROPS]
            await stage.fill(KNOWN_DROP, [(*facts, window.commitment, window.payment_holder)])

    async def _lent(self, window: Window, stage: PostgresStage) -> None:
        buyers = await stage.buyers()
        with mall_reached():
            items = await self._mall.fetch(_SQL["lent_items"], window.environment_id)
            accounts = await self._mall.fetch(_SQL["known_accounts"], buyers)
        await stage.fill(KNOWN_ITEMS, [_item_row(row) for row in items])
        await stage.fill(KNOWN_ACCOUNTS, [(row["id"],) for row in accounts])

    async def taken(self, window: Window) -> int:
        """Revoke the environment's key, if any; return how many payments are authorised or captured at the gateway.

        Payments of a killed smoke test are refunded, and not counted.

        If the environment has no key of its own, only payments made after it was requested are counted.

        Raises:
            LedgerUnavailable: the gateway does not answer.

        """
        count = 0
        async with self._read(window) as entries:
            async for entry in entries:
                if self._is_ours(window, entry) and entry.payment.state in HELD:
                    if _is_smoke(entry):
                        await give_back(self._gateway, entry.payment.reference)
                    else:
                        count += 1
        return count

    async def give_back(self, window: Window) -> GivenBack:
        """Revoke the environment's key, if any; release or refund every payment that it made; return their sums.

        Payments of orders that the mall has are left alone: the drop was promoted before its servers were lost.
        Repeating it gives the same result. If the environment has no key of its own, payments from before it was
        requested are left alone. It ends when the books have no money of it any more: what was under way while the key
        was revoked may appear later.

        Raises:
            LedgerUnavailable: the gateway does not answer, or keeps the money of a payment.

        """
        with mall_reached():
            rows = await self._mall.fetch(_SQL["payments_of_orders"], window.environment_id)
        kept = frozenset(row["id"] for row in rows)
        for _ in range(_MOST_TURNS):
            back, held = await self._turn(window, kept)
            if not held:
                return back
        raise LedgerUnavailable(f"the gateway's books of {window.payment_holder} still change; expected them to rest")

    async def _turn(self, window: Window, kept: frozenset[UUID]) -> tuple[GivenBack, int]:
        """Give back what the books have now; return the sums, and how many payments held money."""
        count, held, sums = 0, 0, dict[str, int]()
        async with self._read(window) as entries:
            async for entry in entries:
                payment = entry.payment
                ours = self._is_ours(window, entry) and payment.reference not in kept
                if not ours or payment.state is GatewayState.DECLINED:
                    continue
                if payment.state in HELD:
                    payment = await give_back(self._gateway, payment.reference)
                    held += 1
                if _is_smoke(entry) or payment.currency == NO_CURRENCY:
                    continue
                count += 1
                sums[payment.currency] = sums.get(payment.currency, 0) + payment.amount_minor
        return GivenBack(count, sums), held

    async def lost(self, window: Window, stage: PostgresStage) -> LostPayments:
        """Revoke the environment's key; return what was begun in a gap of a restored drop, and is not in its copy.

        Raises:
            BooksDiffer: a payment was in the restored database, and is not in it any more.
            LedgerUnavailable: the gateway does not answer.

        """
        async with self._read(window) as entries:
            begun = [one async for one in entries if begun_in_a_gap(one, window.restored) and not _is_smoke(one)]
        known = await stage.payments([one.payment.reference for one in begun])
        return lost_in_gaps(begun, known, window.restored)

    async def give_back_lost(self, lost: LostPayments) -> Recovered:
        """Release or refund these payments, and return what a receipt says of them. Repeating it changes nothing.

        Raises:
            LedgerUnavailable: the gateway does not answer, or keeps the money of a payment.

        """
        with _gateway_reached():
            for one in lost.holding:
                await give_back(self._gateway, one.payment.reference)
        return lost.recovered()

    @staticmethod
    def _is_ours(window: Window, entry: LedgerEntry) -> bool:
        begun = from_milliseconds(window.environment_id.int >> 80)  # its id is a UUIDv7
        return window.payment_holder is not None or entry.created_at >= begun - CLOCKS_DIFFER

    async def _books(self, window: Window, stage: PostgresStage, lost: LostPayments | None) -> int:
        count, left_out = 0, frozenset(one.payment.reference for one in lost.entries) if lost else frozenset[UUID]()
        async with self._read(window) as entries:
            async for portion in _portions(_unless_given_back(window, self._since_opening(window, entries))):
                rows = [_payment_row(entry) for entry in portion if entry.payment.reference not in left_out]
                await stage.fill(KNOWN_PAYMENTS, rows)
                count += len(rows)
                if count > MOST_LINES:
                    raise CopyRefused(f"the gateway has over {MOST_LINES} payments; expected the payments of one drop")
        return count

    @asynccontextmanager
    async def _read(self, window: Window) -> AsyncIterator[AsyncIterator[LedgerEntry]]:
        """Open the gateway's books of an environment, after revoking its key; without a key, the books of the drop."""
        holder = window.payment_holder
        with _gateway_reached():
            if holder is not None:
                await self._gateway.revoke(holder)
                yield self._gateway.ledger(holder=holder)
            else:
                yield self._gateway.ledger(group=window.drop_slug)

    async def _since_opening(self, window: Window, entries: AsyncIterator[LedgerEntry]) -> AsyncIterator[LedgerEntry]:
        """Leave out payments from before the drop opened, if the environment has no key of its own.

        They belong to an earlier environment of this drop.
        """
        promised = window.promised if window.payment_holder is None else None
        async for entry in entries:
            if promised is None or entry.created_at >= promised.opens_at - CLOCKS_DIFFER:
                yield entry

    async def _room(self, window: Window, stage: PostgresStage) -> int | None:
        if not window.room_url:
            return None
        slug, count = window.drop_slug, 0
        try:
            async with self._rooms(window.room_url) as rooms:
                draw = (await rooms.snapshot(slug, self._clock.now())).draw
                published = (draw.seed, sha256(draw.seed).digest(), draw.cohort, draw.published_at) if draw else ()
                await stage.fill(KNOWN_DRAW, [(slug, *(published or (None,) * 4))])
                async for portion in rooms.entries(slug):
                    rows = [(slug, one.person_id, one.index, one.joined_at, one.admitted_at) for one in portion]
                    await stage.fill(KNOWN_ENTRIES, rows)
                    count += len(rows)
                    if count > MOST_LINES:
                        raise CopyRefused(f"the waiting room has over {MOST_LINES} entries; expected one drop's")
        except UnknownDrop:  # its server lost everything, so the register cannot be compared
            return None
        except RoomUnavailable as error:
            raise RoomUnreachable(error.detail) from error
        except (ValueError, TypeError) as error:
            raise CopyRefused(f"the waiting room's server has data that is not an entry: {error}") from error
        return count


@contextmanager
def _gateway_reached() -> Iterator[None]:
    try:
        yield
    except (OutcomeUnknown, MoneyKept) as error:  # not GatewayRefused: asking again does not help
        raise LedgerUnavailable(f"{error.slug}: {error.detail}") from error


def _is_smoke(entry: LedgerEntry) -> bool:
    return entry.purpose is not None and entry.purpose.group.startswith(SMOKE)


async def _unless_given_back(window: Window, entries: AsyncIterator[LedgerEntry]) -> AsyncIterator[LedgerEntry]:
    """Leave out what was given back because the copy does not have it: only if no money is there any more."""
    given_back = window.recovered.given_back if window.recovered else frozenset()
    async for entry in entries:
        if entry.payment.state in HELD or entry.payment.reference not in given_back:
            yield entry


async def _portions(entries: AsyncIterator[LedgerEntry]) -> AsyncIterator[Sequence[LedgerEntry]]:
    portion = list[LedgerEntry]()
    async for entry in entries:
        portion.append(entry)
        if len(portion) == _PORTION:
            yield portion
            portion = []
    yield portion


def _item_row(row: Any) -> tuple[object, ...]:
    item = row["item"] or {}
    names = ("title_ko", "title_en", "price_minor", "currency", "limit_per_person")
    title_ko, title_en, price_minor, currency, limit = (item.get(name) for name in names)
    shown = sha256(f"{item.get('body_html', '')}\0{item.get('image', '')}".encode()).digest()
    return (row["sku"], row["position"], title_ko, title_en, shown, price_minor, currency, limit, row["quantity"])


def _payment_row(entry: LedgerEntry) -> tuple[object, ...]:
    payment, purpose = entry.payment, entry.purpose
    group, customer, subject, goods = (
        (_storable(purpose.group), purpose.customer, purpose.subject, _storable(purpose.goods))
        if purpose
        else ("", None, None, "")
    )
    return (
        payment.reference,
        entry.holder,
        payment.state.value,
        payment.amount_minor,
        payment.currency,
        group,
        customer,
        subject,
        goods,
        entry.created_at,
        entry.updated_at,
    )


def _storable(text: str) -> str:
    """Return a text from the gateway's books without the character that PostgreSQL cannot store."""
    return text.replace("\0", "\ufffd")
