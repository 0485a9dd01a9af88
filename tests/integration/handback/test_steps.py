"""One suite for the lifecycle's hand-back: the tests' own, in files, behaves as the real one."""

import pytest

from marketday.environments.ports import Access, Done
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.rounds import hand_back
from marketday.rounds.hand_back import HandBackStep
from marketday.testing.environments import FilePlane


@pytest.fixture(params=["files", "databases"])
async def step(request, sold, monkeypatch, tmp_path):
    """What hands back, with an environment and the way to its servers."""
    environment = await PostgresEnvironments(sold.mall).get(sold.window.environment_id)
    if request.param == "files":
        plane = FilePlane(tmp_path)
        await plane.apply(environment)
        return plane, environment, await plane.access(environment)
    monkeypatch.setattr(hand_back, "window_of", lambda *_, **__: sold.window)
    return HandBackStep(sold.service()), environment, Access(sold.window.database_url, sold.window.room_url, "", "")


async def test_there_is_one_receipt_from_the_first_hand_back_on(step):
    step, environment, access = step
    assert await step.receipt(environment.id) is None
    done = await step.hand_back(environment, access)
    assert isinstance(done, Done)
    assert done.outputs["receipt"]
    assert await step.receipt(environment.id) == done.outputs["receipt"]
    assert await step.hand_back(environment, access) == done
