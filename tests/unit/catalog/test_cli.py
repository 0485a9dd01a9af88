"""`marketday catalog`: what is said, and the exit status."""

import os
from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from marketday.catalog.errors import NotACatalogue
from marketday.catalog.model import Page, Product, Status, Variant
from marketday.catalog.service import ImportReport
from marketday.catalog.shopify.product import BadRow
from marketday.cli.catalog import SHOWN_ROWS, app
from marketday.kit.ids import new_id


class FakeCatalog:
    def __init__(self, answer):
        self.answer = answer
        self.calls = []
        self.shelf = Page((), 1, 1, 0)

    async def import_file(self, data, **options):
        self.calls.append((data, options))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def bring_pictures(self, folder):
        return len(list(folder.glob("*")))

    async def listing(self, wish):
        self.calls.append(wish)
        return self.answer if isinstance(self.answer, Page) else self.shelf


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "products.csv"
    path.write_bytes(b"Handle")
    return str(path)


def run(catalog, *words):
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, list(words), obj=lambda: nullcontext(catalog))


def test_an_import_says_what_it_did(file):
    catalog = FakeCatalog(ImportReport(3, 2, 1, 0, (), stored=True))
    result = run(catalog, "import", file, "--currency", "usd")
    assert (result.exit_code, result.stdout) == (0, "Imported: 3 created, 2 updated, 1 unchanged\n")
    wanted = {"currency": "USD", "skip_invalid": True, "dry_run": False, "recount": False}
    assert catalog.calls == [(b"Handle", wanted)]


def test_pictures_beside_the_file_come_with_it(file, tmp_path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "soap.svg").write_text("<svg/>")
    result = run(FakeCatalog(ImportReport(1, 0, 0, 0, (), stored=True)), "import", file)
    assert "Pictures: 1 new" in result.stdout
    nothing_stored = run(FakeCatalog(ImportReport(1, 0, 0, 0, (), stored=False)), "import", file, "--dry-run")
    assert "Pictures" not in nothing_stored.stdout


def test_bad_rows_are_a_table_and_exit_status_1(file):
    bad = (BadRow(7, "Variant Price", "'[red]x' is not a price", "toner"),)
    result = run(FakeCatalog(ImportReport(0, 0, 0, 1, bad, stored=False)), "import", file, "--all-or-nothing")
    assert result.exit_code == 1
    for word in ("7", "Variant Price", "'[red]x' is not a price", "Nothing was imported", "--all-or-nothing"):
        assert word in result.stdout


def test_skip_invalid_imports_the_rest_and_still_says_that_something_was_refused(file):
    bad = tuple(BadRow(line, "Title", "is empty", "") for line in range(SHOWN_ROWS + 5))
    catalog = FakeCatalog(ImportReport(9, 0, 0, 1, bad, stored=True))
    result = run(catalog, "import", file, "--skip-invalid")
    assert result.exit_code == 1
    assert "Imported: 9 created, 0 updated, 0 unchanged, 1 refused" in result.stdout
    assert "... and 5 more" in result.stdout
    assert catalog.calls[-1][1]["skip_invalid"] is True


def test_the_summary_is_complete(file):
    warnings = (BadRow(3, "Variant Inventory Qty", "'-1' is below 0; 0 is used instead", "toner"),)
    report = ImportReport(3, 0, 0, 0, (), stored=True, warnings=warnings, without_stock=2, unlimited=1)
    result = run(FakeCatalog(report), "import", file, "--recount")
    assert result.exit_code == 0
    for word in ("'-1' is below 0", "Warnings: 1", "Without stock: 2 products", "Sold without limit: 1 product "):
        assert word in result.stdout


def test_a_file_that_never_ends_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in ("/dev/zero", str(tmp_path / "pipe.csv"), str(tmp_path)):
        result = run(FakeCatalog(None), "import", path)
        assert result.exit_code == 1
        assert "is not a regular file; expected a regular file" in result.stderr


def test_a_dry_run_says_so(file):
    result = run(FakeCatalog(ImportReport(3, 0, 0, 0, (), stored=False)), "import", file, "--dry-run")
    assert (result.exit_code, "nothing was imported" in result.stdout) == (0, True)


def test_a_file_that_is_no_export_or_is_not_there_is_refused(file, tmp_path):
    result = run(FakeCatalog(NotACatalogue("line 1: no column 'Handle'")), "import", file)
    assert result.exit_code == 1
    assert "no column 'Handle'" in result.stderr
    for missing in (tmp_path / "nothing.csv", tmp_path):
        result = run(FakeCatalog(None), "import", str(missing))
        assert (result.exit_code, str(missing) in result.stderr) == (1, True)


def test_the_list_shows_products_of_any_status():
    variant = Variant("T-1", (), 1250, "USD", stock=4)
    product = Product(new_id(), "toner", "[b]토너", "Toner", "", "", None, (), Status.DRAFT, (variant,), ())
    catalog = FakeCatalog(Page((product,), 1, 50, 1))
    result = run(catalog, "list", "--search", "토너")
    assert result.exit_code == 0
    for word in ("toner", "[b]토너", "draft", "12.50 USD", "page 1 of 1, 1 product"):
        assert word in result.stdout
    assert catalog.calls[0].statuses == tuple(Status)


def test_the_list_of_variants_shows_each_sku_whole():
    sku = "CLASSIC-VARSITY-TOP-SMALL-IN-A-LONG-WORD-" * 5
    variant = Variant(sku, (("Size", "Small"), ("Colour", "Red")), 1250, "USD", stock=4)
    product = Product(new_id(), "top", "상의", "Top", "", "", None, (), Status.ACTIVE, (variant,), ())
    result = run(FakeCatalog(Page((product,), 1, 50, 1)), "list", "--variants")
    assert "Small / Red" in result.stdout
    letters = "".join(line.split("│")[1].strip() for line in result.stdout.splitlines() if line.startswith("│"))
    assert letters == sku


def test_without_a_currency_the_malls_own_is_taken_and_told(file):
    catalog = FakeCatalog(ImportReport(1, 0, 0, 0, (), stored=True))
    assert "Prices were read as KRW" in run(catalog, "import", file).stdout
    variant = Variant("T-1", (), 1250, "USD", stock=4)
    product = Product(new_id(), "toner", "토너", "Toner", "", "", None, (), Status.ACTIVE, (variant,), ())
    catalog.shelf = Page((product,), 1, 1, 1)
    assert "Prices were read as USD" in run(catalog, "import", file).stdout
    assert catalog.calls[-1][1]["currency"] == "USD"
