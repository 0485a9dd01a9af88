"""How slow the store is: the p95 of its reservations lately, read from its own metrics."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from math import inf

import aiohttp
from prometheus_client.utils import floatToGoString

from marketday.telemetry.metrics import BUCKETS
from marketday.telemetry.scrape import REQUESTS, NotMetrics, Scrape, parse, quantile, rate, together
from marketday.waitingroom.admission import StoreSpeed

# Only reservations are measured, because they depend only on the database. A payment waits for the gateway, and fewer
# people would not make a slow gateway faster.
ROUTE = "/v1/drops/{drop}/reservations"
WINDOW_SECONDS = 4.0
_TIMEOUT = aiohttp.ClientTimeout(total=1.0)


class StorePace:
    """Scrapes the store's processes from time to time. A store that does not answer counts as slow.

    Its p95 is then the timeout. A process that is being restarted is left out while another one answers.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        """Read the metrics at `urls`, such as http://127.0.0.1:8002; without any, nothing is measured."""
        self._urls = urls
        self._session: aiohttp.ClientSession | None = None
        self._scrapes: deque[Scrape] = deque()
        self.p95_seconds: float | None = None

    async def measure(self) -> None:
        """Update `p95_seconds`; it is None while nobody reserves."""
        if not self._urls:
            return
        try:
            self._scrapes.append(await self._scraped())
        except (TimeoutError, aiohttp.ClientError, NotMetrics):
            self._scrapes.clear()
            self.p95_seconds = _TIMEOUT.total
            return
        while len(self._scrapes) > 1 and self._scrapes[-1].at - self._scrapes[1].at >= WINDOW_SECONDS:
            self._scrapes.popleft()
        first, last = self._scrapes[0], self._scrapes[-1]
        self.p95_seconds = p95(first, last) if last.at > first.at else None

    async def _scraped(self) -> Scrape:
        """Return the metrics of all processes together.

        Raises:
            TimeoutError, aiohttp.ClientError, NotMetrics: a process did not answer, or every process is gone.

        """
        answers = await asyncio.gather(*map(self._read, self._urls), return_exceptions=True)
        failures = [each for each in answers if isinstance(each, BaseException)]
        severe = [each for each in failures if not isinstance(each, aiohttp.ClientConnectorError)]
        if severe or len(failures) == len(answers):
            raise (severe or failures)[0]
        at = time.monotonic()
        texts = {url: each for url, each in zip(self._urls, answers, strict=True) if isinstance(each, str)}
        return together({url: parse(text, at) for url, text in texts.items()}, at)

    async def _read(self, url: str) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        async with self._session.get(f"{url}/metrics") as answer:
            return await answer.text()

    @property
    def speed(self) -> StoreSpeed:
        """How the store answered reservations lately."""
        if len(self._scrapes) < 2:  # noqa: PLR2004 - a rate needs two
            return StoreSpeed(self.p95_seconds)
        served = rate(self._scrapes[0], self._scrapes[-1], f"{REQUESTS}_count", route=ROUTE)
        return StoreSpeed(self.p95_seconds, served)

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
