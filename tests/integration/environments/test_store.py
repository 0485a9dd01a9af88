"""The same expectations of the store in memory and of the one in PostgreSQL."""

import asyncio
from datetime import UTC, datetime

import pytest

from marketday.environments.errors import (
    DropHasEnvironment,
    OutdatedEnvironment,
    RecordsUnavailable,
    UnknownEnvironment,
)
from marketday.environments.model import Outcome, State, Step, StepRecord, requested
from marketday.environments.postgres import PostgresEnvironments
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import MemoryEnvironments

AT = datetime(2026, 12, 9, 13, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
async def store(request):
    if request.param == "memory":
        yield MemoryEnvironments()
        return
    pool = await create_pool(request.getfixturevalue("mall_database_url"), max_size=4)
    yield PostgresEnvironments(pool)
    await pool.close()


@pytest.fixture
async def environment(store):
    definition = dawn_serum()
    new = requested(new_id(), definition, definition.schedule())
    await store.add(new)
    return await store.get(new.id)


async def test_what_is_recorded_comes_back(store, environment):
    begun = environment.beginning(Step.PROVISION)
    saved = await store.save(begun, StepRecord(Step.PROVISION, Outcome.STARTED, "", AT))
    done = saved.having_done(Step.PROVISION, {"public_url": "http://event.localhost:1"}, AT)
    record = StepRecord(Step.PROVISION, Outcome.DONE, "built", AT)
    await store.save(done, record)
    found = await store.get(environment.id)
    assert found.done == {Step.PROVISION}
    assert found.last == record
    assert found.definition == environment.definition
    assert found.schedule == environment.schedule
    assert found.outputs == {"public_url": "http://event.localhost:1"}
    assert [line.outcome for line in await store.steps(environment.id)] == [Outcome.STARTED, Outcome.DONE]


async def test_a_failure_comes_back(store, environment):
    failed = environment.having_failed(Step.PROVISION, "no port", AT)
    await store.save(failed, StepRecord(Step.PROVISION, Outcome.FAILED, "no port", AT))
    found = await store.get(environment.id)
    assert (found.state, found.failed_step, found.failure, found.failures) == (
        State.FAILED,
        Step.PROVISION,
        "no port",
        1,
    )


async def test_an_outdated_hand_writes_nothing(store, environment):
    await store.save(environment.beginning(Step.PROVISION), None)
    with pytest.raises(OutdatedEnvironment):
        await store.save(environment, StepRecord(Step.PROVISION, Outcome.DONE, "", AT))
    assert await store.steps(environment.id) == []


async def test_a_drop_has_one_living_environment(store, environment):
    second = requested(new_id(), environment.definition, environment.schedule)
    with pytest.raises(DropHasEnvironment):
        await store.add(second)
    from dataclasses import replace

    await store.save(replace(environment, state=State.DESTROYED), None)
    await store.add(second)
    assert [one.id for one in await store.living()] == [second.id]
    assert [one.id for one in await store.all()] == [environment.id, second.id]


async def test_an_unknown_one_is_named(store):
    missing = new_id()
    with pytest.raises(UnknownEnvironment, match=str(missing)):
        await store.get(missing)


async def test_one_lock_an_environment(store, environment):
    async with store.lock(environment.id) as first:
        assert first
        async with store.lock(environment.id) as second:
            assert not second
        async with store.lock(new_id()) as other:
            assert other
    async with store.lock(environment.id) as again:
        assert again


async def test_without_the_lock_two_hands_do_a_step_twice_and_with_it_once(store, environment):
    async def hand(done, *, careful):
        async with store.lock(environment.id) as mine:
            if careful and not mine:
                return
            seen = (await store.get(environment.id)).done
            await asyncio.sleep(0)
            if Step.PROVISION not in seen:
                done.append(1)

    careless, careful = [], []
    await asyncio.gather(*(hand(careless, careful=False) for _ in range(3)))
    assert len(careless) > 1
    await asyncio.gather(*(hand(careful, careful=True) for _ in range(3)))
    assert len(careful) == 1


async def test_a_database_that_is_gone_is_told_as_such(mall_database_url):
    pool = await create_pool(mall_database_url, min_size=0, max_size=1)
    store = PostgresEnvironments(pool)
    await pool.close()
    with pytest.raises(RecordsUnavailable):
        await store.living()
