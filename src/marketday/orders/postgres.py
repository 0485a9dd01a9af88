"""Carts and orders in PostgreSQL, the only source of truth about stock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from marketday.kit.database import load_queries
from marketday.orders.errors import (
    CheckoutInProgress,
    EmptyCart,
    MixedCurrencies,
    NotForSale,
    OrderError,
    OutOfStock,
    TotalChanged,
    UnknownItem,
    UnknownOrder,
)
from marketday.orders.model import Cart, OpenPayment, Order, OrderLine, OrderState
from marketday.payments.model import PaymentState, may_become

PAUSE_SECONDS = 2  # about as long as a slow card takes
_SQL = load_queries(__package__)


class _Ids(NamedTuple):
    """The ids of an order, its payment and its account."""

    order: UUID
    payment: UUID
    account: UUID


class PostgresCartStore:
    """The `CartStore` of the mall database."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """Use the connections of `pool`."""
        self._pool = pool

    async def cart(self, account_id: UUID) -> dict[str, int]:
        """Return quantities by SKU."""
        return {row["sku"]: row["quantity"] for row in await self._pool.fetch(_SQL["cart"], account_id)}

    async def replace(self, account_id: UUID, cart: Cart, now: datetime) -> None:
        """Replace the old cart by `cart`."""
        skus, quantities = list(cart), list(cart.values())
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["remove_other_cart_lines"], account_id, skus)
            await connection.execute(_SQL["put_cart_lines"], account_id, skus, quantities, now)

    async def put(self, account_id: UUID, sku: str, quantity: int, now: datetime) -> None:
        """Set one line; raises UnknownItem, MixedCurrencies."""
        async with self._pool.acquire() as connection:
            if await connection.fetchval(_SQL["put_cart_line"], account_id, sku, quantity, now) is None:
                currency = await connection.fetchval(_SQL["currency_of"], sku)
                if currency is None:
                    raise UnknownItem(f"{sku!r} is not an item; expected a SKU of the catalogue")
                raise MixedCurrencies(f"{sku!r} has a price in {currency}; expected the currency of the cart")

    async def remove(self, account_id: UUID, sku: str) -> None:
        """Remove one line."""
        await self._pool.execute(_SQL["remove_cart_line"], account_id, sku)


class PostgresOrderStore:
    """The `OrderStore` of the mall database."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """Use the connections of `pool`."""
        self._pool = pool

    async def place(
        self, order_id: UUID, payment_id: UUID, account_id: UUID, now: datetime, expected_total_minor: int | None
    ) -> Order:
        """Make a pending order from the account's cart and take its units, all or none; see the port."""
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                await connection.execute(_SQL["lock_account"], account_id)
                if await _find(connection, order_id) is None:
                    if await connection.fetchval(_SQL["pending_order"], account_id) is not None:
                        raise CheckoutInProgress(
                            "wait a moment, then send the same request again", retry_after=PAUSE_SECONDS
                        )
                    cart = {row["sku"]: row["quantity"] for row in await connection.fetch(_SQL["cart"], account_id)}
                    await connection.execute(_SQL["lock_variants"], list(cart))
                    taken = await _take(connection, cart, expected_total_minor)
                    await _insert(connection, _Ids(order_id, payment_id, account_id), taken, now)
            return await _get(connection, order_id)

    async def confirm(self, order_id: UUID, now: datetime) -> Order:
        """Set a pending order to paid; see the port."""
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                account_id = await connection.fetchval(_SQL["confirm_order"], order_id)
                if account_id is not None:
                    await connection.execute(_SQL["set_payment_of_order"], order_id, PaymentState.AUTHORISED, now)
                    await connection.execute(_SQL["empty_bought"], order_id, account_id)
            return await _get(connection, order_id)

    async def cancel(self, order_id: UUID, payment_state: PaymentState, now: datetime) -> Order:
        """Cancel a pending order and put its units back; see the port."""
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                if await connection.fetchval(_SQL["cancel_order"], order_id) is not None:
                    skus = [row["sku"] for row in await connection.fetch(_SQL["skus_of_order"], order_id)]
                    await connection.execute(_SQL["lock_variants"], skus)
                    await connection.execute(_SQL["put_stock_back"], order_id)
                    await connection.execute(_SQL["set_payment_of_order"], order_id, payment_state, now)
            return await _get(connection, order_id)

    async def record_payment(self, payment_id: UUID, state: PaymentState, now: datetime) -> None:
        """Record the new `state` of a payment, if this change is allowed."""
        sources = [source.value for source in PaymentState if source != state and may_become(source, state)]
        await self._pool.execute(_SQL["record_payment"], payment_id, state, sources, now)

    async def postpone_payment(self, payment_id: UUID, now: datetime) -> None:
        """Set the time of the last check of an open payment."""
        await self._pool.execute(_SQL["postpone_payment"], payment_id, now)

    async def open_payments(self, before: datetime, *, limit: int) -> list[OpenPayment]:
        """Return open payments that were last checked before `before`."""
        rows = await self._pool.fetch(_SQL["open_payments"], before, limit)
        return [
            OpenPayment(row["id"], row["order_id"], PaymentState(row["state"]), OrderState(row["order_state"]))
            for row in rows
        ]

    async def find(self, order_id: UUID) -> Order | None:
        """Return an order."""
        async with self._pool.acquire() as connection:
            return await _find(connection, order_id)

    async def of_account(self, account_id: UUID, *, limit: int, before: UUID | None) -> list[Order]:
        """Return an account's orders, newest first."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(_SQL["orders_of_account"], account_id, limit, before)
            return await _with_lines(connection, rows)

    async def all_orders(self, *, origin: str | None, limit: int, before: UUID | None) -> list[Order]:
        """Return everyone's orders, newest first, of one origin or of all."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(_SQL["all_orders"], origin, limit, before)
            return await _with_lines(connection, rows)

    async def origins(self) -> list[str]:
        """Return the origins that orders have."""
        return [row["origin"] for row in await self._pool.fetch(_SQL["origins"])]


