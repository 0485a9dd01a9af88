import asyncio

import pytest

from marketday.catalog.model import VariantDraft
from marketday.kit.ids import new_id


def slug(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["type"].removeprefix("urn:marketday:problem:")


def keyed(person, key=None):
    return {**person.headers, "Idempotency-Key": key or new_id().hex}


async def put(shop, person, sku, quantity):
    return await shop.http.put(f"/v1/cart/lines/{sku}", json={"quantity": quantity}, headers=person.headers)


@pytest.fixture
async def mina(shop):
    await shop.product("SERUM", stock=10)
    return await shop.person()


async def test_a_cart_and_an_order(shop, mina):
    cart = await put(shop, mina, "SERUM", 2)
    assert cart.status_code == 200
    assert cart.json()["total_minor"] == 24_000
    assert (await shop.http.get("/v1/cart", headers=mina.headers)).json() == cart.json()

    placed = await shop.http.post(
        "/v1/orders", json={"method": "card_ok", "expected_total_minor": 24_000}, headers=keyed(mina)
    )
    assert placed.status_code == 201
    order = placed.json()
    assert (order["origin"], order["state"], order["payment_state"]) == ("mall", "paid", "captured")
    assert await shop.stock("SERUM") == 8
    assert (await shop.http.get("/v1/cart", headers=mina.headers)).json()["lines"] == []
    assert (await shop.http.get("/v1/orders", headers=mina.headers)).json() == {"orders": [order], "after": None}
    assert (await shop.http.get(f"/v1/orders/{order['id']}", headers=mina.headers)).json() == order


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9, 10**30, 1.5, "1", None, True])
async def test_a_quantity_that_cannot_be_ordered(shop, mina, quantity):
    answer = await put(shop, mina, "SERUM", quantity)
    assert answer.status_code == 422
    assert slug(answer) in {"invalid-quantity", "invalid-request"}


@pytest.mark.parametrize("sku", ["NOTHING", "%F0%9F%98%80", "x" * 300, "a/b"])
async def test_an_item_that_there_is_not(shop, mina, sku):
    answer = await put(shop, mina, sku, 1)
    assert (answer.status_code, slug(answer)) == (404, "unknown-item")
    assert (await shop.http.delete(f"/v1/cart/lines/{sku}", headers=mina.headers)).status_code in {204, 404}


async def test_a_cart_of_two_currencies_is_refused_and_never_summed(shop, mina):
    await shop.product("TEE", price_minor=1299, currency="RSD")
    await put(shop, mina, "SERUM", 2)
    refused = await put(shop, mina, "TEE", 1)
    assert (refused.status_code, slug(refused)) == (409, "mixed-currencies")
    assert "'TEE' has a price in RSD" in refused.json()["detail"]
    # What comes together all the same, by a guest's cart at sign-in or a price in other money, has no total.
    await shop.mall.carts.merge(mina.id, {"TEE": 1})
    cart = (await shop.http.get("/v1/cart", headers=mina.headers)).json()
    assert (cart["total_minor"], cart["currency"]) == (None, None)
    assert cart["totals"] == [
        {"amount_minor": 24000, "currency": "KRW"},
        {"amount_minor": 1299, "currency": "RSD"},
    ]
    order = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina))
    assert (order.status_code, slug(order)) == (409, "mixed-currencies")
    async with shop.browser(Cookie=f"session={mina.session}") as page:
        shown = (await page.get("/cart")).text
        assert "The items of an order must have the same currency" in shown
        assert "RSD\xa012.99" in shown
        assert 'href="/checkout"' not in shown
        assert (await page.get("/checkout")).headers["location"] == "/cart"


async def test_a_guests_cart_has_one_currency_too(shop, mina):
    await shop.product("TEE", currency="USD")
    async with shop.browser() as browser:
        assert (await browser.post("/cart/lines", data={"sku": "SERUM"})).status_code == 303
        refused = await browser.post("/cart/lines", data={"sku": "TEE"})
        assert refused.status_code == 409
        assert "The items of an order must have the same currency" in refused.text


async def test_what_is_sold_without_limit_can_be_bought(shop, mina):
    await shop.mall.editor.put_variant("serum", VariantDraft("SERUM", (), 12_000, "KRW", 0, unlimited=True))
    line = (await put(shop, mina, "SERUM", 3)).json()["lines"][0]
    assert (line["unlimited"], line["stock"]) == (True, 0)
    order = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina))
    assert order.status_code == 201
    product = (await shop.http.get("/v1/products/serum")).json()
    assert product["in_stock"] is True
    assert (product["variants"][0]["unlimited"], product["variants"][0]["stock"]) == (True, 0)


async def test_a_sku_may_have_a_slash_and_letters_of_any_script(shop, mina):
    await shop.product("세럼/30 ml")
    assert (await put(shop, mina, "세럼/30 ml", 1)).json()["lines"][0]["sku"] == "세럼/30 ml"
    for _ in range(2):
        assert (await shop.http.delete("/v1/cart/lines/세럼/30 ml", headers=mina.headers)).status_code == 204


