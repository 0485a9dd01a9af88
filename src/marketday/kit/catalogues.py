"""Catalogues (`.po`) of texts for people, by keys; each is read completely."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po


class UnknownText(KeyError):
    """No catalogue has this text."""


@cache
def read_catalogue(file: Path) -> dict[str, str]:
    """Return the texts of a catalogue by their keys."""
    with file.open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source, abort_invalid=True) if message.id}
