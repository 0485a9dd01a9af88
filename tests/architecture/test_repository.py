import re
from functools import cache
from urllib.parse import unquote

from .source import ROOT, own_files, relative, text, wrong

TEXT = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".html",
    ".css",
    ".js",
    ".po",
    ".sql",
    ".svg",
    ".csv",
    ".cfg",
    ".lua",
    ".conf",
    "",
}
# A home directory, this project's own working folders, or the address of a package mirror.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/[A-Za-z_.][\w.-]*")
REGISTRY = re.compile(r"https?://[^\s\"')]*(?:pypi|simple/|npm|artifactory|nexus|devpi|proxy)[^\s\"')]*", re.IGNORECASE)
INDEX_OPTION = re.compile(r"^\s*--(?:extra-)?index-url|^\s*--trusted-host", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
STARTED = re.compile(r"subprocess\.(?:run|Popen|check_output|check_call)\(|create_subprocess_\w+\(")
OUTSIDE = ("http://", "https://", "mailto:")
NAMED_FILE = re.compile(r"(?<![\w./<*-])((?:\w[\w-]*/)*\w+\.(?:py|tf|js|lua|sql))\b")
# Files that a reader makes: docs/migrations.md and docs/aws.md show how.
INVENTED = {"mall/0011_name.sql", "0011_name.sql", "0011_price_lists.sql", "backend_override.tf"}

TEXTS = [path for path in own_files() if path.suffix in TEXT and "vendor" not in path.parts]
PAGES = [path for path in TEXTS if path.suffix == ".md"]


def test_no_file_knows_the_machine_it_was_written_on():
    def known(path):
        return [found for rule in (MACHINE_PATH, REGISTRY, INDEX_OPTION) for found in rule.findall(text(path))]

    assert len(TEXTS) > 500
    assert wrong((path for path in TEXTS if path.name != "test_repository.py"), known) == {}


def test_every_link_of_a_page_leads_somewhere():
    def broken(page):
        links = (first or second for first, second in LINK.findall(text(page)))
        return [link for link in links if not link.startswith(OUTSIDE) and not leads_somewhere(page, link)]

    assert wrong(PAGES, broken) == {}


def test_every_file_that_a_page_or_a_stack_names_is_there():
    ends = {relative(path)[start:] for path in own_files() for start in word_starts(relative(path))}

    def missing(path):
        return sorted(set(NAMED_FILE.findall(text(path))) - ends - INVENTED)

    stacks = [path for path in own_files() if path.suffix in {".tf", ".hcl"}]
    pages = [path for path in PAGES if path.name != "CHANGELOG.md"]  # it names what was
    assert wrong(pages + stacks, missing) == {}


def test_each_name_of_where_is_what_stands_in_a_file_of_its_row():
    table = text(ROOT / "CONTRIBUTING.md").partition("## Where is what")[2].partition("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ") and "](" in row]
    missing = {}
    for row in rows:
        files = [ROOT / first.partition("#")[0] for first, _ in LINK.findall(row)]
        told = "".join(text(file) for file in files if file.is_file())
        missing[row] = [name for name in re.findall(r"`(\w+)`", row) if not re.search(rf"\b{name}\b", told)]
    assert len(rows) > 20
    assert {row: names for row, names in missing.items() if names} == {}


def test_every_page_of_the_documentation_is_found_from_its_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    linked = {(ROOT / "docs" / first.partition("#")[0]).resolve() for first, _ in LINK.findall(index) if first}
    pages = {path for path in PAGES if path.is_relative_to(ROOT / "docs") and path.name != "README.md"}
    assert {relative(path) for path in pages - linked} == set()


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def test_unit_tests_start_no_process():
    def started(path):
        return STARTED.findall(text(path))

    assert wrong(sorted((ROOT / "tests" / "unit").rglob("*.py")), started) == {}


def word_starts(name):
    """Where a path's parts begin: a file may be named by its last parts."""
    return [0] + [at + 1 for at, sign in enumerate(name) if sign == "/"]


def leads_somewhere(page, link):
    name, _, anchor = unquote(link).partition("#")
    file = (page.parent / name).resolve() if name else page
    return file.exists() and (not anchor or anchor in anchors(file))


@cache
def anchors(page):
    """The names under which a page's headings are linked, as code forges make them."""
    titles = HEADING.findall(text(page))
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-") for title in titles}
