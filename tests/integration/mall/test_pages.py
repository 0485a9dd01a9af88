"""The pages as a browser without scripts meets them."""

import asyncio
import re
from datetime import timedelta

import pytest
from ci import freeze

from marketday.accounts.model import Role
from marketday.accounts.tokens import parse_jwks, public_jwks, verify_identity
from marketday.environments.model import Outcome, Step, StepRecord, requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum

PASSWORD = "correct horse battery"


def field(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


async def sign_up(browser, *, next_="/"):
    form = await browser.get("/sign-up", params={"next": next_})
    data = {"email": "mina@example.com", "name": "Mina", "password": PASSWORD}
    return await browser.post("/sign-up", data=data | {"key": field(form, "key"), "next": field(form, "next")})


async def test_a_guest_fills_a_cart_signs_up_and_buys(shop):
    await shop.product("SERUM", stock=5)
    async with shop.browser() as browser:
        added = await browser.post("/cart/lines", data={"sku": "SERUM", "quantity": "2"})
        assert (added.status_code, added.headers["location"]) == (303, "/cart")
        assert "₩24,000" in (await browser.get("/cart")).text
        assert '<span class="badge accent number">2</span>' in (await browser.get("/")).text

        checkout = await browser.get("/checkout")
        assert (checkout.status_code, checkout.headers["location"]) == (303, "/sign-in?next=%2Fcheckout")
        welcome = await sign_up(browser, next_="/checkout")
        assert (welcome.status_code, welcome.headers["location"]) == (303, "/checkout")

        page = await browser.get("/checkout")
        assert page.headers["cache-control"] == "no-store"
        data = {name: field(page, name) for name in ("key", "expected_total_minor")} | {"method": "card_ok"}
        presses = await asyncio.gather(*(browser.post("/checkout", data=data) for _ in range(3)))
        assert {press.status_code for press in presses} == {303}
        (where,) = {press.headers["location"] for press in presses}
        assert "it is yours" in (await browser.get(where)).text
        assert "SERUM serum" in (await browser.get("/orders")).text
        assert await shop.stock("SERUM") == 3
        assert '<span class="badge accent number">' not in (await browser.get("/")).text
        assert "empty" in (await browser.get("/cart")).text


async def test_a_declined_card_shows_the_checkout_again(shop):
    await shop.product("SERUM", stock=5)
    mina = await shop.person()
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        await browser.post("/cart/lines", data={"sku": "SERUM"})
        page = await browser.get("/checkout")
        data = {name: field(page, name) for name in ("key", "expected_total_minor")}
        refused = await browser.post("/checkout", data=data | {"method": "card_declined"})
        assert refused.status_code == 402
        assert "The card was declined" in refused.text
        assert field(refused, "key") != data["key"]
        again = {name: field(refused, name) for name in ("key", "expected_total_minor")}
        assert (await browser.post("/checkout", data=again | {"method": "card_ok"})).status_code == 303
        assert "Cancelled" in (await browser.get("/orders")).text


async def test_a_price_that_changed_is_told_before_anything_is_bought(shop):
    await shop.product("SERUM", stock=5)
    mina = await shop.person()
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        await browser.post("/cart/lines", data={"sku": "SERUM"})
        page = await browser.get("/checkout")
        data = {"key": field(page, "key"), "expected_total_minor": "11000", "method": "card_ok"}
        refused = await browser.post("/checkout", data=data)
        assert refused.status_code == 409
        assert "The total has changed" in refused.text
        assert await shop.stock("SERUM") == 5


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"sku": "NOTHING"}, 404),
        ({"sku": "SERUM", "quantity": "0"}, 422),
        ({"sku": "SERUM", "quantity": "-1"}, 422),
        ({"sku": "SERUM", "quantity": "1000000000"}, 422),
        ({"sku": "SERUM", "quantity": "many"}, 422),
        ({"sku": "a\0b"}, 404),
        ({}, 422),
    ],
)
async def test_a_cart_form_that_makes_no_sense_is_answered_with_a_page(shop, signed_in, data, status):
    await shop.product("SERUM")
    headers = {"Cookie": f"session={(await shop.person()).session}"} if signed_in else {}
    async with shop.browser(**headers) as browser:
        answer = await browser.post("/cart/lines", data=data)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert "empty" in (await browser.get("/cart")).text


