import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from marketday.kit.server_clock import ServerClock
from marketday.testing.clock import FakeClock

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)


class Server:
    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead
        self.answers = True

    async def time(self) -> datetime:
        if not self.answers:
            raise ConnectionError("gone")
        return NOON + self.ahead


@pytest.mark.parametrize("minutes", [-5, 5])
async def test_a_clock_that_is_wrong_is_corrected_to_the_servers(minutes: int):
    server = Server(timedelta(minutes=minutes))
    clock = ServerClock(FakeClock(NOON), server.time)
    assert clock.now() == NOON
    await clock.measure()
    assert abs(clock.now() - NOON - timedelta(minutes=minutes)) < timedelta(seconds=1)


async def test_a_small_difference_is_none():
    clock = ServerClock(FakeClock(NOON), Server(timedelta(milliseconds=200)).time)
    await clock.measure()
    assert clock.now() == NOON


async def test_the_last_difference_counts_while_the_server_is_away_and_a_start_waits_for_the_first():
    server = Server(timedelta(minutes=5))
    clock = ServerClock(FakeClock(NOON), server.time)
    async with clock.kept():
        assert clock.now() > NOON + timedelta(minutes=4)
        server.answers = False
        with pytest.raises(ConnectionError):
            await clock.measure()
        assert clock.now() > NOON + timedelta(minutes=4)
    async with asyncio.timeout(60), clock.kept():  # it starts although the server does not answer
        assert clock.now() > NOON + timedelta(minutes=4)
