"""A crowd that asks at once costs one reading."""

import asyncio
from datetime import UTC, datetime

import pytest

from marketday.kit.fresh import Fresh
from marketday.testing.clock import FakeClock


class Source:
    def __init__(self):
        self.reads = 0
        self.answers = asyncio.Event()
        self.trouble = None

    async def read(self):
        self.reads += 1
        await self.answers.wait()
        if self.trouble:
            raise self.trouble
        return self.reads


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def clock():
    return FakeClock(datetime(2026, 12, 10, tzinfo=UTC))


@pytest.fixture
def fresh(source, clock):
    return Fresh(source.read, seconds=10, clock=clock)


async def _asked(fresh, count):
    waiting = [asyncio.create_task(fresh.get()) for _ in range(count)]
    await asyncio.sleep(0)
    return waiting


async def test_all_who_ask_at_once_share_one_reading_also_a_slow_one(fresh, source, clock):
    waiting = await _asked(fresh, 50)
    clock.advance(60)
    waiting += await _asked(fresh, 50)
    source.answers.set()
    assert set(await asyncio.gather(*waiting)) == {1}


async def test_it_is_read_again_when_it_is_old(fresh, source, clock):
    source.answers.set()
    assert await fresh.get() == 1
    clock.advance(9.9)
    assert await fresh.get() == 1
    clock.advance(0.1)
    assert await fresh.get() == 2


async def test_a_failure_is_told_to_all_who_waited_and_not_kept(fresh, source):
    source.trouble = OSError("away")
    waiting = await _asked(fresh, 5)
    source.answers.set()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert told == [source.trouble] * 5
    assert source.reads == 1
    source.trouble = None
    assert await fresh.get() == 2


async def test_whoever_goes_away_leaves_the_others_their_answer(fresh, source):
    gone, stays = await _asked(fresh, 2)
    gone.cancel()
    await asyncio.wait([gone])
    source.answers.set()
    assert await stays == 1


async def test_a_failure_that_nobody_waited_for_is_not_kept(fresh, source):
    source.trouble = OSError("away")
    (gone,) = await _asked(fresh, 1)
    gone.cancel()
    await asyncio.wait([gone])
    ((reading, _),) = fresh._readings.values()
    source.answers.set()
    await asyncio.wait([reading])
    source.trouble = None
    assert await fresh.get() == 2


async def test_a_reading_that_was_cut_off_is_begun_again(fresh, source):
    async def cut_off():
        source.reads += 1
        raise asyncio.CancelledError

    working, fresh._read = fresh._read, cut_off
    with pytest.raises(asyncio.CancelledError):
        await fresh.get()
    source.answers.set()
    fresh._read = working
    assert await fresh.get() == 2


async def test_what_is_forgotten_is_read_again_also_while_it_is_read(fresh, source):
    (early,) = await _asked(fresh, 1)
    fresh.forget()
    (late,) = await _asked(fresh, 1)
    source.answers.set()
    await asyncio.wait([early])
    await late
    assert source.reads == 2
    assert await fresh.get() == await late
    assert source.reads == 2


async def test_a_clock_that_is_set_back_keeps_nothing_for_ever(fresh, source, clock):
    source.answers.set()
    assert await fresh.get() == 1
    clock.advance(-3600)
    assert await fresh.get() == 2


async def test_things_are_read_apart_and_what_fails_is_not_kept(clock):
    reads = []

    async def read(name):
        reads.append(name)
        if name == "none":
            raise KeyError(name)
        return name.upper()

    fresh = Fresh(read, seconds=10, clock=clock)
    assert [await fresh.get(name) for name in ("tea", "cup", "tea")] == ["TEA", "CUP", "TEA"]
    for _ in range(2):
        with pytest.raises(KeyError):
            await fresh.get("none")
    assert reads == ["tea", "cup", "none", "none"]
    assert len(fresh._readings) == 2
