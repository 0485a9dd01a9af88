"""The texts of game days from their catalogues: Korean and English."""

from pathlib import Path

from markupsafe import Markup

from marketday.kit.catalogues import UnknownText, read_catalogue
from marketday.kit.languages import StaffLanguage

_FOLDER = Path(__file__).parent / "locales"


def text(language: str, key: str, **values: object) -> str:
    """Return one text with its values filled in.

    Raises:
        UnknownText: the catalogue does not have `key`.

    """
    found = all_texts(language).get(f"gameday.{key}")
    if not found:
        raise UnknownText(f"gameday.{key} ({language})")
    return found.format(**values)


def both(key: str, **values: object) -> Markup:
    """Return a text in every language, each marked with its language; the page shows one of them."""
    span = Markup('<span lang="{}">{}</span>')
    return Markup("").join(span.format(language, text(language, key, **values)) for language in StaffLanguage)


def all_texts(language: str) -> dict[str, str]:
    """Return a whole catalogue."""
    return read_catalogue(_FOLDER / f"gameday.{language}.po")


def has(key: str) -> bool:
    """Return whether the catalogues have a text."""
    return f"gameday.{key}" in all_texts(StaffLanguage.EN)
