import re
from collections import defaultdict
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from marketday.web.pages import LANGUAGES

from .source import WEB, relative

# Bare text between tags: what is left of a template's line without Jinja's blocks and without markup.
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
CODE = re.compile(r"<(script|style|svg|code)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
SAID_BY_ATTRIBUTE = re.compile(r"\b(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"")
LETTER = re.compile(r"[^\W\d_]{2,}")
UNITS = {"p50", "p95", "p99", "nbsp", "middot", "times", "larr", "rarr", "copy", "amp", "hellip", "ndash", "mdash"}
USED = re.compile(r"""_\(\s*["']([a-z][\w.-]*)["']\s*[,)]""")


def catalogues() -> dict[tuple[str, str], dict[str, Path]]:
    """The files of each catalogue by its area and topic, and then by language."""
    found: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for path in sorted(WEB.glob("*/locales/*.po")):
        topic, language = path.name.removesuffix(".po").rsplit(".", 1)
        found[path.parts[-3], topic][language] = path
    return found


def messages(path: Path) -> dict[str, list[str]]:
    with path.open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: [message.string]
            if isinstance(message.string, str)
            else list(message.string)
            for message in read_po(file)
            if message.id
        }


TOPICS = [pytest.param(files, id=f"{area}/{topic}") for (area, topic), files in catalogues().items()]
TEMPLATES = sorted(WEB.glob("*/templates/**/*.html"))


@pytest.mark.parametrize("files", TOPICS)
def test_a_catalogue_speaks_all_languages_and_says_the_same_in_each(files):
    assert set(files) == set(LANGUAGES)
    keys = {language: set(messages(path)) for language, path in files.items()}
    every = set().union(*keys.values())
    assert {language: every - has for language, has in keys.items() if every - has} == {}


@pytest.mark.parametrize("files", TOPICS)
def test_no_translation_is_empty(files):
    empty = {
        (language, key) for language, path in files.items() for key, texts in messages(path).items() if not all(texts)
    }
    assert empty == set()


@pytest.mark.parametrize("files", TOPICS)
def test_a_translation_asks_for_the_same_values(files):
    spoken = {language: messages(path) for language, path in files.items()}
    for key, texts in spoken["en"].items():
        wanted = _placeholders(texts)
        for language, others in spoken.items():
            assert _placeholders(others[key]) == wanted, f"{key} ({language})"


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_no_text_stands_in_a_template(path):
    bare = TAG.sub("\n", CODE.sub("\n", JINJA.sub("", path.read_text("utf-8"))))
    said = SAID_BY_ATTRIBUTE.findall(JINJA.sub("", path.read_text("utf-8")))
    words = [word for text in [bare, *said] for word in LETTER.findall(text) if word not in UNITS]
    assert words == []


def test_every_text_that_a_template_names_is_in_its_catalogue():
    missing = set()
    for path in TEMPLATES:
        area = path.relative_to(WEB).parts[0]
        # The layout is shared by all areas, so its texts have to be its own.
        known = {
            key
            for (owner, _), files in catalogues().items()
            if owner in (area, "layout")
            for key in messages(files["en"])
        }
        missing |= {(relative(path), key) for key in USED.findall(path.read_text("utf-8")) if key not in known}
    assert missing == set()


def _placeholders(texts: list[str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
