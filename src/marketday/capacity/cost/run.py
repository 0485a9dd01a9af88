"""Reads which resources a run really had, from a record of the run table.

    {"stacks": [{"stack": "event", "existed_from": "...", "existed_until": "...", "resources": [...]}, ...]}

`resources` is the output of `plan.to_json`; the moments are ISO 8601 with an offset. A stack that was built several
times, such as the link, has several entries.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from marketday.capacity.cost.model import Existed
from marketday.capacity.cost.plan import STACKS, from_json
from marketday.capacity.errors import UnreadablePlan, UnreadableRun
from marketday.kit.reading import UnreadableFile, read_json


def read_run(path: Path) -> list[Existed]:
    """Return which resources existed, and when, from the record in the file `path`.

    Raises:
        UnreadableRun: it cannot be read, or is not such a record.

    """
    try:
        return parse_run(read_json(path, expected="the JSON of a run"))
    except UnreadableFile as error:
        raise UnreadableRun(error.detail) from None
    except UnreadableRun as error:
        raise UnreadableRun(f"{path}: {error.detail}") from None


def parse_run(record: Any) -> list[Existed]:
    """Return which resources existed, and when, from a record in JSON types.

    Raises:
        UnreadableRun: it is not such a record.

    """
    stacks = record.get("stacks") if isinstance(record, dict) else None
    if not isinstance(stacks, list) or not stacks:
        raise UnreadableRun("expected a list `stacks`, with an entry for each stack that was built")
    return [existed for one in stacks for existed in _stack(one)]


def _stack(one: Any) -> list[Existed]:
    stack = one.get("stack") if isinstance(one, dict) else None
    if stack not in STACKS:
        raise UnreadableRun(f"stack = {stack!r}; expected one of {', '.join(STACKS)}")
    began, ended = (_moment(one.get(key), f"{key} of the stack {stack}") for key in ("existed_from", "existed_until"))
    try:
        return [Existed(resource, began, ended) for resource in from_json(stack, one.get("resources"))]
    except UnreadablePlan as error:
        raise UnreadableRun(error.detail) from None


def _moment(value: Any, what: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnreadableRun(f"{what} = {value!r}; expected a moment such as 2026-12-09T13:00:00+00:00")
    return moment
