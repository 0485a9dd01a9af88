"""The worker's lock outlives whatever its database does; tests/integration/rounds has the lock itself."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from marketday.rounds import postgres as worker_lock

LONGEST_SECONDS = 20


class Connection:
    """One that gives the lock, and breaks `breaking` when it is asked for a sign of life."""

    def __init__(self, breaking):
        self.breaking = breaking

    async def fetchval(self, query, *_, timeout=None):
        del timeout
        if "lock" not in query and self.breaking is not None:
            raise self.breaking
        return True

    def terminate(self):
        return


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ProtocolError("the server died between two of its answers"),
        asyncpg.ConnectionDoesNotExistError("closed in the middle"),
        ConnectionResetError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whoever_loses_the_connection_competes_again(error, monkeypatch):
    connections = iter([Connection(error)])
    begun = asyncio.Queue()

    async def connect(url, **_):
        del url
        return next(connections, Connection(None))

    async def work():
        begun.put_nowait("begun")
        await asyncio.Event().wait()

    monkeypatch.setattr(worker_lock, "connect", connect)
    monkeypatch.setattr(worker_lock, "CHECK_SECONDS", 0.01)
    lock = worker_lock.WorkerLock("postgresql://drop")
    task = asyncio.create_task(lock.act_alone(work))
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await begun.get()
            await begun.get()
        assert lock.acting
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