async def test_lines_are_changed_and_taken_out(shop):
    await shop.product("SERUM")
    for headers in ({}, {"Cookie": f"session={(await shop.person()).session}"}):
        async with shop.browser(**headers) as browser:
            await browser.post("/cart/lines", data={"sku": "SERUM", "quantity": "3"})
            await browser.post("/cart/lines/change", data={"sku": "SERUM", "quantity": "5"})
            assert "₩60,000" in (await browser.get("/cart")).text
            await browser.post("/cart/lines/change", data={"sku": "SERUM", "quantity": "0"})
            assert "empty" in (await browser.get("/cart")).text


@pytest.mark.parametrize(
    "cookie", ["x", "W10", "W1siU0VSVU0iLCAiMSJdXQ==", "bnVsbA==", "W1siU0VSVU0iLCA5OTk5XV0=", "1"]
)
async def test_a_cart_cookie_written_by_hand_is_an_empty_cart(shop, cookie):
    await shop.product("SERUM")
    async with shop.browser(Cookie=f"cart={cookie}") as browser:
        answer = await browser.get("/cart")
        assert answer.status_code == 200
        assert "empty" in answer.text


async def test_signing_in_and_out(shop):
    await shop.product("SERUM")
    async with shop.browser() as browser:
        await sign_up(browser)
        assert "Hello, Mina" in (await browser.get("/account")).text
        await browser.post("/sign-out")
        assert (await browser.get("/account")).headers["location"] == "/sign-in?next=%2Faccount"
        wrong = await browser.post("/sign-in", data={"email": "mina@example.com", "password": "not the password"})
        assert wrong.status_code == 401
        assert "is wrong" in wrong.text
        assert "not the password" not in wrong.text
        right = await browser.post(
            "/sign-in", data={"email": "mina@example.com", "password": PASSWORD, "next": "/orders?after=x"}
        )
        assert right.headers["location"] == "/orders?after=x"
        taken = await browser.post("/sign-up", data={"email": "mina@example.com", "name": "M", "password": PASSWORD})
        assert taken.status_code in {400, 409}


@pytest.mark.parametrize(
    "elsewhere",
    ["http://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example", "evil", ""],
)
async def test_no_sign_in_leads_to_another_site(shop, elsewhere):
    async with shop.browser() as browser:
        await sign_up(browser)
        await browser.post("/sign-out")
        data = {"email": "mina@example.com", "password": PASSWORD, "next": elsewhere}
        assert (await browser.post("/sign-in", data=data)).headers["location"] == "/"
        assert (await browser.get("/sign-in", params={"next": elsewhere})).headers["location"] == "/"


async def test_personal_pages_are_not_for_strangers_and_not_for_caches(shop):
    mina = await shop.person()
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        for path in ("/account", "/orders", "/cart"):
            assert (await browser.get(path)).headers["cache-control"] == "no-store"
        assert (await browser.get(f"/orders/{new_id()}")).status_code == 404
        assert (await browser.get("/admin/products")).status_code == 403
        cross = await browser.post("/cart/lines", data={"sku": "X"}, headers={"Origin": "http://evil.example"})
        assert cross.status_code == 403
    async with shop.browser() as browser:
        for path in ("/orders", "/admin/orders", "/account"):
            assert (await browser.get(path)).headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("language", ["ko", "en", "ja", "zh"])
async def test_every_page_is_there_in_every_language(shop, language):
    await shop.product("SERUM", stock=1)
    boss = await shop.person("Boss", Role.ADMIN)
    async with shop.browser(**{"Accept-Language": language}) as guest:
        for path in ("/sign-in", "/sign-up", "/cart"):
            assert f'lang="{language}"' in (await guest.get(path)).text
        assert (await guest.post("/sign-in", data={"email": "x"})).status_code == 401
    async with shop.browser(**{"Accept-Language": language, "Cookie": f"session={boss.session}"}) as browser:
        await browser.post("/cart/lines", data={"sku": "SERUM", "quantity": "2"})
        page = await browser.get("/checkout")
        data = {"key": field(page, "key"), "expected_total_minor": "24000", "method": "card_ok"}
        assert (await browser.post("/checkout", data=data)).status_code == 409
        await browser.post("/cart/lines/change", data={"sku": "SERUM", "quantity": "1"})
        data = {"key": "k", "expected_total_minor": "12000", "method": "card_ok"}
        order = (await browser.post("/checkout", data=data)).headers["location"]
        admin = ("/admin/products", "/admin/new-product", "/admin/products/serum?saved=1", "/admin/orders")
        for path in (order, "/orders", "/account", *admin):
            answer = await browser.get(path)
            assert answer.status_code == 200
            assert f'<html lang="{language}">' in answer.text


