"""Answers of the catalogue that are kept: always as if they were made anew, also after changes by other programs."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from marketday.catalog.errors import CatalogUnavailable
from marketday.catalog.service import CatalogService
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.web.mall.drops import DropBoard

from .conftest import opened

PLACES = ("/", "/products", "/products/serum", "/search?q=serum", "/v1/products", "/v1/products/serum")
CATEGORY = """
    WITH new AS (INSERT INTO categories (slug, title_ko, title_en) VALUES ('care', '케어', 'Care') RETURNING slug)
    UPDATE products SET category_slug = slug FROM new
"""
VARIANT = """
    INSERT INTO variants (sku, product_id, position, price_minor, currency, stock)
    SELECT 'SERUM-2', id, 2, 1, 'KRW', 5 FROM products
"""
# What another program may do to the product, and the places where it shows.
CHANGES = {
    "a price": ("UPDATE variants SET price_minor = 77000 WHERE sku = 'SERUM'", PLACES),
    "sold out": ("UPDATE variants SET stock = 0 WHERE sku = 'SERUM'", PLACES),
    "a title": ("UPDATE products SET title_ko = '새 이름' WHERE handle = 'serum'", PLACES),
    "archived": ("UPDATE products SET status = 'archived' WHERE handle = 'serum'", PLACES),
    "removed": ("DELETE FROM products WHERE handle = 'serum'", PLACES),
    "a picture": (
        "INSERT INTO images (product_id, position, source, alt) SELECT id, 1, 'media/a.svg', '' FROM products",
        ("/", "/products", "/v1/products/serum"),
    ),
    "a category": (CATEGORY, (*PLACES, "/v1/categories")),
    "a variant": (VARIANT, PLACES),
    "nothing left": ("TRUNCATE images, variants CASCADE", ("/", "/products/serum", "/v1/products")),
}


@pytest.fixture
async def other(settings):
    """A connection of another program."""
    connection = await connect(settings.database_url.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture
def made(monkeypatch):
    """How often a listing or product was read for an answer."""
    reads: list[str] = []
    for name in ("listing", "product", "shelves"):
        real = getattr(CatalogService, name)

        def counted(*args, _real=real, _name=name, **more):
            reads.append(_name)
            return _real(*args, **more)

        monkeypatch.setattr(CatalogService, name, counted)
    return reads


async def looks(shop, places=PLACES):
    """Return what the places show; the request's id is another each time."""
    answers = [await shop.http.get(place) for place in places]
    return [(answer.status_code, answer.text if answer.status_code == 200 else "") for answer in answers]


async def announce(settings):
    """Write a drop that opens in two hours into the mall's database; return its slug."""
    hours = [timedelta(hours=number) for number in (1, 2, 3)]
    day = dawn_serum().moved_to(datetime.now(UTC), room_opens_in=hours[0], opens_in=hours[1], closes_in=hours[2])
    async with await create_pool(settings.database_url.get_secret_value()) as pool:
        await PostgresEnvironments(pool).add(requested(new_id(), day, day.schedule()))
    return day.slug


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_by_another_program_is_seen_at_once(shop, other, change):
    await shop.product("SERUM")
    statement, places = CHANGES[change]
    before = await looks(shop, places)
    assert await looks(shop, places) == before
    await other.execute(statement)
    after = await looks(shop, places)
    assert all(old != new for old, new in zip(before, after, strict=True))


async def test_with_the_usual_trust_in_notifications_a_change_shows_without_a_question(settings, other):
    async with opened(settings.model_copy(update={"changes_seconds": 3600})) as shop:
        await shop.product("SERUM")
        before = await looks(shop)
        await other.execute("UPDATE variants SET stock = 0 WHERE sku = 'SERUM'")
        async with asyncio.timeout(30):
            while any(old == new for old, new in zip(before, await looks(shop), strict=True)):
                await asyncio.sleep(0.01)


