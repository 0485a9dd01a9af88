"""The crowd's own log: one JSON line for each answer, written at once."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from marketday.crowd.errors import CrowdError


class VisitorRole(StrEnum):
    """Why a person is there."""

    BUYER = "buyer"  # came for the drop
    SHOPPER = "shopper"  # an ordinary visitor of the mall
    INTRUDER = "intruder"  # tries what must be refused


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: who sent which request when, and what came back.

    `at` is the time of the request in seconds since 1970, `seconds` its duration. Status 0 means that there was no
    answer; then `problem` is the reason. Otherwise `problem` is the slug of the problem document, if it is one.
    `facts` are the parts of the answer that the report needs.
    """

    at: float
    seconds: float
    person: str
    role: str
    service: str
    action: str
    status: int
    problem: str = ""
    key: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the answer reports success."""
        return 200 <= self.status < 300  # noqa: PLR2004 (RFC 9110, section 15.3)


# `json.dumps` makes an encoder for each call, and `asdict` copies all facts: together five times as slow.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_MEMBERS = tuple(each.name for each in fields(Answer))
_values = attrgetter(*_MEMBERS)


class Journal:
    """Appends answers to a file; each line is written at once, so that a killed worker loses none."""

    def __init__(self, path: Path) -> None:
        """Open `path` for appending."""
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, answer: Answer) -> None:
        """Add one answer."""
        self._file.write(_encode(dict(zip(_MEMBERS, _values(answer), strict=True))) + "\n")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()


_REPEATED = ("person", "role", "service", "action", "problem")  # texts of which a journal has few different ones


def _lines(path: Path) -> Iterator[Answer]:
    known: dict[str, str] = {}  # each text once: a journal of a large day has a million lines
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                return  # incomplete: the worker was killed while it wrote this line
            try:
                members = json.loads(line)
                for name in _REPEATED:
                    members[name] = known.setdefault(members[name], members[name])
                yield Answer(**members)
            except (ValueError, TypeError, LookupError) as error:
                raise CrowdError(f"{path.name} line {number} is not an answer of the crowd: {error}") from None


def read_journals(paths: Iterable[Path]) -> list[Answer]:
    """Return all answers of several journals in the order of the requests.

    Raises:
        CrowdError: a complete line is not an answer.
        OSError: a file cannot be read.

    """
    return sorted((answer for path in paths for answer in _lines(path)), key=lambda answer: answer.at)
