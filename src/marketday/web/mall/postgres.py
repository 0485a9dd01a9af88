"""Answers to idempotency keys, stored in PostgreSQL."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from marketday.kit.database import load_queries
from marketday.web.mall.idempotency import Claim, KeptAnswer

_SQL = load_queries(__package__)


class PostgresAnswers:
    """Keeps answers by owner and key in the mall's database."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        """Work on the connections of `pool`."""
        self._pool = pool

    async def claim(
        self, owner: UUID, key: str, wish: Claim, now: datetime, stale_before: datetime
    ) -> tuple[Claim, bool]:
        """Store `wish`, or return the claim that exists; the second value says whether the caller does the work.

        If a claim has no answer and was made before `stale_before`, a request with the same fingerprint takes it over.
        The claim keeps the id of its subject.
        """
        while True:
            row = await self._pool.fetchrow(
                _SQL["claim_key"], owner, key, wish.fingerprint, wish.subject_id, now, stale_before
            )
            if row is not None:
                return _claim(row), True
            row = await self._pool.fetchrow(_SQL["find_key"], owner, key)
            if row is not None:  # otherwise it was removed between the two statements: claim again
                return _claim(row), False

    async def keep(self, owner: UUID, key: str, answer: KeptAnswer) -> None:
        """Store the answer of a claim."""
        body = json.dumps(answer.body)  # as text: jsonb would change the order of the members
        kept = {"body": body, "refused": answer.refused}
        await self._pool.execute(_SQL["keep_answer"], owner, key, answer.status, kept)

    async def abandon(self, owner: UUID, key: str, as_of: datetime) -> None:
        """Set the time of a claim without an answer to `as_of`, so that the next request takes it over."""
        await self._pool.execute(_SQL["abandon_key"], owner, key, as_of)

    async def forget(self, before: datetime) -> int:
        """Remove the claims made before a moment, and return how many."""
        return int((await self._pool.execute(_SQL["forget_keys"], before)).split()[-1])


def _claim(row: Any) -> Claim:
    kept = row["answer"]
    answer = None if kept is None else KeptAnswer(row["status"], json.loads(kept["body"]), kept["refused"])
    return Claim(row["fingerprint"], row["subject_id"], answer)
