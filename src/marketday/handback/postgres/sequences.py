"""Move sequences beyond every copied value.

Neither a copy nor DMS moves a sequence: it copies values, and the sequence of the column stays behind, so that the
mall's next row would get a value that is already used. Today no copied table has a sequence. The database's catalogue
is read every time, so that the first one will be safe too.
"""

from typing import Any

from marketday.handback.model import Window
from marketday.handback.tables import PROMOTED
from marketday.kit.database import load_queries

_SQL = load_queries(__package__)


async def advance(connection: Any, window: Window) -> list[str]:
    """Move the sequences of promoted and staged tables forward, never back; return those that moved.

    To be called in the transaction that brought the values in. Only a sequence that is behind is held for the rest of
    that transaction, so that no value is taken between the check and the move.
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
