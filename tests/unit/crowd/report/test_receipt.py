from marketday.crowd.report import texts
from marketday.crowd.report.receipt import MoneyLine, RowsLine, summarise
from marketday.handback.model import ReceiptKind
from marketday.handback.tables import TABLES
from marketday.kit.database import load_queries
from marketday.kit.languages import StaffLanguage

CLAIMS = {
    "iss": "http://mall.localhost:1",
    "kind": "handed-back",
    "staging": "drop_serum_0a1b2c3d",
    "point": {"lsn": "0/1BA6CB8", "at": "2026-12-10T12:00:00.5+00:00"},
    "tables": {"orders": {"rows": 1200, "sha256": "ab" * 32}},
    "sums": [{"table": "orders", "state": "paid", "currency": "KRW", "rows": 3, "amount_minor": 1_321_000}],
    "equations": ["payments_are_settled"],
    "promotion": {"orders": 3, "units_lent": 10, "units_sold": 3, "units_returned": 7},
    "commitment": "cd" * 32,
}


def test_a_receipt_is_told_to_people():
    told = summarise(CLAIMS, "Asia/Seoul")

    assert told.point == "2026-12-10 21:00:00 (Asia/Seoul)"
    assert told.figures == [("orders", 3), ("units_lent", 10), ("units_sold", 3), ("units_returned", 7)]
    assert told.money == [MoneyLine("orders", "paid", 3, "1,321,000 KRW")]
    assert told.rows == [RowsLine("orders", 1200, "abababababab…")]
    assert told.equations == ["payments_are_settled"]
    assert dict(told.technical).keys() == {"commitment", "staging", "lsn"}


def test_a_receipt_of_what_never_opened_has_empty_parts():
    told = summarise({"kind": "never-opened", "database_looked_at": True, "promotion": {"orders": 0}}, "Asia/Seoul")

    assert (told.point, told.figures) == ("", [("orders", 0)])
    assert not [*told.money, *told.rows, *told.equations, *told.technical]


def test_the_report_has_words_for_all_that_a_receipt_names():
    equations = (name for name in load_queries("marketday.handback.postgres", "equations.sql"))
    wanted = {f"report.equation.{name}" for name in equations}
    wanted |= {f"report.table.{table.name}" for table in TABLES}
    wanted |= {f"report.handback.kind.{kind}" for kind in ReceiptKind}

    assert all(wanted <= texts.keys(language) for language in StaffLanguage)
