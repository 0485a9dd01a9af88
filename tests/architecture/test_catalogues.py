import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

from marketday.web.pages import LANGUAGES

from .source import WEB, relative, text, wrong

# Bare text between tags: what is left of a template's line without Jinja's blocks and without markup.
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
CODE = re.compile(r"<(script|style|svg|code)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
SAID_BY_ATTRIBUTE = re.compile(r"\b(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"")
LETTER = re.compile(r"[^\W\d_]{2,}")
UNITS = {"p50", "p95", "p99", "nbsp", "middot", "times", "larr", "rarr", "copy", "amp", "hellip", "ndash", "mdash"}
USED = re.compile(r"""_\(\s*["']([a-z][\w.-]*)["']\s*[,)]""")


@cache
def catalogues() -> dict[tuple[str, str], dict[str, Path]]:
    """The files of each catalogue by its area and topic, and then by language."""
    found: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
    for path in sorted(WEB.glob("*/locales/*.po")):
        topic, language = path.name.removesuffix(".po").rsplit(".", 1)
        found[path.parts[-3], topic][language] = path
    return found


@cache
def messages(path: Path) -> dict[str, list[str]]:
    with path.open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: [message.string]
            if isinstance(message.string, str)
            else list(message.string)
            for message in read_po(file)
            if message.id
        }


TEMPLATES = sorted(WEB.glob("*/templates/**/*.html"))


def test_a_catalogue_speaks_all_languages_and_says_the_same_in_each():
    missing = {}
    for topic, files in catalogues().items():
        keys = {language: set(messages(path)) for language, path in files.items()}
        every = set().union(*keys.values())
        missing |= {(*topic, language): every - keys.get(language, set()) for language in {*LANGUAGES, *keys}}
    assert {language for _, _, language in missing} == set(LANGUAGES)
    assert {place: keys for place, keys in missing.items() if keys} == {}


def test_no_translation_is_empty():
    empty = {
        (*topic, language, key)
        for topic, files in catalogues().items()
        for language, path in files.items()
        for key, texts in messages(path).items()
        if not all(texts)
    }
    assert empty == set()


def test_a_translation_asks_for_the_same_values():
    other = {
        (*topic, language, key)
        for topic, files in catalogues().items()
        for key, texts in messages(files["en"]).items()
        for language, path in files.items()
        if _placeholders(messages(path).get(key, [])) != _placeholders(texts)
    }
    assert other == set()


def test_no_text_stands_in_a_template():
    def said(path):
        markup = JINJA.sub("", text(path))
        texts = [TAG.sub("\n", CODE.sub("\n", markup)), *SAID_BY_ATTRIBUTE.findall(markup)]
        return [word for each in texts for word in LETTER.findall(each) if word not in UNITS]

    assert wrong(TEMPLATES, said) == {}


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
        missing |= {(relative(path), key) for key in USED.findall(text(path)) if key not in known}
    assert missing == set()


def _placeholders(texts: list[str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
