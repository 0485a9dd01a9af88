"""One suite for every brake on sign-ins."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from marketday.accounts.brake import Count
from marketday.accounts.valkey import ValkeySignInBrake
from marketday.testing.accounts import MemorySignInBrake

ACCOUNT = Count("account a@x.kr", 3, cleared=True)
OTHER = Count("account b@x.kr", 3, cleared=True)
NETWORK = Count("network 1", 5, cleared=False)


@pytest.fixture
async def client(valkey_url):
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["memory", "valkey"])
def brake(request):
    if request.param == "memory":
        return MemorySignInBrake(window_seconds=60)
    return ValkeySignInBrake(request.getfixturevalue("client"), window_seconds=60)


async def test_the_first_attempt_above_a_limit_waits(brake):
    assert [await brake.press([ACCOUNT]) for _ in range(3)] == [0, 0, 0]
    assert 0 < await brake.press([ACCOUNT]) <= 60
    assert await brake.press([OTHER]) == 0


async def test_whichever_limit_is_reached_refuses_and_what_is_refused_counts_nowhere(brake):
    for _ in range(3):
        await brake.press([ACCOUNT, NETWORK])
    for _ in range(9):
        assert await brake.press([ACCOUNT, NETWORK]) > 0
    assert [await brake.press([NETWORK]) for _ in range(2)] == [0, 0]
    assert await brake.press([OTHER, NETWORK]) > 0
    assert await brake.press([OTHER]) == 0


async def test_all_at_once_are_all_counted(brake):
    waits = await asyncio.gather(*(brake.press([NETWORK, ACCOUNT]) for _ in range(50)))
    assert sum(wait == 0 for wait in waits) == 3


async def test_a_success_clears_the_account_and_takes_back_its_own_attempt_at_the_network(brake):
    for _ in range(3):
        await brake.press([ACCOUNT, NETWORK])
    await brake.release([ACCOUNT, NETWORK])
    assert [await brake.press([ACCOUNT]) == 0 for _ in range(4)] == [True, True, True, False]
    assert [await brake.press([NETWORK]) == 0 for _ in range(4)] == [True, True, True, False]


async def test_a_success_without_an_attempt_leaves_no_credit(brake):
    await brake.release([NETWORK])
    assert [await brake.press([NETWORK]) == 0 for _ in range(6)] == [True] * 5 + [False]


async def test_the_counts_end_with_their_window_and_name_nobody(client):
    brake = ValkeySignInBrake(client, window_seconds=60)
    await brake.release([NETWORK])
    await brake.press([ACCOUNT, NETWORK])
    await brake.release([NETWORK])
    keys = await client.keys("*")
    assert len(keys) == 2
    for key in keys:
        assert b"x.kr" not in key
        assert 0 < await client.ttl(key) <= 60


async def test_refused_attempts_do_not_make_the_window_longer(client):
    brake = ValkeySignInBrake(client, window_seconds=60)
    for _ in range(3):
        await brake.press([ACCOUNT])
    (key,) = await client.keys("*")
    await client.expire(key, 20)
    assert await brake.press([ACCOUNT]) <= 20
    assert await client.ttl(key) <= 20


async def test_without_valkey_people_still_sign_in():
    async with Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0)) as nowhere:
        brake = ValkeySignInBrake(nowhere)
        assert await brake.press([ACCOUNT]) == 0
        await brake.release([ACCOUNT])
