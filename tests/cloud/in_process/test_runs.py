"""The same expectations of every store of runs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.terraform.dynamodb import DynamoRuns
from marketday.provisioners.terraform.errors import OutdatedRun
from marketday.provisioners.terraform.model import Action, Change, Exit, Run, RunOutcome, RunState, Stack
from marketday.testing.run_table import run_table
from marketday.testing.terraform import MemoryRuns

AT = datetime(2026, 12, 9, 13, tzinfo=UTC)


@pytest.fixture(params=["memory", "dynamodb"])
def runs(request):
    if request.param == "dynamodb":
        with run_table() as table:
            yield DynamoRuns(table)
        return
    yield MemoryRuns()


def asked(environment_id, stack=Stack.EVENT, action=Action.PLAN):
    return Run(new_id(), environment_id, stack, action, "c" * 40, {"drop": "dawn-serum", "n": [1, None]}, AT)


async def test_a_run_comes_back_whole(runs):
    environment_id = new_id()
    saved = await runs.save(asked(environment_id).starting("i-0", AT))
    assert saved.version == 1
    changes = [Change(f"aws_subnet.this[{number}]", ("create",)) for number in range(300)]
    outcome = RunOutcome(
        Exit.DONE, "", "s3://b/l", changes, [{"type": "aws_db_instance"}], {"database": {"port": 5432}}
    )
    ended = await runs.save(saved.begun("i-1").ended(outcome, AT))
    found = await runs.latest(environment_id, Stack.EVENT)
    assert found == ended
    assert found.hosts == {"i-0": AT.isoformat()}
    assert (found.state, found.host, found.outputs["database"]) == (RunState.DONE, "i-1", {"port": 5432})
    assert len(found.changes) == 300


async def test_the_newest_of_a_stack_is_the_latest(runs):
    environment_id = new_id()
    assert await runs.latest(environment_id, Stack.EVENT) is None
    first = await runs.save(asked(environment_id))
    link = await runs.save(asked(environment_id, Stack.LINK))
    last = await runs.save(replace(asked(environment_id, action=Action.APPLY), plan_of=first.id))
    await runs.save(asked(new_id()))
    assert await runs.latest(environment_id, Stack.EVENT) == last
    assert await runs.latest(environment_id, Stack.LINK) == link
    assert list(await runs.of_environment(environment_id)) == [first, link, last]


async def test_an_outdated_hand_writes_nothing(runs):
    run = await runs.save(asked(new_id()))
    await runs.save(run.waiting("host pending"))
    with pytest.raises(OutdatedRun):
        await runs.save(run.waiting("something else"))
    with pytest.raises(OutdatedRun):
        await runs.save(replace(run, version=0))
    assert (await runs.latest(run.environment_id, Stack.EVENT)).detail == "host pending"
