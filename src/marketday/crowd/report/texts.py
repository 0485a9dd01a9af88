"""The report's texts from its catalogues: Korean and English."""

from pathlib import Path

from markupsafe import Markup

from marketday.kit.catalogues import UnknownText, read_catalogue
from marketday.kit.languages import StaffLanguage

_FOLDER = Path(__file__).parent / "locales"


def _texts(language: str) -> dict[str, str]:
    return read_catalogue(_FOLDER / f"report.{language}.po")


def text(language: str, key: str, **values: object) -> str:
    """Return one text with its values filled in.

    Raises:
        UnknownText: the catalogue does not have `key`.

    """
    found = _texts(language).get(f"report.{key}")
    if not found:
        raise UnknownText(f"report.{key} ({language})")
    return found.format(**values)


def both(key: str, **values: object) -> Markup:
    """Return a text in every language, each marked with its language; the page shows one of them."""
    span = Markup('<span lang="{}">{}</span>')
    return Markup("").join(span.format(language, text(language, key, **values)) for language in StaffLanguage)


def keys(language: str) -> set[str]:
    """Return all keys of a catalogue."""
    return set(_texts(language))