async def test_what_did_not_change_is_not_made_again(shop, other, made):
    for sku in ("SERUM", "CREAM"):
        await shop.product(sku)
    places = ("/v1/products/serum", "/v1/products/cream")
    first = [await shop.http.get(place) for place in places]
    assert made == ["product", "product"]
    again = [await shop.http.get(place) for place in places]
    assert made == ["product", "product"]
    for old, new in zip(first, again, strict=True):
        assert new.content == old.content
        assert {**new.headers, "x-request-id": ""} == {**old.headers, "x-request-id": ""}
        assert new.headers["x-request-id"] != old.headers["x-request-id"]
    await other.execute("UPDATE variants SET stock = stock - 1 WHERE sku = 'CREAM'")
    await looks(shop, places)
    assert made == ["product", "product", "product"], "only the product whose stock changed"
    await other.execute("UPDATE variants SET stock = stock")
    await other.execute("UPDATE cart_lines SET quantity = 1")
    await looks(shop, places)
    assert len(made) == 3, "nothing changed"


async def test_a_list_is_made_again_only_when_something_is_sold_out_or_back(shop, other, made):
    for sku in ("SERUM", "CREAM"):
        await shop.product(sku)
    places = ("/", "/products", "/search?q=serum", "/products/cream")
    shown = await looks(shop, places)
    count = len(made)
    await other.execute("UPDATE variants SET stock = stock - 1 WHERE sku = 'SERUM'")
    assert await looks(shop, places) == shown
    assert len(made) == count
    assert (await shop.http.get("/v1/products/serum")).json()["variants"][0]["stock"] == 9
    for stock in (0, 3):
        await other.execute("UPDATE variants SET stock = $1 WHERE sku = 'SERUM'", stock)
        new = await looks(shop, places)
        assert all(page != before for page, before in zip(new, shown, strict=True))
        shown = new


async def test_a_buyer_sees_what_is_left(settings):
    async with opened(settings.model_copy(update={"changes_seconds": 3600})) as shop:
        await shop.product("SERUM", stock=5)
        mina = await shop.person()
        for left in (4, 3, 2):
            assert (await shop.http.get("/v1/products/serum")).json()["variants"][0]["stock"] == left + 1
            await shop.http.put("/v1/cart/lines/SERUM", json={"quantity": 1}, headers=mina.headers)
            order = await shop.http.post(
                "/v1/orders", json={"method": "card_ok"}, headers={**mina.headers, "Idempotency-Key": f"order {left}"}
            )
            assert order.status_code == 201
            assert (await shop.http.get("/v1/products/serum")).json()["variants"][0]["stock"] == left


async def test_everyone_gets_their_language_their_cart_and_the_page_that_they_asked_for(shop, made):
    await shop.product("SERUM")
    wishes = [{"Accept-Language": "ko"}, {"Accept-Language": "en"}, {"Cookie": "lang=ja"}, {"Cookie": "cart_units=7"}]
    pages = [(await shop.http.get("/products", headers=wish)).text for wish in wishes]
    pages += [(await shop.http.get(f"/products?{query}")).text for query in ("sort=price", "page=2")]
    assert len(set(pages)) == len(pages)
    count = len(made)
    assert [(await shop.http.get("/products", headers=wish)).text for wish in wishes] == pages[:4]
    assert len(made) == count
    chosen = await shop.http.get("/products?lang=zh")
    assert "lang=zh" in chosen.headers["set-cookie"], "an answer that sets a cookie is made anew"
    assert "set-cookie" not in (await shop.http.get("/products")).headers


async def test_a_page_that_is_one_persons_is_for_nobody_else(shop, settings):
    mina = await shop.person()
    place = f"/drops/{await announce(settings)}"
    guest = [(await shop.http.get(place)).text for _ in range(2)]
    own = (await shop.http.get(place, headers=mina.headers)).text
    assert guest[0] == guest[1] != own
    assert (await shop.http.get(place)).text == guest[0]


