"""Expiry: reservations whose time is over give their units back to the stock.

The worker's loop `expiry` (`rounds/drops.py`) asks for it again and again. Which ones are due is decided by the
database, by its own clock and in one statement: `expiry.sql`.
"""

from datetime import datetime

from marketday.drops.postgres.database import DropDatabase
from marketday.kit.database import load_queries

MOST_AT_ONCE = 500  # so that nobody who reserves waits long for the stock's lock
_SQL = load_queries(__package__, "expiry.sql")


async def expire_due(database: DropDatabase, now: datetime | None = None, most: int = MOST_AT_ONCE) -> int:
    """Expire at most `most` reservations that were due at `now` (None means the database's time); return how many.

    Repeating it changes nothing: one that expired gives nothing back a second time.
    """
    return int(await database.value(_SQL["expire"], now, most))
