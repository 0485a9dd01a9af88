"""A fake environment for the console: its calls are answered from plain attributes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from marketday.accounts.service import Accounts
from marketday.kit.clock import Clock
from marketday.web.console.collector import Collector
from marketday.web.console.door import Door, Guard
from marketday.web.console.model import Plane, Process, Run, Step
from marketday.web.console.routes import router
from marketday.web.console.sign_in import sign_in_pages
from marketday.web.files import mount_files
from marketday.web.pages import Pages
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.sessions import SignInCookies
from marketday.web.site import Site

OPENS = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)


def a_run(**changes: Any) -> Run:
    """Return a run of an open drop, with `changes`."""
    facts: dict[str, Any] = {
        "id": "01936f3e-7b7a-7d4e-9c7f-2f5d1c9a0b11",
        "drop": "dawn-serum",
        "name_ko": "새벽 세럼",
        "name_en": "Dawn Serum",
        "state": "open",
        "opens_at": OPENS,
        "closes_at": OPENS + timedelta(hours=1),
        "schedule": {
            "build_at": OPENS - timedelta(hours=20),
            "opens_at": OPENS,
            "closes_at": OPENS + timedelta(hours=1),
        },
        "units": 400,
        "public_url": "http://event.test",
        "services": {},
        "zone": "Asia/Seoul",
        "failed_step": None,
        "failure": None,
        "steps": [Step("provision", "done", OPENS - timedelta(minutes=9), OPENS - timedelta(minutes=8), "six up", 1)],
    }
    return Run(**(facts | changes))


class ServiceMetrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["service", "route", "status"]
        self.seconds = Histogram("marketday_request_seconds", "t", labels, registry=self.registry)
        self.orders = Counter("marketday_orders_total", "t", ["drop"], registry=self.registry)
        self.stock = Gauge("marketday_stock_units", "t", ["drop", "state"], registry=self.registry)

    def text(self) -> str:
        """Return the metrics as the service would show them."""
        return generate_latest(self.registry).decode()


class World:
    """The console's `Runs`, `Services` and `Planes` at once."""

    def __init__(self) -> None:
        self.run_list = [a_run()]
        self.database_up = True
        self.document: dict[str, Any] | None = {
            "phase": "open",
            "waiting": 1234,
            "inside": 56,
            "serving_number": 789,
            "left": 300,
        }
        self.counted = {"mall": ServiceMetrics(), "store": ServiceMetrics()}
        self.silent: set[str] = set()
        self.asked = 0

    async def latest(self, count: int) -> list[Run]:
        """See `Runs.latest`."""
        if not self.database_up:
            raise OSError("no database")
        gone = [run for run in self.run_list if run.state == "destroyed"]
        shown = gone[len(gone) - min(count, len(gone)) :]
        return [run for run in self.run_list if run.state != "destroyed" or run in shown]

    async def metrics(self, base_url: str) -> str | None:
        """See `Services.metrics`."""
        name = base_url.removeprefix("http://")
        return self.counted[name].text() if name in self.counted and name not in self.silent else None

    async def now(self, public_url: str, drop: str) -> Mapping[str, Any] | None:  # noqa: ARG002 - one drop is enough
        """See `Services.now`."""
        self.asked += 1
        return self.document

    def all(self) -> Sequence[Plane]:
        """See `Planes.all`."""
        event = [Process("gate", True, 11, 0), Process("store", "store" not in self.silent, 12, 3)]
        name = next((run.id for run in self.run_list if run.has_plane), "gone")
        return [
            Plane("mall", "mall", True, [Process("postgres", True, 10, 0)], {"mall": "http://mall"}),
            Plane("event", name, True, event, {"store": "http://store"}),
        ]


def console_app(collector: Collector, accounts: Accounts, clock: Clock, url: str) -> FastAPI:
    """Return a console at `url`, with a world and accounts that the test controls."""
    pages = Pages("console", zone="Asia/Seoul", viewer=None)
    door = Door(accounts, SignInCookies(secure=False), clock)
    app = FastAPI(openapi_url=None)
    install_problems(app, pages)
    app.add_middleware(Guard, door=door)
    install_requests(app, "console", Site(url))
    mount_files(app)
    app.include_router(sign_in_pages(door, pages))
    app.include_router(router(collector, pages, door))
    return app
