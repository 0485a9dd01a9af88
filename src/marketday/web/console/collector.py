"""One collector for all viewers: asks everything once a second while somebody looks, and keeps the picture of the day.

While nobody does, it asks now and then, for the history alone.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any

import structlog

from marketday.kit.clock import Clock
from marketday.kit.tasks import rest
from marketday.telemetry import scrape
from marketday.web.console.history import COARSE_SECONDS, History
from marketday.web.console.model import Day, Run, Service, Stock, services_to_ask, stock_of
from marketday.web.console.ports import Planes, Runs, Services

INTERVAL_SECONDS = 1.0
UNWATCHED_SECONDS = COARSE_SECONDS  # what the history keeps of older times
_FRESH_SECONDS = 2.0
_PATIENCE_SECONDS = 5.0
WINDOW = 5  # scrapes kept of a service: rates and quantiles are over the seconds between the first and the last
SHOWN_RUNS = 6

_log = structlog.get_logger()


class Collector:
    """Asks the mall's database, the services and the planes, and tells every viewer what it found."""

    def __init__(self, runs: Runs, services: Services, planes: Planes, clock: Clock) -> None:
        self._runs, self._services, self._planes, self._clock = runs, services, planes, clock
        self._scrapes: dict[tuple[str, str], deque[scrape.Scrape]] = {}
        self._serving: deque[tuple[float, float]] = deque(maxlen=WINDOW + 1)
        self._changed = asyncio.Event()
        self._wanted = asyncio.Event()
        self._viewers = 0
        self._looked_at = -inf
        self._run_id: str | None = None
        self.history = History()
        self.day = Day(at=clock.now())

    async def run(self) -> None:
        """Make pictures until cancelled; whatever goes wrong with one, the next is tried."""
        while True:
            begun = monotonic()
            self._wanted.clear()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the operator's window must not close
                _log.error("look_failed", exc_info=error)
                self._wanted.set()
            await self._rest(monotonic() - begun)

    async def _rest(self, taken_seconds: float) -> None:
        """Rest until the next second where somebody looks, and otherwise longer, until somebody does."""
        await rest(max(0.1, INTERVAL_SECONDS - taken_seconds))
        if not self._viewers:
            with suppress(TimeoutError):
                async with asyncio.timeout(UNWATCHED_SECONDS - INTERVAL_SECONDS):
                    await self._wanted.wait()

    async def pictures(self) -> AsyncIterator[Day]:
        """Yield the picture there is, and then each new one."""
        self._viewers += 1
        self._wanted.set()
        try:
            yield await self.recent()
            while True:
                await self._changed.wait()
                yield self.day
        finally:
            self._viewers -= 1

    async def recent(self) -> Day:
        """Return a picture of the last seconds: a new one is waited for where the last is older."""
        if monotonic() - self._looked_at > _FRESH_SECONDS:
            self._wanted.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._changed.wait()
        return self.day

    async def look(self) -> Day:
        """Ask everything once, at the same time, and return the new picture."""
        runs, database_up = await self._latest()
        run = runs[0] if runs else None
        self._follow(run)
        planes = await asyncio.to_thread(self._planes.all)
        asked = services_to_ask(run, planes)
        now, *services = await asyncio.gather(self._now(run), *(self._service(*each) for each in asked))
        self.day = Day(
            at=self._clock.now(),
            database_up=database_up,
            run=run,
            past=runs[1:],
            now=now,
            stock=stock_of(run, self._stock(run), now) if run else None,
            orders_per_second=self._orders(run),
            serving_per_second=self._serving_rate(now),
            services=services,
            planes=planes,
        )
        if run is not None and run.stands:
            self.history.add(self.day.at.timestamp(), point(self.day))
        self._looked_at = monotonic()
        self._changed.set()
        self._changed = asyncio.Event()
        return self.day

    async def _latest(self) -> tuple[list[Run], bool]:
        try:
            return await self._runs.latest(SHOWN_RUNS), True
        except OSError:
            last = [self.day.run, *self.day.past] if self.day.run else []
            return last, False

    def _follow(self, run: Run | None) -> None:
        run_id = run.id if run else None
        if run_id != self._run_id:
            self._run_id = run_id
            self.history.clear()
            self._serving.clear()
            self._scrapes = {key: kept for key, kept in self._scrapes.items() if key[0] == "mall"}

    async def _now(self, run: Run | None) -> Mapping[str, Any] | None:
        if run is None or not run.stands or not run.public_url:
            return None
        return await self._services.now(run.public_url, run.drop)

    async def _service(self, plane: str, name: str, url: str) -> Service:
        scrapes = self._scrapes.setdefault((plane, name), deque(maxlen=WINDOW + 1))
        text = await self._services.metrics(url)
        if text is None:
            scrapes.clear()
            return Service(plane, name, up=False)
        try:
            scrapes.append(scrape.parse(text, monotonic()))
        except scrape.NotMetrics:
            return Service(plane, name, up=False)
        if len(scrapes) == 1:
            return Service(plane, name, up=True)
        return Service(plane, name, up=True, traffic=scrape.traffic(scrapes[0], scrapes[-1]))

    def _stock(self, run: Run | None) -> Stock | None:
        if run is None:
            return None
        for (plane, _), scrapes in self._scrapes.items():
            if plane != "event" or not scrapes:
                continue
            units = {
                state: scrape.gauge(scrapes[-1], "marketday_stock_units", drop=run.drop, state=state)
                for state in ("total", "reserved", "sold")
            }
            if None not in units.values():
                return Stock(**{state: int(value or 0) for state, value in units.items()})
        return None

    def _orders(self, run: Run | None) -> float:
        if run is None:
            return 0.0
        return sum(
            scrape.rate(scrapes[0], scrapes[-1], "marketday_orders_total", drop=run.drop)
            for (plane, _), scrapes in self._scrapes.items()
            if plane == "event" and len(scrapes) > 1
        )

    def _serving_rate(self, now: Mapping[str, Any] | None) -> float:
        if now is None:
            self._serving.clear()
            return 0.0
        self._serving.append((monotonic(), float(now.get("serving_number") or 0)))
        (begun, before), (ended, after) = self._serving[0], self._serving[-1]
        return max(after - before, 0.0) / (ended - begun) if ended > begun else 0.0


def point(day: Day) -> dict[str, float | None]:
    """Return what the charts draw of a picture: people, orders a second, stock, and each service's p95 in ms."""
    now = day.now or {}
    return {
        "waiting": now.get("waiting"),
        "inside": now.get("inside"),
        "serving": now.get("serving_number"),
        "orders": day.orders_per_second if day.now else None,
        "left": day.stock.left if day.stock else None,
        "reserved": day.stock.reserved if day.stock else None,
        "sold": day.stock.sold if day.stock else None,
    } | {
        f"p95 {service.name}": round(service.traffic.p95_seconds * 1000, 2)
        if service.traffic and service.traffic.p95_seconds is not None
        else None
        for service in day.services
    }
