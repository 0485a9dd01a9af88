from marketday.drops.definition import DropProduct
from marketday.drops.goods import Good, doubtful, lacking

PRODUCTS = [DropProduct(sku=sku, stock=10, limit_per_person=2) for sku in ("A", "B")]


def _good(sku, **more):
    return Good(**{"sku": sku, "stock": 10, "price_minor": 100, "currency": "KRW", "status": "drop", **more})


def test_what_the_mall_has_can_be_lent():
    goods = {"A": _good("A", stock=0, unlimited=True), "B": _good("B", stock=11, price_minor=0)}
    assert lacking(PRODUCTS, goods) == []
    assert doubtful(PRODUCTS, goods) == []


def test_all_that_is_lacking_is_named_at_once():
    goods = {"A": _good("A", stock=9, status="archived")}
    assert [mistake.key for mistake in lacking(PRODUCTS, goods)] == [
        "drop.products[0].sku", "drop.products[0].stock", "drop.products[1].sku",
    ]  # fmt: skip


def test_items_of_two_currencies_are_no_drop():
    goods = {"A": _good("A"), "B": _good("B", currency="USD")}
    [mistake] = lacking(PRODUCTS, goods)
    assert (mistake.key, mistake.value, mistake.expected) == ("drop.products", "KRW, USD", "items of one currency")


def test_what_the_mall_sells_too_is_said_in_one_sentence():
    [words] = doubtful(PRODUCTS, {"A": _good("A", status="active"), "B": _good("B", status="active")})
    assert "A, B" in words
