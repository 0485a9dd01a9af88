"""How slow the store is: the p95 of its reservations lately, read from its own metrics."""

import time
from collections import deque
from math import inf

import aiohttp
from prometheus_client.utils import floatToGoString

from marketday.telemetry.metrics import BUCKETS
from marketday.telemetry.scrape import REQUESTS, NotMetrics, Scrape, parse, quantile, rate

# Only reservations are measured, because they depend only on the database. A payment waits for the gateway, and fewer
# people would not make a slow gateway faster.
ROUTE = "/v1/drops/{drop}/reservations"
WINDOW_SECONDS = 10.0
_TIMEOUT = aiohttp.ClientTimeout(total=1.0)


class StorePace:
    """Scrapes one store from time to time. A store that does not answer counts as slow: its p95 is then the timeout."""

    def __init__(self, url: str | None) -> None:
        """Read the metrics at `url`, such as http://127.0.0.1:8002; if it is None, nothing is measured."""
        self._url = url
        self._session: aiohttp.ClientSession | None = None
        self._scrapes: deque[Scrape] = deque()
        self.p95_seconds: float | None = None

    async def measure(self) -> None:
        """Update `p95_seconds`; it is None while nobody reserves."""
        if self._url is None:
            return
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            async with self._session.get(f"{self._url}/metrics") as answer:
                text = await answer.text()
            self._scrapes.append(parse(text, time.monotonic()))
        except (TimeoutError, aiohttp.ClientError, NotMetrics):
            self._scrapes.clear()
            self.p95_seconds = _TIMEOUT.total
            return
        while len(self._scrapes) > 1 and self._scrapes[-1].at - self._scrapes[1].at >= WINDOW_SECONDS:
            self._scrapes.popleft()
        first, last = self._scrapes[0], self._scrapes[-1]
        self.p95_seconds = p95(first, last) if last.at > first.at else None

    def forget(self) -> None:
        """Start measuring again."""
        self._scrapes.clear()
        self.p95_seconds = None

    async def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()


def p95(before: Scrape, after: Scrape) -> float | None:
    """Return the p95, in seconds, of the reservations answered between two scrapes; None if there were none."""
    bounds = (*BUCKETS, inf)
    name = f"{REQUESTS}_bucket"
    grown = [(bound, rate(before, after, name, route=ROUTE, le=_label(bound))) for bound in bounds]
    return quantile(0.95, grown)


def _label(bound: float) -> str:
    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]
