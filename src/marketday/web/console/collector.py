"""One collector for all viewers: it asks the services once a second while somebody looks, and keeps a picture per drop.

While nobody looks, it asks less often, only to record the history.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from time import monotonic
from typing import Any

import structlog

from marketday.kit.clock import Clock
from marketday.kit.tasks import rest
from marketday.provisioners.local.counts import service_of
from marketday.web.console.history import COARSE_SECONDS, History
from marketday.web.console.model import (
    Day,
    Plane,
    Run,
    Service,
    event_services,
    in_order,
    mall_services,
    planes_of,
    stock_of,
)
from marketday.web.console.ports import Planes, Runs, Services
from marketday.web.console.watch import PlaneScrapes

INTERVAL_SECONDS = 1.0
UNWATCHED_SECONDS = COARSE_SECONDS  # the distance of older points in the history
SHOWN_PAST = 6
_FRESH_SECONDS = 2.0
_PATIENCE_SECONDS = 5.0

_log = structlog.get_logger()


class Collector:
    """Asks the mall's database, the services and the planes, and sends the result to every viewer."""

    def __init__(
        self,
        runs: Runs,
        services: Services,
        planes: Planes,
        clock: Clock,
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._patience_seconds = patience_seconds
        self._runs, self._services, self._planes, self._clock = runs, services, planes, clock
        self._mall = PlaneScrapes("mall")
        self._watches: dict[str, PlaneScrapes] = {}
        self._changed = asyncio.Event()
        self._wanted = asyncio.Event()
        self._viewers = 0
        self._looked_at = -inf
        self._days: dict[str, Day] = {}
        self._first = Day(at=clock.now())

    async def run(self) -> None:
        """Make pictures until cancelled; if one fails, continue with the next."""
        while True:
            begun = monotonic()
            self._wanted.clear()
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the operator's page must continue to work
                _log.error("collection_failed", exc_info=error)
                self._wanted.set()
            await self._rest(monotonic() - begun)

    async def _rest(self, taken_seconds: float) -> None:
        """Wait until the next second if somebody looks; otherwise wait longer, or until somebody looks."""
        await rest(max(0.1, INTERVAL_SECONDS - taken_seconds))
        if not self._viewers:
            with suppress(TimeoutError):
                async with asyncio.timeout(UNWATCHED_SECONDS - INTERVAL_SECONDS):
                    await self._wanted.wait()

    def day(self, environment: str | None = None) -> Day:
        """Return the picture of an environment; if it is unknown, of the one to watch first."""
        return self._days.get(environment or "", self._first)

    def history(self, day: Day) -> History:
        """Return the figures of a day over time, for the charts."""
        watch = self._watches.get(day.run.id) if day.run else None
        return watch.history if watch else History()

    async def pictures(self, environment: str | None = None) -> AsyncIterator[Day]:
        """Yield the latest picture, and then each new one."""
        self._viewers += 1
        self._wanted.set()
        try:
            yield await self.recent(environment)
            while True:
                await self._changed.wait()
                yield self.day(environment)
        finally:
            self._viewers -= 1

    async def recent(self, environment: str | None = None) -> Day:
        """Return a picture that is a few seconds old at most; wait for a new one if the last is older."""
        if monotonic() - self._looked_at > _FRESH_SECONDS:
            self._wanted.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_seconds):
                    await self._changed.wait()
        return self.day(environment)

    async def look(self) -> Day:
        """Ask all services once, in parallel, and return the new picture of the environment to watch first."""
        runs, database_up = await self._latest()
        standing = [run for run in runs if run.has_plane]
        self._watches = {run.id: self._watches.get(run.id) or PlaneScrapes("event") for run in standing}
        planes = await asyncio.to_thread(self._planes.all)
        mall, *asked = await asyncio.gather(
            self._ask(self._mall, mall_services(planes)), *(self._ask_event(run, planes) for run in standing)
        )
        found = {run.id: answer for run, answer in zip(standing, asked, strict=True)}
        common = Day(self._clock.now(), database_up, runs=runs, services=mall, planes=planes)
        self._days = {run.id: self._picture(common, run, found.get(run.id)) for run in runs}
        self._first = self._days[runs[0].id] if runs else common
        self._looked_at = monotonic()
        self._changed.set()
        self._changed = asyncio.Event()
        return self._first

    async def _latest(self) -> tuple[Sequence[Run], bool]:
        try:
            return in_order(await self._runs.latest(SHOWN_PAST), self._clock.now()), True
        except OSError:
            return self._first.runs, False

    def _picture(
        self, common: Day, run: Run, answers: tuple[Mapping[str, Any] | None, Sequence[Service]] | None
    ) -> Day:
        day = replace(common, run=run, planes=planes_of(run, common.planes))
        if answers is None:
            return day
        (now, services), watch = answers, self._watches[run.id]
        day = replace(
            day,
            now=now,
            stock=stock_of(run, watch.stock(run), now),
            orders_per_second=watch.orders_per_second(run),
            serving_per_second=watch.serving_per_second(now),
            services=[*day.services, *services],
        )
        watch.history.add(day.at.timestamp(), point(day))
        return day

    async def _ask_event(self, run: Run, planes: Sequence[Plane]) -> tuple[Mapping[str, Any] | None, Sequence[Service]]:
        now, services = await asyncio.gather(
            self._now(run), self._ask(self._watches[run.id], event_services(run, planes))
        )
        return now, services

    async def _now(self, run: Run) -> Mapping[str, Any] | None:
        return await self._services.now(run.public_url, run.drop) if run.public_url else None

    async def _ask(self, watch: PlaneScrapes, services: Mapping[str, str]) -> list[Service]:
        texts = await asyncio.gather(*(self._services.metrics(url) for url in services.values()))
        answers: dict[str, dict[str, str | None]] = defaultdict(dict)
        for process, text in zip(services, texts, strict=True):
            answers[service_of(process)][process] = text
        return [watch.service(name, each) for name, each in answers.items()]


def point(day: Day) -> dict[str, float | None]:
    """Return the values for the charts: people, orders a second, stock, and each service's p95 in ms."""
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
