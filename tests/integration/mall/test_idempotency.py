"""Writes that may be repeated, in two processes that share a database."""

from datetime import UTC, datetime

import pytest

from marketday.kit.database import create_pool
from marketday.kit.idempotency import IdempotencyConflict
from marketday.kit.ids import new_id
from marketday.testing.clock import FakeClock
from marketday.web.mall.idempotency import Idempotency, KeptAnswer
from marketday.web.mall.postgres import PostgresAnswers


async def test_a_write_is_done_once(mall_database_url: str):
    pool = await create_pool(mall_database_url, max_size=2)
    clock, owner, done = FakeClock(datetime(2026, 12, 10, tzinfo=UTC)), new_id(), []
    processes = [Idempotency(PostgresAnswers(pool), clock, b"secret") for _ in range(2)]

    async def work(subject):
        done.append(subject)
        return KeptAnswer(201, {"id": str(subject)})

    try:
        answers = [await each.run(owner, "key", b"body", work) for each in processes]
        clock.advance(3600)
        answers.append(await processes[0].run(owner, "key", b"body", work))
        with pytest.raises(IdempotencyConflict):
            await processes[1].run(owner, "key", b"another body", work)
    finally:
        await pool.close()
    assert len(done) == 1
    assert answers == [KeptAnswer(201, {"id": str(done[0])})] * 3
