import ast
import io
import re
import tokenize
from pathlib import Path

from babel.messages.pofile import read_po

from .source import PRODUCT, ROOT, WEB, nodes, own_files, python_files, text, wrong

FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|managers?)(_|$)")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
IMPURE_CALLS = {"now", "utcnow", "today", "perf_counter", "monotonic", "uuid4", "uuid7"}
IMPURE_IMPORTS = {"random", "secrets", "time", "os", "socket", "subprocess", "asyncio", "pathlib", "threading"}
IMPURE_NAMES = {"new_id", "SystemClock"}
SALE_AS_EVENT = re.compile(
    r"\b(event (sale|product|stock|order|opens|closes|is over)|this event|the event (opens|closes|is))\b", re.IGNORECASE
)

# Say instead: the person or process that does it, a process, healthy or works, does not answer, expired; again, if,
# "None if it ...", in that time, any, is, continues, repairs, in addition to.
HARD_WORDS = re.compile(
    r"\b(?:whoever|(?:another|every|two|either) hands?(?!-)|(?:goes|went|is) well|is silent|falls? silent|outstay\w*"
    r"|(?:is|are) away|counted out|told to|of yours|stands? still"
    r"|anew|none where|none: (?:it|nothing|no)|meanwhile|whatever|whichever|lies|(?:goes|went) on|mends?|besides"
    r"|said of|where it is absent|as it says|as they say)\b",
    re.IGNORECASE,
)


def test_a_module_is_named_after_what_it_is():
    def badly_named(path):
        return [name for name in path.relative_to(PRODUCT).with_suffix("").parts if FORBIDDEN_NAMES.search(name)]

    assert wrong(python_files(), badly_named) == {}


def test_nothing_is_left_unfinished():
    def unfinished(path):
        marks = [comment for comment in comments(path) if UNFINISHED.search(comment)]
        raised = [node.id for node in nodes(path) if isinstance(node, ast.Name) and node.id == "NotImplementedError"]
        return marks + raised

    assert wrong(python_files(), unfinished) == {}


def test_a_model_decides_by_its_arguments_alone():
    def impure(path):
        calls = {
            node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            for node in nodes(path)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
        }
        modules, names = imported(path)
        packages = {module.split(".")[0] for module in modules}
        return (calls & IMPURE_CALLS) | (packages & IMPURE_IMPORTS) | (names & IMPURE_NAMES)

    models = [path for path in python_files() if path.name == "model.py"]
    assert len(models) > 10
    assert wrong(models, impure) == {}


def test_the_sale_is_a_drop_and_never_an_event():
    def says_event(path):
        with path.open("rb") as file:
            return [said for each in read_po(file) if each.id and SALE_AS_EVENT.search(said := str(each.string))]

    assert wrong(sorted(WEB.rglob("*.en.po")), says_event) == {}


def test_a_page_and_a_stack_are_written_in_plain_words():
    """Those of docs/reference are the code's, and the change log is history."""
    pages = {path for path in own_files() if path.suffix in {".md", ".tf", ".hcl"} and path.name != "CHANGELOG.md"}
    own = sorted(path for path in pages if not path.is_relative_to(ROOT / "docs" / "reference"))
    assert wrong(own, lambda path: HARD_WORDS.findall(text(path))) == {}


def test_code_is_written_in_plain_words():
    """Comments, docstrings, texts and names. Applied migrations have checksums, so they stay as they are."""
    own = sorted(path for suffix in ("py", "sql", "lua") for path in PRODUCT.rglob(f"*.{suffix}"))
    assert wrong(own, lambda path: HARD_WORDS.findall(text(path))) == {}


def comments(path: Path) -> list[str]:
    """The comments of a file; where no mark stands at all, it is not read token by token."""
    if not UNFINISHED.search(text(path)):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text(path)).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def imported(path: Path) -> tuple[set[str], set[str]]:
    """The modules that a file imports, and the names that it takes out of modules."""
    modules, names = set(), set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
            names |= {alias.name for alias in node.names}
    return modules, names
