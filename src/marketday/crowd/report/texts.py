"""The report's texts from its catalogues: Korean and English."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from markupsafe import Markup

LANGUAGES = ("ko", "en")
_FOLDER = Path(__file__).parent / "locales"


class UnknownText(KeyError):
    """The catalogue does not have this text."""


@cache
def _catalogue(language: str) -> dict[str, str]:
    with (_FOLDER / f"report.{language}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, abort_invalid=True) if message.id}


def text(language: str, key: str, **values: object) -> str:
    """Return one text with its values filled in.

    Raises:
        UnknownText: the catalogue does not have `key`.

    """
    found = _catalogue(language).get(f"report.{key}")
    if not found:
        raise UnknownText(f"report.{key} ({language})")
    return found.format(**values)


def both(key: str, **values: object) -> Markup:
    """Return a text in every language, each marked with its language; the page shows one of them."""
    return Markup("").join(
        Markup('<span lang="{}">{}</span>').format(language, text(language, key, **values)) for language in LANGUAGES
    )


def keys(language: str) -> set[str]:
    """Return all keys of a catalogue."""
    return set(_catalogue(language))
