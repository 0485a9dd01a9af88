"""The stand-ins of the lifecycle's function for steps that only the controller can do."""

import pytest

from marketday.environments.model import requested
from marketday.environments.ports import Access
from marketday.kit.ids import new_id
from marketday.lambdas.left_to_controller import DoneByController, LeftToController
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import MemoryEnvironments

DROP = dawn_serum()
ACCESS = Access("", "", "", "")


MORE = {"close_room": {"now": DROP.opens_at}, "close_drop": {"must_look": True}, "never_opened": {"must_look": True}}


@pytest.mark.parametrize("part", ["hand_over", "publish", "walk", "window", "drain", "hand_back", *MORE])
async def test_what_needs_the_databases_is_refused_with_who_does_it(part):
    environment = requested(new_id(), DROP, DROP.schedule())
    more = MORE.get(part, {})
    with pytest.raises(DoneByController, match=f"{environment.id} needs the mall's database; expected the mall's"):
        await getattr(LeftToController(MemoryEnvironments()), part)(environment, ACCESS, **more)


async def test_the_receipt_is_what_the_hand_back_recorded():
    store, environment = MemoryEnvironments(), requested(new_id(), DROP, DROP.schedule())
    await store.add(environment)
    assert await LeftToController(store).receipt(environment.id) is None
    recorded = await store.get(environment.id)
    recorded.outputs["receipt"] = "a token"
    await store.save(recorded, None)
    assert await LeftToController(store).receipt(environment.id) == "a token"
