"""How a draft meets what is stored."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.catalog.model import ProductDraft, Variant, VariantDraft, merge, merge_stock
from marketday.kit.ids import new_id

quantities = st.none() | st.integers(0, 1000)


def draft(*quantities_, **more):
    variants = tuple(VariantDraft(f"S-{n}", (("n", str(n)),), 100, "KRW", each) for n, each in enumerate(quantities_))
    return ProductDraft("toner", "토너", "Toner", variants, **more)


@pytest.mark.parametrize(
    ("stock", "imported", "quantity", "expected"),
    [(7, 10, 10, 7), (7, 10, 12, 12), (7, 10, None, 7), (0, 10, 10, 0), (7, None, 0, 0), (7, None, None, 7)],
)
def test_stock_is_taken_from_a_file_only_where_somebody_counted_again(stock, imported, quantity, expected):
    known = Variant("S", (), 100, "KRW", stock, imported_quantity=imported)
    assert merge_stock(known, quantity) == expected


@given(st.lists(quantities, min_size=1, max_size=4), st.lists(st.integers(0, 1000), min_size=4, max_size=4))
def test_merging_twice_is_merging_once_whatever_was_sold_between(given_quantities, left):
    first = merge(None, draft(*given_quantities), new_id)
    sold = replace(
        first,
        variants=tuple(
            replace(each, stock=min(each.stock, rest)) for each, rest in zip(first.variants, left, strict=False)
        ),
    )
    assert merge(sold, draft(*given_quantities), new_id) == sold


def test_a_variant_that_is_not_named_is_archived_behind_the_others():
    stored = merge(None, draft(1, 2, 3), new_id)
    merged = merge(stored, replace(draft(1, 2, 3), variants=draft(1, 2, 3).variants[2:]), new_id)
    assert [(each.sku, each.archived) for each in merged.variants] == [("S-2", False), ("S-0", True), ("S-1", True)]
    assert merged.id == stored.id


def test_a_new_product_gets_the_id_that_is_made_for_it():
    made = UUID(int=7)
    assert merge(None, draft(1), lambda: made).id == made


def test_percent_off_is_rounded_down_and_never_negative():
    variant = Variant("S", (), 200, "KRW", 1)
    assert [replace(variant, compare_at_minor=before).percent_off for before in (None, 0, 100, 200, 299, 300)] == [
        0, 0, 0, 0, 33, 33,
    ]  # fmt: skip
