"""How people of the crowd send requests: with a log of every answer."""

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from marketday.crowd.journal import Answer, VisitorRole
from marketday.crowd.pauses import retry_seconds

if TYPE_CHECKING:
    from marketday.crowd.http.wire import Wire

# Answers after which a person retries with the same key: no answer, or the service is busy or not available.
BUSY = frozenset({0, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `service` and `action` are its names in the journal."""

    service: str
    action: str
    method: str
    url: str
    body: Any = None  # sent as JSON
    raw: bytes | None = None  # sent unchanged, instead of `body`
    key: str = ""  # Idempotency-Key
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()  # members of the answer to write to the journal
    note: Mapping[str, Any] = field(default_factory=dict)  # facts about the request, for the journal
    public: bool = False  # everybody gets the same answer: the journal needs its content only once


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer with its whole content, for the visit; the journal keeps only the `Answer`."""

    answer: Answer
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def status(self) -> int:
        """The status code, 0 if there was no answer."""
        return self.answer.status

    @property
    def problem(self) -> str:
        """The slug of the problem document."""
        return self.answer.problem


def slug_of(body: Mapping[str, Any]) -> str:
    """Return the slug of a problem document's type, "" if it is not one."""
    kind = body.get("type", "")
    return kind.rsplit(":", 1)[-1] if isinstance(kind, str) else ""


def _document(content: bytes, content_type: str) -> dict[str, Any]:
    if "json" not in content_type:
        return {}
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {"items": body}


def address_headers(key: str, address: str) -> dict[str, str]:
    """Return the headers that make an edge with `key` trust `address` as the client's; no headers without a key."""
    return {"Marketday-Crowd": key, "X-Forwarded-For": address} if key else {}


class Visitor:
    """One person with their requests."""

    def __init__(self, wire: "Wire", person: str, role: VisitorRole, address: str) -> None:
        """`person` is their name in the journal, `address` their client address."""
        self.person = person
        self.role = role
        self.luck = random.Random(person)
        self.address = address
        self.headers: dict[str, str] = {"User-Agent": "marketday-crowd", **address_headers(wire.key, address)}
        self._wire = wire

    async def ask(self, call: Call) -> HttpReply:
        """Send a request once, and log the answer."""
        headers = {**self.headers, **call.headers}
        wire = self._wire
        if call.body is not None or call.raw is not None:
            headers.setdefault("Content-Type", "application/json")
        if call.key:
            headers["Idempotency-Key"] = call.key
        at, began = time.time(), time.perf_counter()
        status, answered, content, reason = await wire.send(call, headers)
        seconds = time.perf_counter() - began
        known = call.public and content == wire.public_content
        body = wire.public_body if known else _document(content, answered.get("Content-Type", ""))
        if call.public and not known:
            wire.public_content, wire.public_body = content, body
        answer = Answer(
            at=round(at, 4),
            seconds=round(seconds, 5),
            person=self.person,
            role=self.role.value,
            service=call.service,
            action=call.action,
            status=status,
            problem=reason or slug_of(body),
            key=call.key,
            facts={} if known else {**call.note, **{name: body[name] for name in call.keep if name in body}},
        )
        wire.journal.write(answer)
        return HttpReply(answer, body, answered)

    async def insist(self, call: Call, until: float) -> HttpReply:
        """Repeat a request with the same key until there is a final answer, or until `until` (seconds since 1970)."""
        attempt = 0
        while True:
            reply = await self.ask(call)
            if reply.status not in BUSY:
                return reply
            pause = retry_seconds(attempt, _seconds(reply.headers.get("Retry-After")), self.luck.random())
            if time.time() + pause >= until:
                return reply
            await asyncio.sleep(pause)
            attempt += 1


def _seconds(header: str | None) -> float | None:
    """Return a Retry-After header's seconds; its other form, a date, is not used by our services."""
    return float(header) if header and header.isdigit() else None
