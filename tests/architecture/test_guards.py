"""The table of guards fits the code: each guard's text is there once, and the tests that must notice its loss exist."""

import ast
import sys

from .source import ROOT, tree

sys.path.insert(0, str(ROOT / "tools"))
import guard_table

sys.path.pop(0)


def test_each_guard_is_found_once():
    guards = guard_table.read(ROOT)
    wrong = []
    for guard in guards.values():
        for part in guard_table.parts(guard, guards):
            try:
                guard_table.cut(ROOT, part)
            except guard_table.Unusable as error:
                wrong.append(str(error))
    assert wrong == []


def test_each_guard_names_tests_that_there_are():
    tests = {test for guard in guard_table.read(ROOT).values() for test in guard.tests}
    assert [test for test in sorted(tests) if not _exists(test)] == []
    assert all(guard.fails for guard in guard_table.read(ROOT).values())


def test_layers_are_also_removed_one_at_a_time():
    """Layers that go together hold one by one: each has a row of its own, which says that the others still hold."""
    guards = guard_table.read(ROOT)
    assert [name for one in guards.values() for name in one.without if guards[name].without] == []
    alone = [
        name
        for one in guards.values()
        for name in one.without
        if not set(one.fails) <= set(guards[name].holds) and not name.endswith("is never negative")
    ]
    assert alone == []


def _exists(test: str) -> bool:
    file, *names = test.partition("[")[0].split("::")
    if not (ROOT / file).is_file():
        return False
    body: list[ast.stmt] = tree(ROOT / file).body
    for name in names:
        found = [
            node
            for node in body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
        ]
        if not found:
            return False
        body = found[0].body
    return True
