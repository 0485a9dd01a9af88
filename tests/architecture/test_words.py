import ast
import io
import re
import tokenize
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from .source import PRODUCT, WEB, python_files, relative, tree

FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?)(_|$)")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
IMPURE_CALLS = {"now", "utcnow", "today", "perf_counter", "monotonic", "uuid4", "uuid7"}
IMPURE_IMPORTS = {"random", "secrets", "time", "os", "socket", "subprocess", "asyncio", "pathlib", "threading"}
IMPURE_NAMES = {"new_id", "SystemClock"}
SALE_AS_EVENT = re.compile(
    r"\b(event (sale|product|stock|order|opens|closes|is over)|this event|the event (opens|closes|is))\b", re.IGNORECASE
)


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_a_module_is_named_after_what_it_is(path):
    names = path.relative_to(PRODUCT).with_suffix("").parts
    assert [name for name in names if FORBIDDEN_NAMES.search(name)] == []


@pytest.mark.parametrize("path", python_files(), ids=relative)
def test_nothing_is_left_unfinished(path):
    text = path.read_text("utf-8")
    comments = [
        token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT
    ]
    assert [comment for comment in comments if UNFINISHED.search(comment)] == []
    raised = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Name) and node.id == "NotImplementedError"]
    assert raised == []


@pytest.mark.parametrize("path", [path for path in python_files() if path.name == "model.py"], ids=relative)
def test_a_model_decides_by_its_arguments_alone(path):
    calls = [
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    ]
    assert IMPURE_CALLS.intersection(calls) == set()
    modules, names = imported(path)
    assert {module.split(".")[0] for module in modules} & IMPURE_IMPORTS == set()
    assert names & IMPURE_NAMES == set()


def imported(path: Path) -> tuple[set[str], set[str]]:
    """The modules that a file imports, and the names that it takes out of modules."""
    modules, names = set(), set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
            names |= {alias.name for alias in node.names}
    return modules, names


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.en.po")), ids=relative)
def test_the_sale_is_a_drop_and_never_an_event(path):
    with path.open("rb") as file:
        texts = [str(message.string) for message in read_po(file) if message.id]
    assert [text for text in texts if SALE_AS_EVENT.search(text)] == []
