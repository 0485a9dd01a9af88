"""What the lifecycle's function works with where another hand, or nobody, can do a step."""

import inspect

import pytest

from marketday.environments.model import requested
from marketday.environments.ports import Access, Provisioner
from marketday.environments.terraform.errors import InvalidFacts
from marketday.kit.ids import new_id
from marketday.lambdas.another_hand import AnotherHand, AnotherHands
from marketday.lambdas.unready import Unready
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import MemoryEnvironments

DROP = dawn_serum()
ACCESS = Access("", "", "", "")


@pytest.mark.parametrize("part", ["hand_over", "walk", "window", "drain", "hand_back", "never_opened"])
async def test_what_needs_the_databases_is_refused_with_who_does_it(part):
    environment = requested(new_id(), DROP, DROP.schedule())
    more = {"must_look": True} if part == "never_opened" else {}
    with pytest.raises(AnotherHands, match=f"of environment {environment.id} needs the mall's database; expected its"):
        await getattr(AnotherHand(MemoryEnvironments()), part)(environment, ACCESS, **more)


async def test_the_receipt_is_what_the_hand_back_recorded():
    store, environment = MemoryEnvironments(), requested(new_id(), DROP, DROP.schedule())
    await store.add(environment)
    assert await AnotherHand(store).receipt(environment.id) is None
    recorded = await store.get(environment.id)
    recorded.outputs["receipt"] = "a token"
    await store.save(recorded, None)
    assert await AnotherHand(store).receipt(environment.id) == "a token"


async def test_who_is_not_ready_says_why_whatever_is_asked():
    error = InvalidFacts("hostname: missing")
    asked = [name for name, _ in inspect.getmembers(Provisioner, inspect.isfunction) if not name.startswith("_")]
    assert len(asked) == 9
    for name in asked:
        call = getattr(Unready(error), name)
        with pytest.raises(InvalidFacts, match="hostname: missing"):
            await call(*(None for _ in inspect.signature(call).parameters))