async def test_an_admin_adds_and_edits_products(shop):
    boss = await shop.person("Boss", Role.ADMIN)
    new = {"handle": "dawn", "title_ko": "새벽", "title_en": "Dawn", "sku": "D-1", "price": "9900", "stock": "7"}
    async with shop.browser(Cookie=f"session={boss.session}") as browser:
        made = await browser.post("/admin/products", data=new)
        assert (made.status_code, made.headers["location"]) == (303, "/admin/products/dawn?saved=1")
        assert (await browser.post("/admin/products", data=new)).status_code == 409
        assert (await browser.post("/admin/products", data=new | {"price": "9.9"})).status_code == 400
        edited = {"title_ko": "새벽", "title_en": "Daybreak", "status": "active", "body_html": "<script>x</script>hi"}
        assert (await browser.post("/admin/products/dawn", data=edited)).status_code == 303
        page = await browser.get("/products/dawn")
        assert "Daybreak" in page.text
        assert "<script>x" not in page.text
        variant = {"sku": "D-1", "price": "8000", "stock": "7", "stock_was": "7"}
        await shop.mall.editor.set_stock("D-1", 3)  # sold in the meantime
        assert (await browser.post("/admin/products/dawn/variants", data=variant)).status_code == 303
        assert await shop.stock("D-1") == 3
        assert "₩8,000" in (await browser.get("/products/dawn")).text


@pytest.fixture
async def environments(mall_database_url):
    pool = await create_pool(mall_database_url)
    yield PostgresEnvironments(pool)
    await pool.close()


async def drop(
    environments,
    now,
    *,
    room_opens_in,
    closes_in=timedelta(hours=2),
    url="http://event.localhost:9000",
    zone="",
    slug="",
):
    """Record a drop whose environment stands."""
    opens_in = room_opens_in + timedelta(minutes=30)
    day = dawn_serum().moved_to(now, room_opens_in=room_opens_in, opens_in=opens_in, closes_in=closes_in)
    day = day.model_copy(update={"zone": zone or day.zone, "slug": slug or day.slug})
    environment = requested(new_id(), day, day.schedule())
    await environments.add(environment)
    outputs = {"public_url": url, "commitment": "ab" * 32} if url else {}
    ready = environment.having_done(Step.SMOKE, outputs, now)
    return await environments.save(ready, None)


async def test_a_drop_that_is_open_takes_those_who_are_signed_in_to_its_waiting_room(shop, environments):
    made = await drop(environments, shop.mall.clock.now(), room_opens_in=timedelta(minutes=-1))
    path = f"/drops/{made.drop_slug}"
    async with shop.browser() as browser:
        page = await browser.get(path)
        assert f'href="/sign-in?next={path}"' in page.text
        assert "ab" * 32 in page.text
    mina = await shop.person()
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        page = await browser.get(path)
        assert f'action="http://event.localhost:9000{path}/enter?lang=en"' in page.text
        assert "form-action 'self' http://event.localhost:9000" in page.headers["content-security-policy"]
        keys = parse_jwks(public_jwks(shop.mall.signing_key, shop.mall.public_url))
        identity = verify_identity(field(page, "identity"), keys, shop.mall.clock.now())
        assert identity.person_id == mina.id
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "strict-origin"  # so that the gate can see whose page sends the form


async def test_the_home_page_leads_to_every_drop_that_is_not_over(shop, environments):
    now = shop.mall.clock.now()
    for slug, minutes in (("first", -40), ("second", -10), ("third", 60)):
        await drop(environments, now, room_opens_in=timedelta(minutes=minutes), slug=slug)
    await drop(environments, now, room_opens_in=timedelta(hours=-2), closes_in=timedelta(hours=-1), slug="past")
    async with shop.browser() as browser:
        page = (await browser.get("/")).text
        places = [page.index(f'href="/drops/{slug}"') for slug in ("first", "second", "third")]
        assert places == sorted(places)
        assert "/drops/past" not in page
        assert page.index(">Open now<") < page.index(">Waiting room open<") < page.index(">Coming<")


