"""Environments in the run table, mirrored into the mall's database."""

from datetime import UTC, datetime

import pytest

from marketday.environments.dynamodb.store import DynamoEnvironments
from marketday.environments.model import Outcome, State, Step, StepRecord, requested
from marketday.environments.postgres.mirror import MirroredEnvironments
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.clock import SystemClock
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.testing.definitions import dawn_serum
from marketday.testing.run_table import run_table

AT = datetime(2026, 12, 9, 13, tzinfo=UTC)


@pytest.fixture
async def mall(mall_database_url):
    pool = await create_pool(mall_database_url, max_size=4)
    yield pool
    await pool.close()


async def test_the_mall_sees_what_another_hand_recorded(mall):
    with run_table() as table:
        truth = DynamoEnvironments(table, SystemClock())
        mirrored, shadow = MirroredEnvironments(truth, mall), PostgresEnvironments(mall)
        definition = dawn_serum()
        environment = requested(new_id(), definition, definition.schedule())
        await truth.add(environment)  # the Lambda's hand
        begun = environment.beginning(Step.PROVISION)
        await truth.save(begun, StepRecord(Step.PROVISION, Outcome.STARTED, "", AT))
        seen = await mirrored.get(environment.id)
        assert await shadow.get(environment.id) == seen
        done = seen.having_done(Step.PROVISION, {"public_url": "https://event.example"}, AT)
        saved = await mirrored.save(done, StepRecord(Step.PROVISION, Outcome.DONE, "built", AT))
        assert await shadow.get(environment.id) == saved == await truth.get(environment.id)
        assert await shadow.steps(environment.id) == await truth.steps(environment.id)
        assert await mirrored.living() == [saved]
        # What the mall's own tables refer to is there.
        await mall.execute("INSERT INTO allocations VALUES ($1, 'DAWN-SERUM-30', 3, NULL)", environment.id)


async def test_what_another_hand_destroyed_leaves_the_drop_free_for_its_next_environment(mall):
    with run_table() as table:
        truth = DynamoEnvironments(table, SystemClock())
        mirrored, shadow = MirroredEnvironments(truth, mall), PostgresEnvironments(mall)
        definition = dawn_serum()
        first, second = (requested(new_id(), definition, definition.schedule()) for _ in range(2))
        await truth.add(first)
        [seen] = await mirrored.living()
        gone = seen.having_done(Step.DESTROY, {}, AT)
        await truth.save(gone, StepRecord(Step.DESTROY, Outcome.DONE, "nothing is left", AT))
        await truth.add(second)
        for hand in (mirrored, MirroredEnvironments(truth, mall)):  # one that looked before, and one that begins
            assert [one.id for one in await hand.living()] == [second.id]
        assert (await shadow.get(first.id)).state is State.DESTROYED
        assert [one.id for one in await shadow.living()] == [second.id]


async def test_an_environment_that_only_the_mall_knows_is_left_alone(mall):
    with run_table() as table:
        definition = dawn_serum()
        own = requested(new_id(), definition, definition.schedule())
        await PostgresEnvironments(mall).add(own)
        assert await MirroredEnvironments(DynamoEnvironments(table, SystemClock()), mall).living() == []
