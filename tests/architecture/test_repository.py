import re
from urllib.parse import unquote

import pytest

from .source import ROOT, own_files, relative

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
OUTSIDE = ("http://", "https://", "mailto:")

TEXTS = [path for path in own_files() if path.suffix in TEXT and "vendor" not in path.parts]
PAGES = [path for path in TEXTS if path.suffix == ".md"]


@pytest.mark.parametrize("path", [path for path in TEXTS if path.name != "test_repository.py"], ids=relative)
def test_no_file_knows_the_machine_it_was_written_on(path):
    text = path.read_text("utf-8")
    assert MACHINE_PATH.findall(text) == []
    assert REGISTRY.findall(text) == []
    assert INDEX_OPTION.findall(text) == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_of_a_page_leads_somewhere(page):
    broken = []
    for target in (first or second for first, second in LINK.findall(page.read_text("utf-8"))):
        if target.startswith(OUTSIDE):
            continue
        name, _, anchor = unquote(target).partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert broken == []


def test_every_page_of_the_documentation_is_found_from_its_index():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    linked = {(ROOT / "docs" / first.partition("#")[0]).resolve() for first, _ in LINK.findall(index) if first}
    pages = {path for path in PAGES if path.is_relative_to(ROOT / "docs") and path.name != "README.md"}
    assert {relative(path) for path in pages - linked} == set()


def test_the_readme_stays_short():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def anchors(page):
    """The names under which a page's headings are linked, as code forges make them."""
    titles = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "").lower()).replace(" ", "-") for title in titles}
