"""The table of guards, tests/guards/*.toml: each is a place in the code, and the tests that must fail without it.

A row names its place by `file`, or by `function` for the newest body of a function of a database ("drop/reserve"). The
text `cut` there is replaced by `instead`. `fails` names the tests that must fail then, by an assertion or by the error
that `raises` names. `holds` names tests that must pass all the same, because another layer stands behind this one.
`also` has more places that are cut with it. A row may name other rows instead, `without`: layers that go together.
"""

import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

TABLES = "tests/guards"
_PLACE = {"file": "", "function": "", "cut": "", "instead": ""}
_BODY = r"CREATE (?:OR REPLACE )?FUNCTION {name}\(.*?\$\$(?:.*?)\$\$;?\n"


class Unusable(Exception):
    """A row of the table that does not fit the code; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One row of the table."""

    name: str
    fails: Sequence[str]
    holds: Sequence[str] = ()
    raises: str = ""
    file: str = ""
    function: str = ""
    cut: str = ""
    instead: str = ""
    also: Sequence[Mapping[str, str]] = ()
    without: Sequence[str] = ()

    @property
    def tests(self) -> list[str]:
        """Every test that this row names."""
        return [*self.fails, *self.holds]


def read(root: Path) -> dict[str, Guard]:
    """Return the guards of the table by name."""
    rows = [row for file in sorted((root / TABLES).glob("*.toml")) for row in tomllib.loads(file.read_text())["guard"]]
    guards = {row["name"]: Guard(**row) for row in rows}
    if len(guards) < len(rows):
        raise Unusable("two guards have the same name; expected a name for each")
    return guards


def parts(guard: Guard, guards: Mapping[str, Guard]) -> list[Guard]:
    """Return the rows whose text is cut for `guard`: its own, or those of the layers that it names."""
    missing = [name for name in guard.without if name not in guards]
    if missing:
        raise Unusable(f"{guard.name}: there is no guard {missing[0]!r}; expected the name of another row")
    rows = [guards[name] for name in guard.without] or [guard]
    return [part for row in rows for part in (row, *(replace(row, also=(), **{**_PLACE, **more}) for more in row.also))]


def cut(root: Path, guard: Guard) -> tuple[Path, str]:
    """Return the file of a guard, and its text without the guard."""
    file, begin, end = _place(root, guard)
    text = file.read_text("utf-8")
    times = text.count(guard.cut, begin, end) if guard.cut else 0
    if times != 1:
        where = f"the newest body of {guard.function}" if guard.function else guard.file
        raise Unusable(f"{guard.name}: its text is {times} times in {where}; expected once, change its row in {TABLES}")
    at = text.index(guard.cut, begin, end)
    return file, text[:at] + guard.instead + text[at + len(guard.cut) :]


def _place(root: Path, guard: Guard) -> tuple[Path, int, int]:
    """Return the file, and where in it the guard can be."""
    if not guard.function:
        file = root / guard.file
        if not file.is_file():
            raise Unusable(f"{guard.name}: there is no file {guard.file!r}; change its row in {TABLES}")
        return file, 0, sys.maxsize
    database, _, name = guard.function.partition("/")
    body = re.compile(_BODY.format(name=re.escape(name)), re.DOTALL)
    found = None
    for file in sorted((root / "sql" / database).glob("*.sql")):
        text = file.read_text("utf-8")
        if re.search(rf"\bDROP FUNCTION [^;]*\b{name}\b", text):
            found = None
        for match in body.finditer(text):
            found = (file, match.start(), match.end())
    if found is None:
        raise Unusable(f"{guard.name}: there is no function {guard.function!r} in use; change its row in {TABLES}")
    return found
