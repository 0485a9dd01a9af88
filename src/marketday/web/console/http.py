"""Ask over HTTP: the services, each on its own port, and the controller about its planes.

Answers of an event plane are not trusted: redirects are not followed, and size and content are checked.
"""

import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from marketday.kit.answers import read_at_most
from marketday.web.console.model import Plane, Process

TIMEOUT = aiohttp.ClientTimeout(total=1.5)
LARGEST_METRICS = 1024 * 1024  # bytes; twenty times what a busy service writes
LARGEST_NOW = 64 * 1024
_PHASES = frozenset({"upcoming", "waiting", "open", "closed"})
_NUMBERS = ("waiting", "inside", "serving_number", "left")
_GREATEST = 1e12
_CONTROLLER_SECONDS = 2.0


class HttpServices:
    """The services, asked with one client session."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def metrics(self, base_url: str) -> str | None:
        """Return a service's metrics as text, None if it does not answer."""
        body = await self._ask(f"{base_url.rstrip('/')}/metrics", {}, LARGEST_METRICS)
        try:
            return None if body is None else body.decode()
        except UnicodeDecodeError:
            return None

    async def now(self, public_url: str, drop: str) -> Mapping[str, Any] | None:
        """Return a drop's public `now` document, None if the event plane does not return a valid one."""
        url, headers = _reachable(public_url)
        body = await self._ask(f"{url}/v1/drops/{drop}/now", headers, LARGEST_NOW)
        try:
            document = json.loads(body or b"null")
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) and _can_be_shown(document) else None

    async def _ask(self, url: str, headers: Mapping[str, str], most: int) -> bytes | None:
        plain = {**headers, "Accept-Encoding": "identity"}  # a small compressed answer may become a huge one
        try:
            async with self._session.get(
                url, headers=plain, timeout=TIMEOUT, allow_redirects=False, auto_decompress=False
            ) as answer:
                return await read_at_most(answer, most) if answer.status == 200 else None  # noqa: PLR2004
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None


def _can_be_shown(document: Mapping[str, Any]) -> bool:
    numbers = [document[name] for name in _NUMBERS if document.get(name) is not None]
    return document.get("phase") in (None, *_PHASES) and all(map(_is_count, numbers))


def _is_count(value: object) -> bool:
    # The comparison is false for NaN.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _GREATEST


def _reachable(public_url: str) -> tuple[str, dict[str, str]]:
    """Replace the host by the loopback address: not every resolver knows `*.localhost` (RFC 6761, section 6.3)."""
    parts = urlsplit(public_url)
    if not (parts.hostname or "").endswith(".localhost"):
        return public_url.rstrip("/"), {}
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}", {"Host": parts.netloc}


class ControllerPlanes:
    """The planes as the controller publishes them; without its address there are none."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._known: Sequence[Plane] = ()
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def all(self) -> Sequence[Plane]:
        """Return every plane, the mall's first; if the controller does not answer, the last known planes without it."""
        if self._url is None:
            return []
        try:
            with self._opener.open(self._url, timeout=_CONTROLLER_SECONDS) as answer:
                self._known = [_plane(told) for told in json.load(answer)]
        except (OSError, ValueError, TypeError, KeyError):
            self._known = [_without_controller(plane) for plane in self._known]
        return self._known


def _plane(told: dict[str, Any]) -> Plane:
    return Plane(**{**told, "processes": [Process(**process) for process in told["processes"]]})


def _without_controller(plane: Plane) -> Plane:
    ended = [replace(process, up=False) if process.name == "controller" else process for process in plane.processes]
    return replace(plane, processes=ended)
