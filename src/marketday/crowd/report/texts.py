"""The report's texts from its catalogues: Korean and English."""

from pathlib import Path

from markupsafe import Markup

from marketday.kit.catalogues import UnknownText, read_catalogue

LANGUAGES = ("ko", "en")
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
    return Markup("").join(
        Markup('<span lang="{}">{}</span>').format(language, text(language, key, **values)) for language in LANGUAGES
    )


def keys(language: str) -> set[str]:
    """Return all keys of a catalogue."""
    return set(_texts(language))
