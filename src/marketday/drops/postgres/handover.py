"""Give a drop once what it needs from the mall: copies of items and prices, and units from the mall's stock.

Every function can be repeated, also after its process was killed: what is already written is not changed.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from marketday.drops.errors import DropError, UnreadablePicture
from marketday.drops.goods import Good
from marketday.drops.model import Drop
from marketday.drops.pictures import data_url, picture_of
from marketday.kit.database import load_queries
from marketday.kit.errors import Kind, Permanent
from marketday.kit.printable import printable

_SQL = load_queries(__package__, "handover.sql")
Fetch = Callable[[Iterable[str]], Awaitable[Mapping[str, str]]]
"""Returns pictures as data: URLs by their sources, see `drops/http.py`."""
_SEED_BYTES = 32
_COMMITMENT_BYTES = 32
_NO_OPTION = "Default Title"  # Shopify's name for the only variant of a product without options


class NotInTheMall(DropError, Permanent):
    """The mall does not have these items."""

    kind = Kind.NOT_FOUND
    slug = "not-in-the-mall"


class TooLittleStock(DropError, Permanent):
    """The mall has too few units to lend."""

    kind = Kind.CONFLICT
    slug = "too-little-stock"


class LentOtherwise(DropError, Permanent):
    """This environment got other units before."""

    kind = Kind.CONFLICT
    slug = "lent-otherwise"


class NoCommitment(DropError, Permanent):
    """The drop's database does not answer with the commitment of the draw's seed."""

    kind = Kind.CONFLICT
    slug = "no-commitment"


@dataclass(frozen=True, slots=True)
class HandedItem:
    """One item with its units, as it is sold in the drop."""

    sku: str
    title_ko: str
    title_en: str
    body_html: str
    image: str  # a data: URL, or empty
    price_minor: int
    currency: str
    stock: int
    limit_per_person: int


async def read_items(
    mall: "asyncpg.Pool[Any]", wanted: Sequence[tuple[str, int, int]], media: Path | None, fetch: Fetch | None = None
) -> list[HandedItem]:
    """Return the mall's items for `wanted`: (SKU, stock, limit per person), in that order.

    Pictures are the mall's own files below the folder `media`, if there is one, and with `fetch` also those that it
    names by URL.

    Raises:
        NotInTheMall: the catalogue does not have every SKU; the message names the missing ones.
        UnreadablePicture: the store could not show a picture; the message names its item.

    """
    skus = [sku for sku, _, _ in wanted]
    rows = {row["sku"]: row for row in await mall.fetch(_SQL["variants"], skus)}
    missing = [sku for sku in skus if sku not in rows]
    if missing:
        raise NotInTheMall(f"{', '.join(missing)}: expected SKUs of the mall's catalogue")
    pictures = await fetch([rows[sku]["picture"] for sku in skus]) if fetch else {}
    own = (_item(rows[sku], stock, limit, media) for sku, stock, limit in wanted)
    items = [replace(item, image=item.image or pictures.get(rows[item.sku]["picture"], "")) for item in own]
    for item in items:
        try:
            picture_of(item.image)
        except UnreadablePicture as error:
            raise UnreadablePicture(f"picture of {item.sku}: {error.detail}") from error
    return items


async def read_goods(mall: "asyncpg.Pool[Any]", skus: Sequence[str], slug: str) -> dict[str, Good]:
    """Return the mall's goods with these SKUs, as the drop `slug` can have them."""
    rows = await mall.fetch(_SQL["goods"], list(skus), slug)
    return {row["sku"]: Good(**{**row, "lent": json.loads(row["lent"] or "{}")}) for row in rows}


