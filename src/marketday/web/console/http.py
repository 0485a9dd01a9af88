"""The services, asked over HTTP on their own ports."""

from collections.abc import Mapping
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=1.5)


class HttpServices:
    """One client session for everything that the console asks."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def metrics(self, base_url: str) -> str | None:
        """Return a service's metrics as text, None where it does not answer."""
        try:
            async with self._session.get(f"{base_url.rstrip('/')}/metrics", timeout=TIMEOUT) as answer:
                return await answer.text() if answer.ok else None
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
            return None

    async def now(self, public_url: str, drop: str) -> Mapping[str, Any] | None:
        """Return a drop's public `now` document, None where the event plane does not answer."""
        url, headers = _reachable(public_url)
        try:
            async with self._session.get(f"{url}/v1/drops/{drop}/now", headers=headers, timeout=TIMEOUT) as answer:
                document = await answer.json() if answer.ok else None
        except (aiohttp.ClientError, TimeoutError, JSONDecodeError, UnicodeDecodeError):
            return None
        return document if isinstance(document, dict) else None


def _reachable(public_url: str) -> tuple[str, dict[str, str]]:
    """Not every resolver knows `*.localhost` (RFC 6761, 6.3 only asks it to), so go to the loopback address."""
    parts = urlsplit(public_url)
    if not (parts.hostname or "").endswith(".localhost"):
        return public_url.rstrip("/"), {}
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}", {"Host": parts.netloc}
