"""One suite for every brake on sign-ins."""

import asyncio

import pytest
from redis.asyncio import Redis

from marketday.accounts.valkey import ValkeySignInBrake
from marketday.testing.accounts import MemorySignInBrake


@pytest.fixture
async def client(valkey_url):
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["memory", "valkey"])
def brake(request):
    if request.param == "memory":
        return MemorySignInBrake(attempts=3, window_seconds=60)
    return ValkeySignInBrake(request.getfixturevalue("client"), attempts=3, window_seconds=60)


async def test_the_fourth_attempt_waits(brake):
    assert [await brake.press("a@x.kr", "1") for _ in range(3)] == [0, 0, 0]
    assert 0 < await brake.press("a@x.kr", "1") <= 60


async def test_another_account_or_address_is_counted_apart(brake):
    for _ in range(4):
        await brake.press("a@x.kr", "1")
    assert await brake.press("a@x.kr", "2") == 0
    assert await brake.press("b@x.kr", "1") == 0


async def test_all_at_once_are_all_counted(brake):
    waits = await asyncio.gather(*(brake.press("a@x.kr", "1") for _ in range(50)))
    assert sum(wait == 0 for wait in waits) == 3


async def test_a_released_brake_counts_from_the_start(brake):
    for _ in range(4):
        await brake.press("a@x.kr", "1")
    await brake.release("a@x.kr", "1")
    assert await brake.press("a@x.kr", "1") == 0


async def test_the_count_ends_with_its_window_and_names_nobody(client):
    brake = ValkeySignInBrake(client, attempts=3, window_seconds=60)
    await brake.press("mina@example.com", "192.0.2.1")
    (key,) = await client.keys("*")
    assert b"mina" not in key
    assert 0 < await client.ttl(key) <= 60


async def test_without_valkey_people_still_sign_in():
    async with Redis(host="127.0.0.1", port=1) as nowhere:
        brake = ValkeySignInBrake(nowhere)
        assert await brake.press("a@x.kr", "1") == 0
        await brake.release("a@x.kr", "1")