async def _take(connection: Any, cart: Cart, expected_total_minor: int | None) -> list[Any]:
    """Take the units of every line from the stock, and return the lines with title and price."""
    if not cart:
        raise EmptyCart("expected at least one item")
    rows = await connection.fetch(_SQL["take_stock"], list(cart), list(cart.values()))
    taken = {row["sku"]: row for row in rows}
    if len(taken) < len(cart):
        raise await _what_is_missing(connection, {sku: quantity for sku, quantity in cart.items() if sku not in taken})
    lines = [taken[sku] for sku in cart]
    currencies = sorted({line["currency"] for line in lines})
    if len(currencies) > 1:
        raise MixedCurrencies(f"{currencies}; expected items of one currency")
    if expected_total_minor not in (None, _total(lines)):
        raise TotalChanged(
            f"the shown total was {expected_total_minor}, but the total is now {_total(lines)}",
            total_minor=_total(lines),
        )
    return lines


async def _what_is_missing(connection: Any, wanted: Cart) -> OrderError:
    for row in await connection.fetch(_SQL["what_is_left"], list(wanted)):
        sku, left = row["sku"], row["stock"]
        if row["for_sale"] and not row["unlimited"]:
            return OutOfStock(f"{wanted[sku]} of {sku!r}; only {left} left", sku=sku, left=left)
    sku = min(wanted)
    return NotForSale(f"{sku!r} is no longer for sale; remove it from the cart", sku=sku)


async def _insert(connection: Any, ids: _Ids, lines: list[Any], now: datetime) -> None:
    currency, total = lines[0]["currency"], _total(lines)
    await connection.execute(_SQL["insert_order"], ids.order, ids.account, currency, total, now)
    columns = [[line[name] for line in lines] for name in ("sku", "title_ko", "title_en", "quantity", "price_minor")]
    await connection.execute(_SQL["insert_order_lines"], ids.order, *columns)
    await connection.execute(_SQL["insert_payment"], ids.payment, ids.order, total, currency, now)


def _total(lines: list[Any]) -> int:
    return sum(line["quantity"] * line["price_minor"] for line in lines)


async def _get(connection: Any, order_id: UUID) -> Order:
    order = await _find(connection, order_id)
    if order is None:
        raise UnknownOrder(f"{order_id} is not an order")
    return order


async def _find(connection: Any, order_id: UUID) -> Order | None:
    found = await _with_lines(connection, await connection.fetch(_SQL["find_order"], order_id))
    return found[0] if found else None


async def _with_lines(connection: Any, rows: Iterable[Any]) -> list[Order]:
    orders = {row["id"]: row for row in rows}
    lines: dict[UUID, list[OrderLine]] = {order_id: [] for order_id in orders}
    for row in await connection.fetch(_SQL["lines_of_orders"], list(orders)):
        line = OrderLine(row["sku"], row["title_ko"], row["title_en"], row["quantity"], row["unit_price_minor"])
        lines[row["order_id"]].append(line)
    return [_order(row, lines[order_id]) for order_id, row in orders.items()]


def _order(row: Any, lines: list[OrderLine]) -> Order:
    return Order(
        id=row["id"],
        account_id=row["account_id"],
        origin=row["origin"],
        state=OrderState(row["state"]),
        currency=row["currency"],
        total_minor=row["total_minor"],
        created_at=row["created_at"],
        lines=tuple(lines),
        payment_id=row["payment_id"],
        payment_state=PaymentState(row["payment_state"]) if row["payment_state"] else None,
    )
