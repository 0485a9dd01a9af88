"""Expiry: the units of reservations that have expired go back to the stock.

The worker's loop `expiry` (`rounds/drops.py`) calls this again and again. The database decides which reservations are
due, by its own clock and in one statement: `expiry.sql`.
"""

from datetime import datetime

from marketday.drops.postgres.database import DropDatabase
from marketday.kit.database import load_queries

MOST_AT_ONCE = 500  # few enough that nobody who reserves waits long for the stock's lock
_SQL = load_queries(__package__, "expiry.sql")


async def expire_due(database: DropDatabase, now: datetime | None = None, most: int = MOST_AT_ONCE) -> int:
    """Expire at most `most` reservations that were due at `now` (None means the database's time); return how many.

    Repeating it changes nothing: a reservation gives its units back only once.
    """
    return int(await database.value(_SQL["expire"], now, most))
