"""Report that the mall's database is unavailable; a library's error would look like a mistake in our code."""

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response

from marketday.kit.errors import MarketdayError, Temporary
from marketday.kit.outages import AWAY

_log = structlog.get_logger()


class DatabaseAway(Temporary):
    """The mall's database does not answer."""

    slug = "database-away"


def install_outage(app: FastAPI) -> None:
    """Show people that the database is unavailable; a library's error would look like a mistake in our code."""

    async def away(request: Request, error: Exception) -> Response:
        _log.warning("database_away", problem=type(error).__name__)
        answer: Any = app.exception_handlers[MarketdayError]
        response: Response = await answer(request, DatabaseAway(retry_after=1))
        return response

    for error in AWAY:
        app.add_exception_handler(error, away)
