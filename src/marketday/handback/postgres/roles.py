"""Roles that exist for a window: in the drop's database to read it, in the mall's to own the staging schema.

The owner may be a superuser, or, as on RDS, a role that may only make other roles: such an owner has to be a member of
a role before it can end the role's sessions and drop what the role owns.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from marketday.kit.database import load_queries
from marketday.kit.scram import scram_verifier

_SQL = load_queries(__package__)


async def make_role(owner: Any, role: str, password: str, until: datetime, sessions: int) -> None:
    """Make `role`, or change its password and end if it exists; it may have `sessions` sessions at the same time."""
    known = await owner.fetchval(_SQL["has_role"], role)
    statement = _SQL["renew_role" if known else "make_role"]
    verifier = scram_verifier(password)
    await owner.execute(await owner.fetchval(statement, role, verifier, until.isoformat(), sessions))


def with_credential(url: str, role: str, password: str) -> str:
    """Return the address of the same database for another role."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{place}"))


async def remove_role(owner: Any, role: str, *, keep_owned: bool = False) -> int:
    """End the role's sessions, and drop it with its rights; return how many sessions there were.

    What it owns is dropped too; with `keep_owned` the owner gets it.
    """
    if not await owner.fetchval(_SQL["has_role"], role):
        return 0
    await owner.execute(await owner.fetchval(_SQL["join_role"], role))
    ended = await owner.fetch(_SQL["end_sessions"], role)
    async with owner.transaction():
        if keep_owned:
            await owner.execute(await owner.fetchval(_SQL["keep_owned"], role))
        for statement in await owner.fetchval(_SQL["drop_role"], role):
            await owner.execute(statement)
    return len(ended)