async def test_a_new_drop_is_announced(shop, settings):
    await shop.product("SERUM")
    before = await looks(shop, ["/"])
    await announce(settings)
    async with asyncio.timeout(30):
        while await looks(shop, ["/"]) == before:
            await asyncio.sleep(0.05)


async def test_an_answer_that_was_begun_before_a_change_is_not_kept(shop, other, monkeypatch):
    await shop.product("SERUM")
    reading, going_on = asyncio.Event(), asyncio.Event()
    real = CatalogService.product

    async def slow(*args, **more):
        found = await real(*args, **more)
        reading.set()
        await going_on.wait()
        return found

    monkeypatch.setattr(CatalogService, "product", slow)
    early = asyncio.ensure_future(shop.http.get("/v1/products/serum"))
    await reading.wait()
    await other.execute("UPDATE variants SET price_minor = 77000")
    await shop.http.get("/v1/categories")  # now the change has been heard
    going_on.set()
    assert (await early).json()["variants"][0]["price_minor"] == 12_000
    assert (await shop.http.get("/v1/products/serum")).json()["variants"][0]["price_minor"] == 77_000


async def test_equal_requests_wait_for_the_first(shop, made):
    await shop.product("SERUM")
    answers = await asyncio.gather(*(shop.http.get("/v1/products/serum") for _ in range(20)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert made == ["product"]


async def test_without_its_connection_nothing_old_is_shown(shop, other):
    await shop.product("SERUM")
    for price in (1000, 2000):
        before = await looks(shop)
        own = "pid <> pg_backend_pid() AND datname = current_database()"
        await other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {own}")
        await other.execute("UPDATE variants SET price_minor = $1", price)
        async with asyncio.timeout(30):
            while (after := await looks(shop))[0][0] != 200:  # one request may meet the connection that broke
                await asyncio.sleep(0.05)
        assert all(old != new for old, new in zip(before, after, strict=True))


async def test_the_memory_of_answers_has_a_limit(shop, made):
    await shop.product("SERUM")
    answers = shop.app.state.shared_answers
    answers.most_bytes = 3 * len((await shop.http.get("/products?a=0")).content)
    for number in range(1, 5):
        await shop.http.get(f"/products?a={number}")
    count = len(made)
    for number in (4, 3, 2):
        await shop.http.get(f"/products?a={number}")
    assert len(made) == count, "the newest are kept"
    await shop.http.get("/products?a=1")
    assert len(made) > count, "the oldest are not"


async def test_a_process_that_hears_nothing_makes_everything_anew(shop, made):
    await shop.product("SERUM")
    first = await shop.http.get("/v1/products/serum")

    async def away():
        raise CatalogUnavailable("no answer", retry_after=1)

    shop.app.state.shared_answers.confirm = away
    again = [await shop.http.get("/v1/products/serum") for _ in range(2)]
    assert [answer.content for answer in again] == [first.content] * 2
    assert made == ["product"] * 3


async def test_an_error_while_a_kept_answer_is_compared_is_told_as_usual(shop, monkeypatch):
    assert (await shop.http.get("/")).status_code == 200

    async def away(_):
        raise RecordsUnavailable("no answer", retry_after=1)

    monkeypatch.setattr(DropBoard, "drops", away)
    assert (await shop.http.get("/")).status_code == 503


async def test_a_page_that_fails_leaves_nobody_waiting(shop, monkeypatch):
    async def fails(*_, **__):
        raise ValueError("a mistake of ours")

    with monkeypatch.context() as broken:
        broken.setattr(CatalogService, "product", fails)
        answers = await asyncio.gather(*(shop.http.get("/v1/products/serum") for _ in range(3)), return_exceptions=True)
        assert all(isinstance(answer, ValueError) for answer in answers)
    await shop.product("SERUM")
    assert (await shop.http.get("/v1/products/serum")).status_code == 200
