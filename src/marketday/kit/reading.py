"""Files that people give: read only if they are regular and small, and parsed only as deep as anybody writes.

A FIFO would wait for ever, /dev/zero has no end, and a recursive parser can overflow its stack.
"""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

from marketday.kit.errors import Kind, Permanent

LARGEST_JSON = 64 * 1024 * 1024  # a plan of Terraform has some megabytes
_DEEPEST = 100  # tables and lists in each other; a plan of Terraform has modules in modules
_MOST_BITS = 64  # of a whole number
_MOST_DOTS = 40  # in one line of TOML: reading a key costs the square of its parts
_TOO_DEEP = f"tables or lists more than {_DEEPEST} deep in each other"
_SHOWN = 200


class UnreadableFile(Permanent):
    """This file cannot be read."""

    kind = Kind.INVALID
    slug = "unreadable-file"


def read_regular(path: Path, largest: int) -> bytes:
    """Return the content of a regular file of at most `largest` bytes, without ever waiting for it.

    Raises:
        UnreadableFile: it is absent, of another kind, too large, or not to be read; the detail is a sentence.

    """
    expected = f"expected a regular file of at most {largest:,} bytes"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFile(f"{path} is no regular file; {expected}")
        with path.open("rb") as source:
            data = source.read(largest + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableFile(f"{path}: {why}; {expected}") from None
    if len(data) > largest:
        raise UnreadableFile(f"{path} is larger; {expected}")
    return data


def read_text(path: Path, largest: int) -> str:
    """Return the content of a regular file as text, a byte order mark left out.

    Raises:
        UnreadableFile: as `read_regular`, or it is not UTF-8.

    """
    try:
        return read_regular(path, largest).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: byte {error.start} is not UTF-8; expected a text file in UTF-8") from None


def read_json(path: Path, largest: int = LARGEST_JSON, expected: str = "JSON") -> Any:
    """Return what a JSON file says; raises UnreadableFile as `read_text`, or with what is wrong with its JSON."""
    try:
        return parse_json(read_text(path, largest))
    except ValueError as error:
        raise UnreadableFile(f"{path}: {error}; expected {expected}") from None


def parse_json(text: str | bytes) -> Any:
    """Return what JSON says; raises ValueError, with a sentence, if it is invalid or unreasonably large."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        raise ValueError(_reason(error)) from None
    _refuse_unwieldy(found)
    return found


def parse_toml(text: str) -> dict[str, Any]:
    """Return what TOML says; raises ValueError, with a sentence, if it is invalid or unreasonably large."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MOST_DOTS:
            raise ValueError(f"line {number} has {line.count('.'):,} dots; at most {_MOST_DOTS} are read")
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        hint = " (24:00 is 00:00 of the day after)" if "T24:00" in text or " 24:00" in text else ""
        raise ValueError(f"{_reason(error)}{hint}") from None
    _refuse_unwieldy(found)
    return found


def _reason(error: ValueError) -> str:
    """Return what a parser found; of a number that Python does not read, without Python's own advice."""
    text = str(error)
    return "a whole number of thousands of digits" if "integer string conversion" in text else text[:_SHOWN]


def _refuse_unwieldy(found: Any) -> None:
    """Raise ValueError where printing, comparing or storing a value would fail later; not by recursion."""
    waiting = [(found, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError(_TOO_DEEP)
        if isinstance(value, dict):
            waiting += [(one, depth + 1) for one in value.values()]
        elif isinstance(value, list):
            waiting += [(one, depth + 1) for one in value]
        elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise ValueError(f"a whole number of {value.bit_length():,} bits; at most {_MOST_BITS} are read")
