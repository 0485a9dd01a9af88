"""The same expectations of the store in memory, of the one in PostgreSQL, and of the one in DynamoDB."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from marketday.environments.dynamodb.store import LEASE, DynamoEnvironments, _item
from marketday.environments.dynamodb.table import Table
from marketday.environments.errors import (
    DropHasEnvironment,
    OutdatedEnvironment,
    RecordsUnavailable,
    UnknownEnvironment,
)
from marketday.environments.model import Outcome, State, Step, StepRecord, requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import MemoryEnvironments
from marketday.testing.run_table import run_table

AT = datetime(2026, 12, 9, 13, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres", "dynamodb"])
async def store(request):
    if request.param == "memory":
        yield MemoryEnvironments()
        return
    if request.param == "dynamodb":
        with run_table() as table:
            yield DynamoEnvironments(table, SystemClock())
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
    await store.save(replace(environment, state=State.DESTROYED), None)
    await store.add(second)
    assert [one.id for one in await store.living()] == [second.id]
    assert [one.id for one in await store.all()] == [environment.id, second.id]


async def test_a_destroyed_one_that_is_written_once_more_leaves_the_next_one_living(store, environment):
    destroyed = await store.save(replace(environment, state=State.DESTROYED), None)
    second = requested(new_id(), environment.definition, environment.schedule)
    await store.add(second)
    await store.save(destroyed.having_told(["recovered:destroy:1"]), None)
    assert [one.id for one in await store.living()] == [second.id]
    with pytest.raises(DropHasEnvironment):
        await store.add(requested(new_id(), environment.definition, environment.schedule))


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
    everyone = asyncio.Barrier(3)

    async def hand(done, *, careful):
        async with store.lock(environment.id) as mine:
            await everyone.wait()  # each has its answer before one of them lets go
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


async def test_everything_that_is_recorded_comes_back(store, environment):
    told = environment.having_failed(Step.WINDOW, "the copy differs", AT).having_told(["failed:window:1", "go:smoke:2"])
    saved = await store.save(told.living_until(AT), None)
    assert (saved.failed_at, saved.failed_step, saved.failure) == (AT, Step.WINDOW, "the copy differs")
    assert saved.told == {"failed:window:1", "go:smoke:2"}
    assert saved.schedule.destroy_at == AT
    assert saved.version == environment.version + 1


async def test_a_started_step_goes_on_in_its_own_line(store, environment):
    for detail in ("", "2 payments open", "1 payment open"):
        environment = await store.save(environment, StepRecord(Step.DRAIN, Outcome.STARTED, detail, AT))
    assert [(line.detail, line.at) for line in await store.steps(environment.id)] == [("1 payment open", AT)]


async def test_a_lease_of_a_killed_hand_ends_by_itself():
    clock = FakeClock(AT)
    with run_table() as table:
        store = DynamoEnvironments(table, clock)
        environment_id = new_id()
        killed = store.lock(environment_id)
        assert await killed.__aenter__()  # and nobody will ever leave it
        async with store.lock(environment_id) as mine:
            assert not mine
        clock.advance(LEASE.total_seconds() + 1)
        async with store.lock(environment_id) as mine:
            assert mine
        await killed.__aexit__(None, None, None)  # its renewal does not outlive the test


async def test_a_table_that_is_not_there_is_told_as_such():
    with run_table() as table:
        store = DynamoEnvironments(Table(table._client, "another"), SystemClock())
        with pytest.raises(RecordsUnavailable, match="another"):
            await store.living()


async def test_the_living_are_found_without_a_look_at_those_that_ended():
    definition = dawn_serum()
    ended, others = [requested(new_id(), definition, definition.schedule()) for _ in range(1000)], []
    with run_table() as table:
        store = DynamoEnvironments(table, SystemClock())
        for one in ended:  # not in transactions, for which the stand-in copies its whole table
            item = table._item(_item(replace(one, state=State.DESTROYED), version=9))
            table._client.put_item(TableName=table._name, Item=item)
        for slug in ("noon-serum", "dusk-serum"):
            of_drop = definition.model_copy(update={"slug": slug})
            others.append(requested(new_id(), of_drop, definition.schedule()))
            await store.add(others[-1])
        reads, ask = [], table._ask

        async def counted(operation, **arguments):
            reads.append(operation)
            return await ask(operation, **arguments)

        table._ask = counted
        assert [one.id for one in await store.living()] == [one.id for one in others]
        assert len(reads) <= 1 + 2 * len(others)
        reads.clear()
        assert len(await table.query("environment")) == 1002
        assert len(reads) > 1  # which is more than one page
