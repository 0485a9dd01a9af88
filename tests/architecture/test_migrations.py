"""What a migration may do: sql/ is read as text. What is applied somewhere never changes again."""

import hashlib
import re

import pytest

from marketday.kit.migrations import Half, half_of

from .source import ROOT, wrong

SQL = ROOT / "sql"
FILES = sorted(SQL.glob("*/*.sql"))
NAME = re.compile(r"(\d{4})_[a-z0-9_]+(\.contract)?\.sql")
NOT_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
OWN_TRANSACTION = re.compile(
    r"(?:^|;)\s*(?:BEGIN\s*;|START\s+TRANSACTION|COMMIT|ROLLBACK)\b|\bCONCURRENTLY\b", re.IGNORECASE
)

# What services of the version before may still use. A constraint that goes, or a column that may be empty from now on,
# allows more than before; what a file makes for itself it may remove again.
TAKES_AWAY = re.compile(
    r"(?<!ON COMMIT )\bDROP\s+(?!CONSTRAINT\b|NOT\s+NULL\b|DEFAULT\b)(?:\w+\s+)?(?:IF\s+EXISTS\s+)?(?P<name>\w+)"
    r"|\b(?:RENAME|(?<!OR )TRUNCATE|REVOKE)\b"
    r"|\bSET\s+(?:NOT\s+NULL|DATA\s+TYPE)\b"
    r"|\bALTER\s+(?:COLUMN\s+)?\w+\s+TYPE\b"
    r"|\bADD\s+(?:COLUMN\s+)?(?!CONSTRAINT\b|PRIMARY\b|UNIQUE\b|CHECK\b|FOREIGN\b)\w+\s(?![^,;]*\b(?:DEFAULT|GENERATED)\b)[^,;]*\bNOT\s+NULL\b",
    re.IGNORECASE,
)


def taken_away(text):
    """What an expand must not have, as it stands in the text."""
    code = NOT_CODE.sub(" ", text)
    return [
        found[0]
        for found in TAKES_AWAY.finditer(code)
        if not (found["name"] and re.search(rf"\bCREATE\s[\w\s]*\b{found['name']}\b", code, re.IGNORECASE))
    ]


def test_an_expand_takes_nothing_away():
    found = wrong(
        (file for file in FILES if half_of(file.name) is Half.EXPAND), lambda file: taken_away(file.read_text("utf-8"))
    )
    assert found == {}, "move it to a file named ....contract.sql, which runs when all services are of the new version"


def test_a_file_is_one_transaction():
    assert wrong(FILES, lambda file: OWN_TRANSACTION.findall(NOT_CODE.sub(" ", file.read_text("utf-8")))) == {}


def test_a_name_has_number_and_half_and_a_number_stands_once():
    numbers = [(file.parent.name, NAME.fullmatch(file.name)[1]) for file in FILES]
    assert len(numbers) == len(set(numbers)) > 10


def test_what_may_be_applied_somewhere_does_not_change():
    """Databases refuse a file that was changed after they applied it. Its checksum is written down with it, once."""
    kept = dict(reversed(line.split()) for line in (SQL / "SHA256SUMS").read_text("utf-8").splitlines())
    found = {str(file.relative_to(SQL)): hashlib.sha256(file.read_bytes()).hexdigest() for file in FILES}
    assert found == kept, "write what is new into a new file, and its line into sql/SHA256SUMS (sha256sum)"


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE tea;",
        "drop table if exists tea;",
        "ALTER TABLE tea DROP COLUMN name;",
        "ALTER TABLE tea DROP name;",
        "ALTER TABLE tea ADD COLUMN hot bool,\n    DROP COLUMN IF EXISTS name;",
        "DROP FUNCTION reserve;",
        "DROP INDEX tea_idx;",
        "ALTER TABLE tea RENAME TO cup;",
        "ALTER TABLE tea RENAME COLUMN name TO title;",
        "ALTER TABLE tea ALTER COLUMN name SET NOT NULL;",
        "ALTER TABLE tea ALTER name TYPE uuid USING name::uuid;",
        "ALTER TABLE tea ALTER COLUMN name SET DATA TYPE uuid;",
        "ALTER TABLE tea ADD COLUMN hot bool NOT NULL;",
        "DO $$ BEGIN DROP TABLE tea; END $$;",
        "TRUNCATE tea;",
        "REVOKE SELECT ON tea FROM store;",
    ],
)
def test_what_takes_away_is_found(text):
    assert len(taken_away(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "-- DROP TABLE tea\nCREATE TABLE tea (name text NOT NULL);",
        "/* RENAME */ COMMENT ON TABLE tea IS 'DROP TABLE tea; it''s RENAME';",
        "ALTER TABLE tea DROP CONSTRAINT tea_check, ALTER COLUMN name DROP NOT NULL;",
        "CREATE FUNCTION form(text) RETURNS text LANGUAGE sql AS $$ SELECT $1 $$; DROP FUNCTION form;",
        "CREATE TEMPORARY TABLE sums (n int) ON COMMIT DROP;",
        "ALTER TABLE tea ADD COLUMN hot bool NOT NULL DEFAULT false, ADD PRIMARY KEY (name);",
        "ALTER TABLE tea ADD COLUMN hot bool, ADD CONSTRAINT warm CHECK (hot IS NOT NULL);",
    ],
)
def test_what_adds_or_allows_more_is_let_through(text):
    assert taken_away(text) == []


FUNCTION = re.compile(r"\b(CREATE|DROP)\b[\w\s]*\bFUNCTION\s+(\w+)")
FUNCTION_ROW = re.compile(r"^\| `(\w+)` \| \[[^\]]+\]\(([^)]+)\) \|.*\| (.+) \|$", re.MULTILINE)


def test_the_page_of_functions_names_the_newest_body_and_the_callers_of_each():
    """Files never change, so the body of a function may stand in several: only the last is in use."""
    newest = {}
    for file in FILES:
        for verb, name in FUNCTION.findall(NOT_CODE.sub(" ", file.read_text("utf-8"))):
            newest[name] = str(file.relative_to(SQL)) if verb == "CREATE" else None
    rows = FUNCTION_ROW.findall((SQL / "README.md").read_text("utf-8"))
    assert {name: file for name, file, _ in rows} == {name: file for name, file in newest.items() if file}
    callers = [(name, caller) for name, _, called_by in rows for caller in re.findall(r"\]\(([^)]+)\)", called_by)]
    assert [(name, file) for name, file in callers if f"{name}(" not in (SQL / file).read_text("utf-8")] == []
