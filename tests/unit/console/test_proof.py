from marketday.web.console.proof import ReceiptFigures, proof_of

CLAIMS = {
    "kind": "handed-back",
    "tables": {"orders": {"rows": 3, "sha256": "ab"}, "payments": {"rows": 5, "sha256": "cd"}},
    "sums": [
        {"table": "payments", "state": "captured", "currency": "KRW", "rows": 3, "amount_minor": 57000},
        {"table": "payments", "state": "declined", "currency": "KRW", "rows": 2, "amount_minor": 38000},
        {"table": "orders", "state": "paid", "currency": "KRW", "rows": 3, "amount_minor": 57000},
    ],
    "equations": ["stock_is_sold_and_left", "nobody_is_over_the_limit"],
    "promotion": {"orders": 3, "units_lent": 10, "units_sold": 4, "units_returned": 6},
}


def test_a_receipt_is_shown_by_its_figures():
    assert proof_of(CLAIMS) == ReceiptFigures(
        kind="handed_back",
        orders=3,
        units={"lent": 10, "sold": 4, "returned": 6},
        taken=(("KRW", 57000),),
        rows=8,
        equations=("stock_is_sold_and_left", "nobody_is_over_the_limit"),
    )


def test_what_a_receipt_does_not_say_is_not_made_up():
    assert proof_of({"kind": "never-opened", "promotion": {"orders": 0}}) == ReceiptFigures(
        kind="never_opened", orders=0
    )
    assert proof_of({}) == ReceiptFigures(kind="handed_back")
