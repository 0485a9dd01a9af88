from collections import Counter

from marketday.crowd.plan import WantedItem
from marketday.crowd.purchase import in_order_of_taste

ITEMS = [WantedItem(sku=name, stock=stock, limit_per_person=1) for name, stock in (("a", 60), ("b", 30), ("c", 10))]


def test_items_are_wanted_in_proportion_to_their_stock() -> None:
    wanted = Counter(in_order_of_taste(ITEMS, n / 100)[0].sku for n in range(100))

    assert wanted == {"a": 60, "b": 30, "c": 10}


def test_everybody_would_take_any_item_in_the_end() -> None:
    assert [item.sku for item in in_order_of_taste(ITEMS, 0.7)] == ["b", "c", "a"]
    assert [item.sku for item in in_order_of_taste([ITEMS[0].model_copy(update={"stock": 0})], 0.7)] == ["a"]
