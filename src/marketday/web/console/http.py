"""The services, asked over HTTP on their own ports.

What an event plane answers is data of strangers: it leads us nowhere else, has a size, and holds what is expected.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from marketday.kit.answers import read_at_most

TIMEOUT = aiohttp.ClientTimeout(total=1.5)
LARGEST_METRICS = 1024 * 1024  # bytes; a busy service writes a twentieth of that
LARGEST_NOW = 64 * 1024
_PHASES = frozenset({"upcoming", "waiting", "open", "closed"})
_NUMBERS = ("waiting", "inside", "serving_number", "left")
_GREATEST = 1e12


class HttpServices:
    """One client session for everything that the console asks."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def metrics(self, base_url: str) -> str | None:
        """Return a service's metrics as text, None where it does not answer."""
        body = await self._ask(f"{base_url.rstrip('/')}/metrics", {}, LARGEST_METRICS)
        try:
            return None if body is None else body.decode()
        except UnicodeDecodeError:
            return None

    async def now(self, public_url: str, drop: str) -> Mapping[str, Any] | None:
        """Return a drop's public `now` document, None where the event plane gives none that can be shown."""
        url, headers = _reachable(public_url)
        body = await self._ask(f"{url}/v1/drops/{drop}/now", headers, LARGEST_NOW)
        try:
            document = json.loads(body or b"null")
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) and _can_be_shown(document) else None

    async def _ask(self, url: str, headers: Mapping[str, str], most: int) -> bytes | None:
        plain = {**headers, "Accept-Encoding": "identity"}  # a small compressed answer can be a large one
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
    # NaN is not at most anything.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _GREATEST


def _reachable(public_url: str) -> tuple[str, dict[str, str]]:
    """Not every resolver knows `*.localhost` (RFC 6761, 6.3 only asks it to), so go to the loopback address."""
    parts = urlsplit(public_url)
    if not (parts.hostname or "").endswith(".localhost"):
        return public_url.rstrip("/"), {}
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}", {"Host": parts.netloc}
