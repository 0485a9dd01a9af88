"""The latest metrics of one plane's services, and the rates computed from them."""

from collections import deque
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from marketday.telemetry import scrape
from marketday.web.console.history import History
from marketday.web.console.model import Run, Service, Stock

WINDOW = 5  # scrapes kept for each service: rates and quantiles are computed between the first and the last


class PlaneScrapes:
    """One plane's scrapes, and for an event plane the history of its day."""

    def __init__(self, plane: str) -> None:
        self.history = History()
        self._plane = plane
        self._scrapes: dict[str, deque[scrape.Scrape]] = {}
        self._serving: deque[tuple[float, float]] = deque(maxlen=WINDOW + 1)

    def service(self, name: str, texts: Mapping[str, str | None]) -> Service:
        """Add the metrics of a service's processes, and return the service's current figures.

        A process that did not answer has None. The service is up while one of its processes answers.
        """
        scrapes = self._scrapes.setdefault(name, deque(maxlen=WINDOW + 1))
        at = monotonic()
        answered = {process: found for process, text in texts.items() if (found := _read(text, at)) is not None}
        if not answered:
            scrapes.clear()
            return Service(self._plane, name, up=False)
        scrapes.append(scrape.together(answered, at))
        if len(scrapes) == 1:
            return Service(self._plane, name, up=True)
        return Service(self._plane, name, up=True, traffic=scrape.traffic(scrapes[0], scrapes[-1]))

    def stock(self, run: Run) -> Stock | None:
        """Return the units that the store or the worker of this plane has counted."""
        for scrapes in self._latest():
            units = {
                state: scrape.gauge(scrapes[-1], "marketday_stock_units", drop=run.drop, state=state)
                for state in ("total", "reserved", "sold")
            }
            if None not in units.values():
                return Stock(**{state: int(value or 0) for state, value in units.items()})
        return None

    def orders_per_second(self, run: Run) -> float:
        """Return the latest number of orders a second."""
        return sum(
            scrape.rate(scrapes[0], scrapes[-1], "marketday_orders_total", drop=run.drop)
            for scrapes in self._latest()
            if len(scrapes) > 1
        )

    def serving_per_second(self, now: Mapping[str, Any] | None) -> float:
        """Add the public document, and return how fast the serving number moved lately."""
        if now is None:
            self._serving.clear()
            return 0.0
        self._serving.append((monotonic(), float(now.get("serving_number") or 0)))
        (begun, before), (ended, after) = self._serving[0], self._serving[-1]
        return max(after - before, 0.0) / (ended - begun) if ended > begun else 0.0

    def _latest(self) -> Sequence[deque[scrape.Scrape]]:
        return [scrapes for scrapes in self._scrapes.values() if scrapes]


def _read(text: str | None, at: float) -> scrape.Scrape | None:
    try:
        return None if text is None else scrape.parse(text, at)
    except scrape.NotMetrics:
        return None
