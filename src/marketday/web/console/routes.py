"""The console's page, its event stream, and the same data as JSON."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from json import dumps
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from marketday.kit.errors import Temporary
from marketday.web.console.collector import Collector, point
from marketday.web.console.door import Door
from marketday.web.console.model import STATES, Day, next_moment
from marketday.web.console.proof import proof_of
from marketday.web.pages import Pages, language_of

RETRY_MILLISECONDS = 1000  # a browser that lost the stream reconnects after this time
Chosen = Annotated[str | None, Query(max_length=64, description="An environment's id.")]


class MallDatabaseUnavailable(Temporary):
    """The mall's database does not answer."""

    slug = "mall-database-silent"


class Screen:
    """The picture of the day as HTML: rendered once for each language, for all viewers."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._drawn: dict[tuple[str, str], tuple[Day, str]] = {}

    def page(self, request: Request, day: Day) -> HTMLResponse:
        """Return the whole page."""
        viewer = getattr(request.state, "viewer", None)
        return self._pages.render(request, "day.html", viewer=viewer, **_context(day, self._pages.zone))

    def live(self, request: Request, day: Day) -> str:
        """Return the parts of the page that change."""
        wanted = (language_of(request), day.run.id if day.run else "")
        known = self._drawn.get(wanted)
        if known is None or known[0] is not day:
            drawn = bytes(self._pages.render(request, "live.html", **_context(day, self._pages.zone)).body).decode()
            self._drawn = {key: each for key, each in self._drawn.items() if each[0].at == day.at}
            known = self._drawn[wanted] = (day, drawn)
        return known[1]


def router(collector: Collector, pages: Pages, door: Door) -> APIRouter:
    """Return the console's routes; `Guard` checks each request before it reaches them."""
    routes = APIRouter()
    screen = Screen(pages)

    @routes.get("/", response_class=HTMLResponse)
    async def page(request: Request, environment: Chosen = None) -> HTMLResponse:
        """Show the current day of an environment, or of the one to watch first."""
        return screen.page(request, await collector.recent(environment))

    @routes.get("/stream")
    async def stream(request: Request, environment: Chosen = None) -> EventSourceResponse:
        """Send the day's history, and then each new picture."""
        events = _events(request, collector, screen, environment)
        return EventSourceResponse(door.while_open(request, events), ping=15)

    @routes.get("/v1/day")
    async def day(environment: Chosen = None) -> JSONResponse:
        """Return the current day as JSON."""
        return JSONResponse(_plain(asdict(await collector.recent(environment))))

    @routes.get("/readyz", include_in_schema=False)
    async def readyz() -> dict[str, str]:
        if not (await collector.recent()).database_up:
            raise MallDatabaseUnavailable("the console shows the last known data")
        return {"status": "ready"}

    return routes


async def _events(
    request: Request, collector: Collector, screen: Screen, environment: str | None = None
) -> AsyncIterator[ServerSentEvent]:
    followed: str | None = None
    begun = False
    async for day in collector.pictures(environment):
        run_id = day.run.id if day.run else None
        if not begun or run_id != followed:
            begun, followed = True, run_id
            yield ServerSentEvent(dumps(collector.history(day).columns()), event="history", retry=RETRY_MILLISECONDS)
        picture = {
            "at": day.at.timestamp(),
            "point": point(day) if day.run is not None and day.run.has_plane else None,
            "html": screen.live(request, day),
        }
        yield ServerSentEvent(dumps(picture), event="picture")


def _context(day: Day, zone: str) -> dict[str, Any]:
    run = day.run
    return {
        "zone": run.zone if run else zone,
        "zone_key": run.zone if run else zone,
        "day": day,
        "run": run,
        "states": STATES,
        "reached": STATES.index(run.state) if run and run.state in STATES else -1,
        "moment_ahead": next_moment(run, day.at) if run else None,
        "proof": proof_of(run.receipt.summary) if run and run.receipt else None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