async def test_a_delivery_is_told_which_drops_forbid_it(shop, environments):
    """GET /v1/drops, as ci/freeze.py reads it."""
    now = shop.mall.clock.now()
    over = {"room_opens_in": timedelta(hours=-3), "closes_in": timedelta(hours=-1)}
    await drop(environments, now, room_opens_in=timedelta(hours=1), slug="near")
    await drop(environments, now, room_opens_in=timedelta(hours=3), closes_in=timedelta(hours=5), slug="far")
    await drop(environments, now, **over, slug="past")
    unfinished = await drop(environments, now, **over, slug="not-handed-back")
    opened = StepRecord(Step.OPEN, Outcome.DONE, "the waiting room is open", now)
    await environments.save(unfinished.having_done(Step.OPEN, {}, opened.at), opened)
    told = (await shop.http.get("/v1/drops")).json()
    listed = {each["slug"]: (each["status"], each["orders_to_come"]) for each in told["drops"]}
    assert listed == {
        "near": ("coming", False),
        "far": ("coming", False),
        "past": ("over", False),
        "not-handed-back": ("over", True),
    }
    assert set(told["drops"][0]) == {"slug", "status", "room_opens_at", "opens_at", "closes_at", "orders_to_come"}
    forbidden = {each["slug"] for each in told["drops"] if freeze._frozen(each, now)}
    assert forbidden == {"near", "not-handed-back"}


async def test_a_drop_and_its_orders_are_told_in_the_drops_own_zone(shop, environments, mall_database_url):
    made = await drop(environments, shop.mall.clock.now(), room_opens_in=timedelta(minutes=5), zone="Pacific/Chatham")
    mina = await shop.person()
    connection = await connect(mall_database_url)
    await connection.execute(
        "INSERT INTO orders (id, account_id, origin, environment_id, state, currency, total_minor)"
        " VALUES ($1, $2, $3, $4, 'paid', 'KRW', 0)",
        new_id(),
        mina.id,
        made.drop_slug,
        made.id,
    )
    await connection.close()
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        page = (await browser.get(f"/drops/{made.drop_slug}")).text
        assert page.count("(Chatham)</time>") == 3
        assert "Seoul" not in page
        assert page.count('data-zone="Pacific/Chatham"') == 3
        assert "(Chatham)</time>" in (await browser.get("/orders")).text


async def test_my_orders_say_that_those_of_an_open_drop_are_to_come(shop, environments):
    made = await drop(environments, shop.mall.clock.now(), room_opens_in=timedelta(hours=-1))
    mina = await shop.person()
    opened = StepRecord(Step.OPEN, Outcome.DONE, "the waiting room is open", shop.mall.clock.now())
    selling = await environments.save(made.having_done(Step.OPEN, {}, opened.at), opened)
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        page = (await browser.get("/orders")).text
        assert "appear here once it has closed" in page
        assert f'href="http://event.localhost:9000/drops/{selling.drop_slug}"' in page


@pytest.mark.parametrize(
    ("room_opens_in", "closes_in", "url", "words"),
    [
        (timedelta(hours=1), timedelta(hours=3), "http://event.localhost:9000", "Not open yet"),
        (timedelta(minutes=-1), timedelta(hours=3), "", "Not open yet"),
        (timedelta(hours=-2), timedelta(hours=-1), "http://event.localhost:9000", "This drop is over"),
    ],
)
async def test_a_drop_that_is_not_open_has_no_door(shop, environments, room_opens_in, closes_in, url, words):
    now = shop.mall.clock.now()
    made = await drop(environments, now, room_opens_in=room_opens_in, closes_in=closes_in, url=url)
    mina = await shop.person()
    async with shop.browser(Cookie=f"session={mina.session}") as browser:
        page = await browser.get(f"/drops/{made.drop_slug}")
        assert words in page.text
        assert "/enter" not in page.text
        assert "event.localhost" not in page.headers["content-security-policy"]


async def test_a_drop_that_there_is_not(shop):
    async with shop.browser() as browser:
        assert (await browser.get("/drops/nothing")).status_code == 404
