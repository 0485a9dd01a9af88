"""The catalogue's pages and API over HTTP, on a real database."""

from dataclasses import dataclass
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from marketday.catalog.model import Category, Image, ProductDraft, VariantDraft
from marketday.drops.definition import load
from marketday.kit.clock import SystemClock
from marketday.kit.files import examples_folder
from marketday.web.mall import api_catalogue, catalogue
from marketday.web.mall.cart_badge import units_in_cart
from marketday.web.mall.category_menu import CategoryMenu
from marketday.web.mall.drops import ListedDrop, VisitPhase
from marketday.web.mall.media import Media
from marketday.web.pages import LANGUAGES, Pages
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.site import Site

HTML = {"Accept": "text/html"}


@dataclass
class FakeDrops:
    found: list[ListedDrop]

    async def drops(self):
        return self.found


@pytest.fixture
def drops():
    return FakeDrops([])


@pytest.fixture
async def client(catalog, drops):
    menu = CategoryMenu(catalog, SystemClock())
    pages = Pages("mall", menu=menu, units_in_cart=units_in_cart, address_of=Media(None).address)
    app = FastAPI()
    app.state.mall = SimpleNamespace(catalog=catalog, pages=pages, menu=menu, drops=drops)
    install_problems(app, pages)
    install_requests(app, "mall", Site("http://mall.localhost"))
    app.include_router(api_catalogue.router)
    app.include_router(catalogue.router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mall.localhost", headers=HTML) as client:
        yield client


@pytest.fixture
async def shop(catalog):
    await catalog.import_file((examples_folder() / "catalog.csv").read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_speaks_every_language(client, shop, language):
    for path in ("/", "/products?page=2", "/categories/makeup", "/search?q=serum", "/search?q=zzz", "/search",
                 "/products/dancheong-lip-tint", "/products/dawn-toner", "/products?page=99"):  # fmt: skip
        answer = await client.get(path, params={**httpx.URL(path).params, "lang": language})
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text
        assert "mall." not in answer.text.replace("mall.localhost", ""), path


async def test_an_empty_shop_has_a_home_page(client):
    assert "아직 상품이 없어요" in (await client.get("/")).text


async def test_the_home_page_announces_the_coming_drop(client, shop, drops):
    definition = load(examples_folder() / "drops" / "dawn-serum.toml")
    drops.found.append(ListedDrop(definition, definition.schedule(), VisitPhase.COMING, "", None))
    page = (await client.get("/?lang=en")).text
    for word in (
        "Dawn Serum, First Snow Edition",
        "Tue 10 Dec, 20:00 (Seoul)",
        "Only 400 units",
        "/media/dawn-serum-first-snow.svg",
    ):
        assert word in page
    assert 'href="/drops/dawn-serum"' in page


async def test_the_home_page_tells_the_opening_in_the_drops_own_zone(client, shop, drops):
    seoul = load(examples_folder() / "drops" / "dawn-serum.toml")
    definition = seoul.model_copy(update={"zone": "America/New_York"})
    drops.found.append(ListedDrop(definition, definition.schedule(), VisitPhase.COMING, "", None))
    page = (await client.get("/?lang=en")).text
    assert "Tue 10 Dec, 06:00 (New York)" in page
    assert "Seoul" not in page


async def test_a_product_page_offers_its_variants(client, shop):
    page = (await client.get("/products/dancheong-lip-tint?lang=ko")).text
    assert 'value="DANCHEONG-TINT-RED" required checked' in page
    assert 'value="DANCHEONG-TINT-PLUM" required disabled' in page
    assert "₩16,000" in page
    assert "색상" in page
    assert "Shade" in (await client.get("/products/dancheong-lip-tint?lang=en")).text


async def test_pages_of_a_listing_follow_each_other(client, shop):
    first = (await client.get("/products?sort=price&lang=en")).text
    assert 'href="?sort=price&amp;page=2"' in first
    assert "/products/mulgyeol-sheet-mask" in first
    assert "/products/dawn-gift-set" not in first


async def test_what_people_type_is_never_markup(client, shop):
    page = (await client.get("/search", params={"q": '"><script>x</script>'})).text
    assert "<script>x" not in page
    assert "&lt;script&gt;" in page


async def test_what_a_shop_writes_is_never_a_script(client, editor):
    await editor.add_product(
        ProductDraft(
            "evil",
            "<i>이름</i>",
            "<i>Name</i>",
            (
                VariantDraft("E-1", (("<b>", "<b>"),), 1, "KRW", quantity=1),
                VariantDraft("E-2", (("<b>", "c"),), 1, "KRW"),
            ),
            body_html="<p onclick=x()>text<script>x()</script><img src=x onerror=x()></p>",
            vendor="<u>",
            category=Category("evil", "<s>", "<s>"),
            images=(Image('https://example.com/"onload="x'),),
        )
    )
    page = (await client.get("/products/evil")).text
    for markup in ("<i>", "<u>", "<s>", "<b>", "onclick", "onerror", '"onload', "x()"):
        assert markup not in page, markup
    assert "<p>text" in page


async def test_a_picture_that_browsers_block_is_a_placeholder(client, editor):
    images = (Image("http://shop.example/1.png"), Image("https://shop.example/2.png"))
    variants = (VariantDraft("H-1", (), 1, "KRW", quantity=1),)
    await editor.add_product(ProductDraft("http", "이름", "Name", variants, images=images))
    for path in ("/", "/products", "/products/http"):
        page = (await client.get(path)).text
        assert "http://shop.example" not in page, path
    assert "https://shop.example/2.png" in page


async def test_what_is_not_there_is_a_page_for_people_and_a_problem_for_programs(client, shop):
    for path in ("/products/nothing", "/categories/nothing"):
        answer = await client.get(path, params={"lang": "en"})
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text
    answer = await client.get("/v1/products/nothing")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:marketday:problem:unknown-product")
    answer = await client.get("/v1/products?category=nothing")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:marketday:problem:unknown-category")


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=999999999", "page=x", "size=1000", "sort=cheap", "search=" + "x" * 101]
)
async def test_a_listing_that_cannot_be_is_named(client, shop, query):
    answer = await client.get(f"/v1/products?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["key"] == query.split("=")[0]


async def test_the_api_lists_and_shows(client, shop):
    categories = (await client.get("/v1/categories")).json()["categories"]
    assert [each["title_en"] for each in categories][:3] == ["Skincare", "Makeup", "Suncare"]
    page = (await client.get("/v1/products?category=makeup&sort=-price&size=2&page=2")).json()
    assert (page["page"], page["last_page"], page["total"], len(page["products"])) == (2, 5, 9, 2)
    found = (await client.get("/v1/products", params={"search": "새벽 세럼"})).json()["products"]
    assert "dawn-serum" in [each["handle"] for each in found]
    product = (await client.get("/v1/products/dawn-serum")).json()
    assert [(each["sku"], each["price_minor"], each["currency"]) for each in product["variants"]] == [
        ("DAWN-SERUM-30", 38000, "KRW"),
        ("DAWN-SERUM-50", 56000, "KRW"),
    ]
    assert product["images"][0]["url"] == "/media/dawn-serum.svg"
    assert (await client.get("/v1/products", params={"search": "a\0b"})).status_code == 200
