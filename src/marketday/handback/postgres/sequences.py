"""Move sequences beyond every copied value.

Neither a copy nor DMS moves a sequence: it brings values, and the sequence of the column stays where it was, so that
the next row that the mall makes by itself would take a value that is taken. Today no table that comes home has one.
The catalogue is asked every time, so that the first that has one is safe too.
"""

from typing import Any

from marketday.handback.model import Window
from marketday.handback.tables import PROMOTED
from marketday.kit.database import load_queries

_SQL = load_queries(__package__)


async def advance(connection: Any, window: Window) -> list[str]:
    """Move the sequences of promoted and staged tables forward, never back; return those that moved.

    To be called in the transaction that brought the values in. Only a sequence that is behind is held for the rest of
    that transaction, so that nobody takes a value between the look and the move.
    """
    moved = []
    for owned in await connection.fetch(_SQL["sequences"], list(PROMOTED), window.staging):
        furthest = await connection.fetchval(owned["furthest"])
        if furthest is None or not await connection.fetchval(owned["behind"], furthest):
            continue
        await connection.execute(owned["hold"])
        if await connection.fetchval(owned["behind"], furthest):
            await connection.execute(_SQL["set_sequence"], owned["sequence"], furthest)
            moved.append(str(owned["sequence"]))
    return moved
