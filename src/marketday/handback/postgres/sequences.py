"""Move sequences beyond every copied value.

A copy brings values into a column, but does not move the column's sequence, with DMS or without: the mall's next row
would get a value that is already used. Today no copied table has a sequence. We read the database's catalogue every
time, so that a sequence that is added later is moved too.
"""

from typing import Any

from marketday.handback.model import Window
from marketday.handback.tables import PROMOTED
from marketday.kit.database import load_queries

_SQL = load_queries(__package__)


async def advance(connection: Any, window: Window) -> list[str]:
    """Move the sequences of promoted and staged tables forward, never back; return those that moved.

    Call it in the transaction that inserted the values. A sequence that is behind is locked for the rest of that
    transaction, so that no value is taken between the check and the move.
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
