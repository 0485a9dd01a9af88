"""The catalogue in PostgreSQL."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import asyncpg

from marketday.catalog.errors import CatalogUnavailable
from marketday.catalog.model import Category, Image, Item, Known, Page, Product, Shelf, Status, Variant, Wish
from marketday.kit.batching import MicroBatch
from marketday.kit.connections import Connection
from marketday.kit.database import connect, load_queries
from marketday.kit.outages import driver_errors_as
from marketday.kit.text import folded

_CHANNEL = "catalogue"  # on which the triggers of sql/mall/0011 notify
_HEARING_SECONDS = 2.0  # the answer does not depend on it, so it waits shorter than a query
_MOST_WORDS = 8  # words of a search; more words are ignored
_sql = load_queries(__package__)


class PostgresProductStore:
    """Stores products in the mall's database."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def change(
        self, handles: Collection[str], skus: Collection[str], decide: Callable[[Known], Iterable[Product]]
    ) -> None:
        """Lock the products with these handles, call `decide` with them, and store the products that it returns.

        `Known.owners` has the product of each stored SKU in `skus`. If `decide` raises, nothing is stored. Two
        changes never run at the same time.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_sql["lock_catalogue"])
            await connection.fetch(_sql["lock_variants"], list(handles))
            products = await _products(connection, handles)
            owners = {row["sku"]: row["handle"] for row in await connection.fetch(_sql["owners"], list(skus))}
            await _save(connection, list(decide(Known(products, owners))))

    async def shelves(self) -> tuple[Shelf, ...]:
        """Return the categories that have active products, in their order."""
        return tuple(Shelf(_category(row), row["products"]) for row in await self._pool.fetch(_sql["shelves"]))

    async def listing(self, wish: Wish) -> Page:
        """Return one page of products; an unknown category has none."""
        patterns = [f"%{_literal(word)}%" for word in folded(wish.search.replace("\0", " ")).split()[:_MOST_WORDS]]
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                _sql["listing"],
                wish.category,
                patterns,
                [str(status) for status in wish.statuses],
                str(wish.sort),
                wish.size,
                (wish.page - 1) * wish.size,
            )
            handles = [row["handle"] for row in rows if row["handle"] is not None]
            products = await _products(connection, handles)
        return Page(tuple(products[handle] for handle in handles), wish.page, wish.size, rows[0]["total"])

    async def product(self, handle: str) -> Product | None:
        """Return a product of any status."""
        if not _storable(handle):
            return None
        async with self._pool.acquire() as connection:
            return (await _products(connection, [handle])).get(handle)

    async def product_of(self, sku: str) -> Product | None:
        """Return the product that has this SKU, of any status."""
        handle = await self._pool.fetchval(_sql["handle_of"], sku) if _storable(sku) else None
        return None if handle is None else await self.product(handle)

    async def items(self, skus: Collection[str]) -> dict[str, Item]:
        """Return the variants with these SKUs; unknown ones are left out."""
        rows = await self._pool.fetch(_sql["items"], [sku for sku in skus if _storable(sku)])
        return {row["sku"]: _item(row) for row in rows}


class PostgresCatalogChanges:
    """Hears of every change of the catalogue, on a connection of its own.

    It calls `changed` with what the triggers of sql/mall/0011 notify; "" means that anything may have changed.
    """

    def __init__(self, url: str) -> None:
        """Connect to `url` at the first `confirm`."""
        self.changed: Callable[[str], None] = lambda _: None
        self._url = url
        self._connection: Connection | None = None
        self._confirming = MicroBatch(self._confirm, unavailable=CatalogUnavailable)

    async def confirm(self) -> None:
        """Return when `changed` was called for every change that was committed before this call.

        Raises:
            CatalogUnavailable: the database does not answer, so that changes may be missed.

        """
        await self._confirming.ask(None)

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()

    async def _confirm(self, asked: Sequence[None]) -> Sequence[None]:
        with driver_errors_as(lambda said: CatalogUnavailable(said, retry_after=1)):
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._listening()
            # PostgreSQL sends what it has to notify before it answers.
            await self._connection.fetchval("SELECT 1")
        return asked

    async def _listening(self) -> Connection:
        connection = await connect(self._url, application="mall", seconds=_HEARING_SECONDS)
        try:
            await connection.add_listener(_CHANNEL, lambda *heard: self.changed(str(heard[-1])))
        except BaseException:
            connection.terminate()
            raise
        self.changed("")  # what happened before it listened is unknown
        return connection


def _storable(text: str) -> bool:
    """Return whether PostgreSQL can store this text: it cannot store NUL and half surrogate pairs."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _literal(word: str) -> str:
    """Return a word with the wildcards of LIKE escaped."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def _products(connection: Any, handles: Collection[str]) -> dict[str, Product]:
    rows = await connection.fetch(_sql["products"], list(handles))
    ids = [row["id"] for row in rows]
    variants: dict[Any, list[Variant]] = {each: [] for each in ids}
    images: dict[Any, list[Image]] = {each: [] for each in ids}
    for row in await connection.fetch(_sql["variants"], ids):
        variants[row["product_id"]].append(_variant(row))
    for row in await connection.fetch(_sql["images"], ids):
        images[row["product_id"]].append(Image(row["source"], row["alt"]))
    return {row["handle"]: _product(row, tuple(variants[row["id"]]), tuple(images[row["id"]])) for row in rows}


async def _save(connection: Any, products: list[Product]) -> None:
    categories = {product.category.slug: product.category for product in products if product.category}
    for category in categories.values():
        words = folded(f"{category.title_ko} {category.title_en}")
        await connection.execute(_sql["save_category"], category.slug, category.title_ko, category.title_en, words)
    await connection.executemany(
        _sql["save_product"],
        [
            (each.id, each.handle, each.title_ko, each.title_en, each.body_html, each.vendor,
             each.category.slug if each.category else None, list(each.tags), str(each.status), _words(each))
            for each in products
        ],
    )  # fmt: skip
    await connection.executemany(
        _sql["save_variant"],
        [
            (each.sku, product.id, place, [list(option) for option in each.options], each.price_minor,
             each.compare_at_minor, each.currency, each.stock, each.grams, each.barcode, each.image_source,
             each.imported_quantity, each.archived, each.unlimited)
            for product in products
            for place, each in enumerate(product.variants, 1)
        ],
    )  # fmt: skip
    await connection.execute(_sql["forget_images"], [product.id for product in products])
    await connection.executemany(
        _sql["save_image"],
        [
            (product.id, place, image.source, image.alt)
            for product in products
            for place, image in enumerate(product.images, 1)
        ],
    )


def _words(product: Product) -> str:
    """Return the words with which a search finds a product, except its category."""
    skus = (variant.sku for variant in product.offered)
    parts = (product.title_ko, product.title_en, product.vendor, product.handle, *product.tags, *skus)
    return folded(" ".join(parts))


def _category(row: Any) -> Category:
    return Category(row["slug"], row["title_ko"], row["title_en"])


def _product(row: Any, variants: tuple[Variant, ...], images: tuple[Image, ...]) -> Product:
    slug = row["category_slug"]
    return Product(
        id=row["id"],
        handle=row["handle"],
        title_ko=row["title_ko"],
        title_en=row["title_en"],
        body_html=row["body_html"],
        vendor=row["vendor"],
        category=Category(slug, row["category_title_ko"], row["category_title_en"]) if slug else None,
        tags=tuple(row["tags"]),
        status=Status(row["status"]),
        variants=variants,
        images=images,
    )


def _variant(row: Any) -> Variant:
    return Variant(
        sku=row["sku"],
        options=tuple((name, value) for name, value in row["options"]),
        price_minor=row["price_minor"],
        currency=row["currency"],
        stock=row["stock"],
        compare_at_minor=row["compare_at_minor"],
        grams=row["grams"],
        barcode=row["barcode"],
        image_source=row["image_source"],
        imported_quantity=row["imported_quantity"],
        archived=row["archived"],
        unlimited=row["unlimited"],
        lent=row["lent"],
    )


def _item(row: Any) -> Item:
    cover = row["image_source"] or row["cover"]
    image = Image(cover, row["cover_alt"] or "") if cover else None
    return Item(row["handle"], row["title_ko"], row["title_en"], _variant(row), image, row["on_sale"])