async def test_nobody_buys_without_a_session_a_key_a_card_or_a_cart(shop, mina):
    nobody = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers={"Idempotency-Key": "x"})
    assert (nobody.status_code, slug(nobody)) == (401, "not-signed-in")
    keyless = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=mina.headers)
    assert (keyless.status_code, slug(keyless)) == (400, "missing-idempotency-key")
    cardless = await shop.http.post("/v1/orders", json={"method": "cash"}, headers=keyed(mina))
    assert (cardless.status_code, slug(cardless)) == (422, "invalid-request")
    empty = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina))
    assert (empty.status_code, slug(empty)) == (409, "empty-cart")


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ("card_declined", "payment-declined"),
        ("card_timeout", "payment-unanswered"),
        ("card_late", "payment-unanswered"),
    ],
)
async def test_a_payment_that_fails_leaves_stock_and_cart_as_they_were(shop, mina, card, problem):
    await put(shop, mina, "SERUM", 3)
    for _ in range(2):
        answer = await shop.http.post("/v1/orders", json={"method": card}, headers=keyed(mina, "same"))
        assert (answer.status_code, slug(answer)) == (402, problem)
    order_id = answer.json()["order_id"]
    order = (await shop.http.get(f"/v1/orders/{order_id}", headers=mina.headers)).json()
    assert order["state"] == "cancelled"
    assert await shop.stock("SERUM") == 10
    assert (await shop.http.get("/v1/cart", headers=mina.headers)).json()["total_minor"] == 36_000
    assert len((await shop.http.get("/v1/orders", headers=mina.headers)).json()["orders"]) == 1


async def test_more_than_there_is_is_refused_with_what_is_left(shop, mina):
    await put(shop, mina, "SERUM", 11)
    answer = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina))
    assert (answer.status_code, slug(answer)) == (409, "out-of-stock")
    assert answer.json().items() >= {"sku": "SERUM", "left": 10}.items()


async def test_two_hundred_of_the_same_checkout_are_one_order(shop, mina):
    await put(shop, mina, "SERUM", 1)
    body, headers = {"method": "card_ok"}, keyed(mina, "once")
    answers = await asyncio.gather(*(shop.http.post("/v1/orders", json=body, headers=headers) for _ in range(200)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await shop.stock("SERUM") == 9
    assert len(shop.gateway.payments()) == 1
    other = await shop.http.post("/v1/orders", json={"method": "card_late"}, headers=headers)
    assert (other.status_code, slug(other)) == (422, "idempotency-conflict")


async def test_thirty_windows_with_one_cart_are_one_order_and_who_was_put_off_may_ask_again(shop, mina):
    await put(shop, mina, "SERUM", 1)

    async def press(key):
        return await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina, key))

    answers = await asyncio.gather(*(press(f"window-{number}") for number in range(30)))
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert {slug(answer) for answer in answers if answer.status_code != 201} <= {"checkout-in-progress", "empty-cart"}
    assert await shop.stock("SERUM") == 9

    put_off = [number for number, answer in enumerate(answers) if "retry-after" in answer.headers]
    await put(shop, mina, "SERUM", 1)
    assert put_off
    assert (await press(f"window-{put_off[0]}")).status_code == 201


async def test_the_same_key_of_two_people_is_two_keys(shop, mina):
    nari = await shop.person("Nari")
    for person in (mina, nari):
        await put(shop, person, "SERUM", 1)
    ids = [
        (await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(person, "same"))).json()["id"]
        for person in (mina, nari)
    ]
    assert len(set(ids)) == 2
    for order_id, stranger in zip(ids, (nari, mina), strict=True):
        answer = await shop.http.get(f"/v1/orders/{order_id}", headers=stranger.headers)
        assert (answer.status_code, slug(answer)) == (404, "unknown-order")
    malformed = await shop.http.get("/v1/orders/x", headers=mina.headers)
    assert (malformed.status_code, slug(malformed)) == (422, "invalid-request")


async def test_a_gateway_that_is_down_is_told_and_nothing_is_lost(shop, mina):
    await put(shop, mina, "SERUM", 1)
    shop.gateway.down = True
    answer = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina))
    assert (answer.status_code, slug(answer)) == (402, "payment-unanswered")
    assert await shop.stock("SERUM") == 10


async def test_an_order_that_a_crash_cut_off_is_finished_by_its_repetition(shop, mina):
    """The claim of the key outlives the process; the repetition takes it over and makes no second order."""
    await put(shop, mina, "SERUM", 1)
    real = shop.gateway.authorise

    async def crash(*given):
        shop.gateway.authorise = real
        await real(*given)
        raise RuntimeError("what kill -9 would do")

    shop.gateway.authorise = crash
    with pytest.raises(RuntimeError):
        await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina, "cut off"))
    again = await shop.http.post("/v1/orders", json={"method": "card_ok"}, headers=keyed(mina, "cut off"))
    assert again.status_code == 201
    assert await shop.stock("SERUM") == 9
    assert len(shop.gateway.payments()) == 1
