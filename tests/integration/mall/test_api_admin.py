import pytest

from marketday.accounts.model import Role


def slug(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["type"].removeprefix("urn:marketday:problem:")


VARIANT = {"price_minor": 12_000, "currency": "KRW", "stock": 5}
SERUM = {"handle": "serum", "title_ko": "세럼", "title_en": "Serum", "variants": [VARIANT | {"sku": "S-1"}]}


@pytest.fixture
async def boss(shop):
    return await shop.person("Boss", Role.ADMIN)


async def test_a_product_is_added_edited_and_taken_off_sale(shop, boss):
    category = {"slug": "skin", "title_ko": "스킨", "title_en": "Skin"}
    made = await shop.http.post("/v1/admin/products", json=SERUM | {"category": category}, headers=boss.headers)
    assert made.status_code == 201
    assert made.json()["category"] == "skin"
    edit = {"title_ko": "세럼", "title_en": "Better serum", "status": "draft"}
    for _ in range(2):
        edited = await shop.http.put("/v1/admin/products/serum", json=edit, headers=boss.headers)
        assert edited.status_code == 200
        assert edited.json()["variants"] == made.json()["variants"]
    assert (await shop.http.get("/v1/products/serum")).status_code == 404
    assert (await shop.http.get("/v1/admin/products/serum", headers=boss.headers)).json() == edited.json()

    more = await shop.http.put(
        "/v1/admin/products/serum/variants/S-2", json=VARIANT | {"options": [["용량", "50 ml"]]}, headers=boss.headers
    )
    assert [variant["sku"] for variant in more.json()["variants"]] == ["S-1", "S-2"]
    less = await shop.http.delete("/v1/admin/variants/S-2", headers=boss.headers)
    assert [variant["sku"] for variant in less.json()["archived_variants"]] == ["S-2"]
    gone = await shop.http.delete("/v1/admin/products/serum", headers=boss.headers)
    assert gone.json()["status"] == "archived"
    listed = await shop.http.get("/v1/admin/products", params={"status": "archived"}, headers=boss.headers)
    assert [product["handle"] for product in listed.json()["products"]] == ["serum"]


@pytest.mark.parametrize(
    ("change", "status", "problem"),
    [
        ({"handle": "a/b"}, 422, "invalid-request"),
        ({"handle": ""}, 422, "invalid-request"),
        ({"title_ko": " "}, 422, "invalid-product"),
        ({"title_en": "a\0b"}, 422, "invalid-request"),
        ({"variants": []}, 422, "invalid-request"),
        ({"variants": [VARIANT | {"sku": "S-1"}] * 2}, 422, "invalid-product"),
        ({"variants": [VARIANT | {"sku": "S-1", "price_minor": -1}]}, 422, "invalid-request"),
        ({"variants": [VARIANT | {"sku": "S-1", "stock": 10**12}]}, 422, "invalid-request"),
        ({"variants": [VARIANT | {"sku": "S-1", "price_minor": 10**30}]}, 422, "invalid-request"),
        ({"variants": [VARIANT | {"sku": "S-1", "currency": "won"}]}, 422, "invalid-request"),
        ({"images": [{"source": "javascript:alert(1)"}]}, 422, "invalid-request"),
        ({"more": 1}, 422, "invalid-request"),
    ],
)
async def test_a_product_that_makes_no_sense_is_refused(shop, boss, change, status, problem):
    answer = await shop.http.post("/v1/admin/products", json=SERUM | change, headers=boss.headers)
    assert (answer.status_code, slug(answer)) == (status, problem)


async def test_names_are_taken_once_and_a_repeated_request_is_answered_the_same(shop, boss):
    keyed = boss.headers | {"Idempotency-Key": "one"}
    first = await shop.http.post("/v1/admin/products", json=SERUM, headers=keyed)
    again = await shop.http.post("/v1/admin/products", json=SERUM, headers=keyed)
    assert (first.status_code, first.text) == (again.status_code, again.text)
    taken = await shop.http.post("/v1/admin/products", json=SERUM, headers=boss.headers)
    assert (taken.status_code, slug(taken)) == (409, "handle-taken")
    other = await shop.http.post("/v1/admin/products", json=SERUM | {"handle": "other"}, headers=boss.headers)
    assert (other.status_code, slug(other)) == (409, "sku-taken")
    unknown = await shop.http.put(
        "/v1/admin/products/nothing", json={"title_ko": "x", "title_en": "x"}, headers=boss.headers
    )
    assert (unknown.status_code, slug(unknown)) == (404, "unknown-product")


async def test_an_admin_sees_everyones_orders_page_by_page(shop, boss):
    await shop.product("SERUM", stock=10)
    placed = []
    for name in ("Mina", "Nari", "Jiwoo"):
        person = await shop.person(name)
        await shop.http.put("/v1/cart/lines/SERUM", json={"quantity": 1}, headers=person.headers)
        order = await shop.http.post(
            "/v1/orders", json={"method": "card_ok"}, headers=person.headers | {"Idempotency-Key": "one"}
        )
        placed.append((order.json()["id"], str(person.id)))
    first = (await shop.http.get("/v1/admin/orders?limit=2&origin=mall", headers=boss.headers)).json()
    second = (await shop.http.get(f"/v1/admin/orders?limit=2&after={first['after']}", headers=boss.headers)).json()
    listed = [(order["id"], order["account_id"]) for order in first["orders"] + second["orders"]]
    assert listed == placed[::-1]
    assert second["after"] is None
    assert (await shop.http.get("/v1/admin/orders?origin=nothing", headers=boss.headers)).json()["orders"] == []


async def test_only_an_admin_may(shop):
    mina = await shop.person()
    for method, path in (("GET", "orders"), ("GET", "products"), ("DELETE", "products/serum")):
        answer = await shop.http.request(method, f"/v1/admin/{path}", headers=mina.headers)
        assert (answer.status_code, slug(answer)) == (403, "not-admin")
        answer = await shop.http.request(method, f"/v1/admin/{path}")
        assert (answer.status_code, slug(answer)) == (401, "not-signed-in")
