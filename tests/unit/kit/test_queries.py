import sys

import pytest

from marketday.kit.database import load_queries


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    """A package of one test, with the queries that its parameter spells."""
    name = f"queries_of_{request.node.name.partition('[')[0]}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "queries.sql").write_text(request.param, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "package", ["-- a file\n\n-- name: one\n-- Says one.\nSELECT 1;\n\n-- name: two\nSELECT 2\n"], indirect=True
)
def test_queries_are_found_by_their_names(package):
    queries = load_queries(package)
    assert set(queries) == {"one", "two"}
    assert queries["one"].endswith("SELECT 1;")


@pytest.mark.parametrize("package", ["-- name: one\nSELECT 1\n-- name: one\nSELECT 2\n"], indirect=True)
def test_a_name_that_stands_twice_is_refused(package):
    with pytest.raises(ValueError, match="twice"):
        load_queries(package)


def test_a_package_without_queries_is_told():
    with pytest.raises(FileNotFoundError):
        load_queries("marketday.kit")
