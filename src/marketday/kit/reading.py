"""Reads files that people give: only regular and small ones, and only with as many levels as people write.

Reading a FIFO would wait for ever, /dev/zero has no end, and a recursive parser can overflow its stack.
"""

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

from marketday.kit.errors import Kind, Permanent

LARGEST_JSON = 64 * 1024 * 1024  # a plan of Terraform has a few megabytes
_DEEPEST = 100  # levels of tables and lists; a plan of Terraform has modules in modules
_MOST_BITS = 64  # in a whole number
_MOST_DOTS = 40  # in one line of TOML: reading a key costs the square of its parts
_TOO_DEEP = f"tables or lists with more than {_DEEPEST} levels"
_SHOWN = 200


class UnreadableFile(Permanent):
    """This file cannot be read."""

    kind = Kind.INVALID
    slug = "unreadable-file"


def read_regular(path: Path, largest: int) -> bytes:
    """Return the content of a regular file of at most `largest` bytes, without ever waiting for it.

    Raises:
        UnreadableFile: it is missing, not a regular file, too large, or cannot be read; the detail says which.

    """
    expected = f"expected a regular file of at most {largest:,} bytes"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFile(f"{path} is not a regular file; {expected}")
        with path.open("rb") as source:
            data = source.read(largest + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableFile(f"{path}: {why}; {expected}") from None
    if len(data) > largest:
        raise UnreadableFile(f"{path} is larger; {expected}")
    return data


def read_text(path: Path, largest: int) -> str:
    """Return the content of a regular file as text, without a byte order mark.

    Raises:
        UnreadableFile: as in `read_regular`, or the file is not UTF-8.

    """
    try:
        return read_regular(path, largest).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path}: byte {error.start} is not UTF-8; expected a text file in UTF-8") from None


def read_json(path: Path, largest: int = LARGEST_JSON, expected: str = "JSON") -> Any:
    """Return the value in a JSON file; raises UnreadableFile as `read_text` does, or if its JSON is wrong."""
    try:
        return parse_json(read_text(path, largest))
    except ValueError as error:
        raise UnreadableFile(f"{path}: {error}; expected {expected}") from None


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text; raises ValueError, with a sentence, if it is invalid or much too large."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        raise ValueError(_reason(error)) from None
    _refuse_unwieldy(found)
    return found


def parse_toml(text: str) -> dict[str, Any]:
    """Return the values of a TOML text; raises ValueError, with a sentence, if it is invalid or much too large."""
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
    """Return what a parser found; without Python's own advice if a number is too long for Python."""
    text = str(error)
    return "a whole number of thousands of digits" if "integer string conversion" in text else text[:_SHOWN]


def _refuse_unwieldy(found: Any) -> None:
    """Raise ValueError if printing, comparing or storing a value would fail later; does not use recursion."""
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
