"""Every SKU and handle that is accepted can be used everywhere: on pages, in carts, and by administrators."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from marketday.accounts.model import Role
from marketday.catalog.names import Unusable, handle_from, handle_of, sku_of
from marketday.cli.crowd import _item
from marketday.kit.database import connect
from marketday.testing.definitions import dawn_serum

ODD = ["14:29#W", "a/b", "%2F", "%252F", "a b", "a'b\"c", "🧴", "a\\b", "...", "~", "a?b=c", "a;b", "새벽", "-", "a//b",
       "/a", "a/", "new", "i\u0307", "👩\u200d🔬", "<b>", "{x}", "+", "a&b", "SKU:3", "variants"]  # fmt: skip
text = st.text(min_size=1, max_size=12)


@pytest.fixture
async def people(shop):
    return await shop.person("Admin", Role.ADMIN), await shop.person("Mina")


async def bought(shop, people, sku):
    """Go the whole way of one SKU; the product's handle is made of it where it can be."""
    try:
        handle = handle_from(sku)
    except Unusable:
        handle = "product"
    admin, buyer = people
    variant = {"sku": sku, "price_minor": 100, "currency": "KRW", "stock": 5}
    wish = {"handle": handle, "title_ko": "세럼", "title_en": "Serum", "variants": [variant]}
    api = shop.http
    made = await api.post("/v1/admin/products", json=wish, headers=admin.headers)
    assert made.status_code == 201, made.text
    at = quote(handle, safe="")
    for path in (f"/v1/products/{at}", f"/products/{at}"):
        assert (await api.get(path)).status_code == 200, path
    changed = {"price_minor": 90, "currency": "KRW"}
    for path, body in (
        (f"/v1/admin/products/{at}", {"title_ko": "세럼", "title_en": "Serum 2"}),
        (f"/v1/admin/products/{at}/variants/{quote(sku, safe='')}", changed),
    ):
        answer = await api.put(path, json=body, headers=admin.headers)
        assert answer.status_code == 200, (path, answer.text)
    assert [each["sku"] for each in answer.json()["variants"]] == [sku]
    line = f"/v1/cart/lines/{quote(sku, safe='')}"
    cart = await api.put(line, json={"quantity": 2}, headers=buyer.headers)
    assert [(each["sku"], each["total_minor"]) for each in cart.json()["lines"]] == [(sku, 180)]
    assert (await api.delete(line, headers=buyer.headers)).status_code == 204
    async with shop.browser() as guest:
        assert (await guest.post("/cart/lines", data={"sku": sku})).status_code == 303
        assert f'value="{line_value(sku)}"' in (await guest.get("/cart")).text
        assert (await guest.post("/cart/lines/change", data={"sku": sku, "quantity": 0})).status_code == 303
    async with shop.browser(Cookie=f"session={admin.session}") as page:
        assert (await page.get(f"/admin/products/{at}")).status_code == 200
        form = {"sku": sku, "price": "80", "stock": "5", "stock_was": "5"}
        assert (await page.post(f"/admin/products/{at}/variants", data=form)).status_code == 303
    gone = await api.delete(f"/v1/admin/variants/{quote(sku, safe='')}", headers=admin.headers)
    assert [each["sku"] for each in gone.json()["archived_variants"]] == [sku]
    assert (await api.delete(f"/v1/admin/products/{at}", headers=admin.headers)).status_code == 200


async def forget_products(mall_database_url):
    mall = await connect(mall_database_url)
    await mall.execute("TRUNCATE products CASCADE")
    await mall.close()


def line_value(sku):
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&#39;")):
        sku = sku.replace(sign, name)
    return sku


async def test_an_odd_sku_and_its_handle_go_the_whole_way(shop, people, mall_database_url):
    for sku in ODD:
        await bought(shop, people, sku_of(sku))
        await forget_products(mall_database_url)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(text)
async def test_any_sku_that_is_accepted_goes_the_whole_way(shop, people, mall_database_url, name):
    try:
        sku = sku_of(name)
    except Unusable:
        assume(False)
    await forget_products(mall_database_url)
    await bought(shop, people, sku)


@given(text)
def test_a_command_and_a_definition_take_every_sku(name):
    try:
        sku = sku_of(name)
    except Unusable:
        return
    assert _item(f"{sku}:7").sku == sku
    product = {"sku": sku, "stock": 5, "limit_per_person": 1}
    drop = {**dawn_serum().to_json(), "products": [product]}
    assert type(dawn_serum()).from_json(drop).products[0].sku == sku


UNUSABLE = [".", "..", "a/../b", "./a", "a/..", "a\0b", "", " ", "x" * 256, "a\nb"]


async def test_what_cannot_be_used_everywhere_is_refused_in_one_sentence(shop):
    admin = await shop.person("Admin", Role.ADMIN)
    variant = {"price_minor": 1, "currency": "KRW"}
    for handle, sku in [(name, "A") for name in UNUSABLE] + [("a", name) for name in UNUSABLE]:
        wish = {"handle": handle, "title_ko": "a", "title_en": "a", "variants": [{"sku": sku, **variant}]}
        answer = await shop.http.post("/v1/admin/products", json=wish, headers=admin.headers)
        assert answer.status_code == 422, (handle, sku)
        assert "expected" in answer.text, (handle, sku)


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_everywhere_is_no_name(name):
    for check in (sku_of, handle_of):
        with pytest.raises(Unusable, match="expected"):
            check(name)


async def test_prices_in_no_money_are_refused(shop):
    admin = await shop.person("Admin", Role.ADMIN)
    for currency in ("XXX", "XTS", "XAU", "DEM", "BTC", "krw"):
        variant = {"sku": "A", "price_minor": 1, "currency": currency}
        wish = {"handle": "a", "title_ko": "a", "title_en": "a", "variants": [variant]}
        answer = await shop.http.post("/v1/admin/products", json=wish, headers=admin.headers)
        assert answer.status_code == 422, currency


async def test_a_product_with_a_description_too_long_for_a_form_can_be_edited(shop, people):
    admin, _ = people
    header = "Handle,Title,Body (HTML),Variant Price"
    long = f"{header}\nlong,Long,<p>{'새벽 ' * 40_000}</p>,1\n".encode()
    assert (await shop.mall.catalog.import_file(long)).stored
    async with shop.browser(Cookie=f"session={admin.session}") as page:
        shown = (await page.get("/admin/products/long")).text
        assert "too long to be edited here" in shown
        form = {"title_ko": "짧은", "title_en": "Short", "status": "active"}
        assert (await page.post("/admin/products/long", data=form)).status_code == 303
    product = await shop.mall.catalog.product("long")
    assert product.title_en == "Short"
    assert len(product.body_html) > 100_000
