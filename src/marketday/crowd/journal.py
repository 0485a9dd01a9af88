"""The crowd's own log: one JSON line for each answer that anybody was given, written as it comes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from marketday.crowd.errors import CrowdError


class Role(StrEnum):
    """Why somebody is there."""

    BUYER = "buyer"  # came for the drop
    SHOPPER = "shopper"  # an ordinary day in the mall
    INTRUDER = "intruder"  # tries what must be refused


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: who asked what when, and what came back.

    `at` is the moment of asking in seconds since 1970, `seconds` how long it took. Status 0 means that no
    answer came, with the reason in `problem`; else `problem` is the slug of the problem document, if it was one.
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
        """Whether the answer says that it was done."""
        return 200 <= self.status < 300  # noqa: PLR2004 (RFC 9110, section 15.3)


class Journal:
    """Appends answers to a file; each line is handed to the system at once, so that a killed worker loses none."""

    def __init__(self, path: Path) -> None:
        """Open `path` for appending."""
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, answer: Answer) -> None:
        """Add one answer."""
        self._file.write(json.dumps(asdict(answer), ensure_ascii=False, separators=(",", ":")) + "\n")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()


def _lines(path: Path) -> Iterator[Answer]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                return  # the line that a killed worker was writing
            try:
                yield Answer(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise CrowdError(f"{path.name} line {number} is no answer of the crowd: {error}") from None


def read_journals(paths: Iterable[Path]) -> list[Answer]:
    """Return all answers of several journals in the order of asking.

    Raises:
        CrowdError: a whole line is no answer.
        OSError: a file cannot be read.

    """
    return sorted((answer for path in paths for answer in _lines(path)), key=lambda answer: answer.at)
