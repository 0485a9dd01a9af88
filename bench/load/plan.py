"""What a load client does: which requests, on how many connections, and when. It travels as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

HOST = "event.localhost"


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a person's way. `{name}` in path, headers and body stands for one of the person's fields.

    `keeps` names values of the JSON answer that become fields for the next steps: {"order": "order.id"}.
    Any status that is not in `expects` is an error and ends this person's way.
    """

    name: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    keeps: Mapping[str, str] = field(default_factory=dict)
    expects: tuple[int, ...] = (200, 201, 204)


@dataclass(frozen=True, slots=True)
class Load:
    """A load: each person goes through all steps.

    Without `rate` it is closed: each connection sends its next request as soon as the last one is answered.
    With `rate` it is open: that many people begin in a second, whether or not the earlier ones have been answered, and
    its latency counts from the moment when it was due.

    `people` is a file of tab-separated values whose first line names the fields; each person comes once. Without it
    the steps have no fields, and people never end. `share` is (number, of how many) for several processes.
    """

    port: int
    steps: tuple[Step, ...]
    connections: int
    seconds: float
    people: str | None = None
    most_people: int | None = None  # from the beginning of the file; None: all
    rate: float | None = None
    settle_seconds: float = 0.5  # before that, nothing is counted
    authority: str = HOST
    share: tuple[int, int] = (0, 1)
    cores: tuple[int, ...] = ()  # to which the processes are bound; none: any
    nice: int = 0  # how much less processor time the processes get than others

    def to_json(self) -> str:
        """Return this plan as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Return the plan of a line."""
        values = json.loads(line)
        steps = tuple(Step(**{**step, "expects": tuple(step["expects"])}) for step in values.pop("steps"))
        values["share"] = tuple(values["share"])
        values["cores"] = tuple(values["cores"])
        return cls(steps=steps, **values)


def template(step: Step, authority: str) -> bytes:
    """Return the request's bytes with `%(name)s` for each field."""
    body = b"" if step.body is None else json.dumps(step.body).encode()
    headers = {"Host": authority, **step.headers}
    if step.body is not None:
        headers |= {"Content-Type": "application/json"}
    if step.method != "GET":
        headers |= {"Content-Length": str(len(body))}
    head = f"{step.method} {step.path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in headers.items()
    )
    return _with_fields(head.encode() + b"\r\n") + body.replace(b"%", b"%%")


def _with_fields(text: bytes) -> bytes:
    return text.replace(b"%", b"%%").replace(b"{", b"%(").replace(b"}", b")s")
