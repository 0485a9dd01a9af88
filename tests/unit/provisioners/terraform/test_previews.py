"""Environments of a branch: only in a site for previews, from the branch's commit, and always removed."""

import pytest

from marketday.environments.model import requested
from marketday.kit.ids import new_id
from marketday.provisioners.terraform import provisioner
from marketday.provisioners.terraform.errors import InvalidFacts
from marketday.provisioners.terraform.facts import StackFacts
from marketday.provisioners.terraform.model import Stack

from .scripted_world import DAY, DROP, FACTS, World

SANDBOX = {**FACTS["mall"], "payment_gateway_url": "https://sandbox.example.com"}
REGISTRY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday"
PUSHED = {name: f"{REGISTRY}/{name}:{'c' * 40}" for name in FACTS["images"]}


@pytest.fixture(autouse=True)
def look_again_at_once(monkeypatch):
    monkeypatch.setattr(provisioner, "_LOOK_AGAIN_SECONDS", 0.001)


async def of_a_branch(world):
    environment = requested(new_id(), DROP, DAY, {"branch": "feature/login", "commit": "d" * 40})
    await world.environments.add(environment)
    return environment


async def test_an_environment_of_a_branch_is_built_from_its_commit_and_linked_by_the_sites_own():
    world = World(previews=True, mall=SANDBOX, images=PUSHED)
    environment = await of_a_branch(world)
    await world.provisioner.plan(environment)
    await world.until_done(world.provisioner.apply, environment)
    await world.until_done(world.provisioner.open_link, environment)
    assert [(run.stack, run.commit[0]) for run in world.host.begun] == [
        (Stack.EVENT, "d"), (Stack.EVENT, "d"), (Stack.LINK, "c"), (Stack.LINK, "c")
    ]  # fmt: skip
    assert world.host.begun[1].variables["images"] == {name: f"{REGISTRY}/{name}:{'d' * 40}" for name in PUSHED}
    assert await world.until_done(world.provisioner.destroy, environment, f"receipt of {environment.id}") is None
    assert [run.commit[0] for run in world.host.begun[4:]] == ["c", "d"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"previews": False, "mall": SANDBOX}, "previews = false"),
        ({"previews": True}, "the payment gateway is https://pay.example.com; expected a sandbox"),
    ],
)
async def test_a_site_that_is_not_for_previews_builds_no_branch_whatever_is_recorded(facts, words):
    world = World(**facts)
    environment = await of_a_branch(world)
    for attempt in (world.provisioner.plan, world.provisioner.apply):
        with pytest.raises(InvalidFacts, match=words):
            await attempt(environment)
    assert world.host.begun == []
    own = await world.new(DROP.model_copy(update={"slug": "own"}))
    await world.until_done(world.provisioner.apply, own)


async def test_a_preview_is_removed_although_its_site_is_not_for_previews_any_more():
    world = World(previews=True, mall=SANDBOX)
    environment = await of_a_branch(world)
    await world.until_done(world.provisioner.apply, environment)
    world.provisioner._facts = StackFacts.model_validate(FACTS)
    assert await world.until_done(world.provisioner.destroy, environment, f"receipt of {environment.id}") is None