async def lend(mall: "asyncpg.Pool[Any]", environment_id: UUID, items: Sequence[HandedItem]) -> list[HandedItem]:
    """Take the units of `items` out of the mall's stock, exactly and once for an environment.

    Returns the items as they were lent the first time, even if the mall's catalogue has changed since then: when a
    hand-over is repeated, the environment still sells what was recorded.

    An item without a limit in the mall can be lent in any number; the drop sells no more than that.

    Raises:
        TooLittleStock: there are too few units; it names each such SKU, its units, and the units needed.
        LentOtherwise: this environment was lent other units before.

    """
    wanted = {item.sku: item.stock for item in items}
    async with mall.acquire() as connection, connection.transaction():
        found = {row["sku"]: row for row in await connection.fetch(_SQL["lock_stock"], list(wanted))}
        rows = await connection.fetch(_SQL["lent"], environment_id)
        lent = {row["sku"]: row["quantity"] for row in rows}
        if lent and lent != wanted:
            raise LentOtherwise(f"environment {environment_id} has {lent}; expected {wanted}")
        if lent:
            return [HandedItem(**row["item"]) for row in rows]
        stock = {sku: max(0, row["stock"]) for sku, row in found.items()}
        limited = {sku: n for sku, n in wanted.items() if sku not in found or not found[sku]["unlimited"]}
        short = [f"{sku}: has {stock.get(sku, 0)}, needs {n}" for sku, n in limited.items() if stock.get(sku, 0) < n]
        if short:
            raise TooLittleStock("; ".join(short), short=short)
        written = [asdict(item) for item in items]
        await connection.execute(_SQL["lend"], environment_id, list(wanted), list(wanted.values()), written)
    return list(items)


async def write_drop(drop: "asyncpg.Connection[Any]", facts: Drop, items: Sequence[HandedItem]) -> bytes:
    """Fill the drop database, in one transaction; return the commitment of the draw's seed.

    A second call changes nothing and never replaces the seed.
    """
    async with drop.transaction():
        await drop.execute(
            _SQL["write_drop"],
            facts.slug,
            facts.name_ko,
            facts.name_en,
            facts.room_opens_at,
            facts.opens_at,
            facts.closes_at,
            facts.hold_seconds,
            facts.admission_seconds,
            dict(facts.rates),
            facts.zone,
        )
        await drop.executemany(
            _SQL["write_item"], [_item_row(facts.slug, place, item) for place, item in enumerate(items, 1)]
        )
        await drop.executemany(_SQL["write_stock"], [(facts.slug, item.sku, item.stock) for item in items])
        await drop.execute(_SQL["write_draw"], facts.slug, secrets.token_bytes(_SEED_BYTES))
        commitment = await drop.fetchval(_SQL["commitment"], facts.slug)
    if not isinstance(commitment, bytes) or len(commitment) != _COMMITMENT_BYTES:
        raise NoCommitment(f"{printable(commitment, 80)}; expected the {_COMMITMENT_BYTES} bytes of a SHA-256")
    return commitment


async def forget_room(drop: "asyncpg.Connection[Any]", slug: str) -> None:
    """Let the worker no longer restore a drop's room in Valkey, so that it can be removed there."""
    await drop.execute(_SQL["forget_room"], slug)


async def remove_drop(drop: "asyncpg.Connection[Any]", slug: str) -> None:
    """Remove everything of one drop from the drop database."""
    await drop.execute(_SQL["remove_drop"], slug)


async def smoke_drops(drop: "asyncpg.Connection[Any]") -> list[str]:
    """Return the slugs of smoke tests that were killed before they could clean up."""
    return [row["slug"] for row in await drop.fetch(_SQL["smoke_drops"])]


def _item(row: Any, stock: int, limit: int, media: Path | None) -> HandedItem:
    choices = [value for _, value in row["options"] if value and value != _NO_OPTION]
    suffix = f" ({' / '.join(choices)})" if choices else ""
    return HandedItem(
        sku=row["sku"],
        title_ko=row["title_ko"] + suffix,
        title_en=row["title_en"] + suffix,
        body_html=row["body_html"],
        image=data_url(media, row["picture"]) if media else "",
        price_minor=row["price_minor"],
        currency=row["currency"],
        stock=stock,
        limit_per_person=limit,
    )


def _item_row(slug: str, place: int, item: HandedItem) -> tuple[Any, ...]:
    return (
        slug,
        item.sku,
        place,
        item.title_ko,
        item.title_en,
        item.body_html,
        item.image,
        item.price_minor,
        item.currency,
        item.limit_per_person,
    )
