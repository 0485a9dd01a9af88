"""A provisioner with the facts of now: read when it is needed, again after a minute, and never remembered as broken."""

import inspect

import pytest

from marketday.environments.model import requested
from marketday.environments.ports import Provisioner
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.current import READ_AGAIN, CurrentProvisioner
from marketday.provisioners.terraform.errors import InvalidFacts
from marketday.testing.clock import FakeClock
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import FilePlane

DROP = dawn_serum()


async def test_who_goes_round_for_days_works_with_the_facts_of_now(tmp_path):
    planes, clock = [FilePlane(tmp_path / name) for name in ("old", "new")], FakeClock(DROP.schedule().build_at)
    left = iter(planes)

    async def read():
        return next(left)

    environment = requested(new_id(), DROP, DROP.schedule())
    current = CurrentProvisioner(read, clock)
    await current.apply(environment)
    assert await current.leftovers(environment.id) == await planes[0].leftovers(environment.id) != []
    clock.advance(READ_AGAIN.total_seconds())
    assert await current.leftovers(environment.id) == []
    await current.open_link(environment)
    assert planes[1].link_open
    await current.close_link(environment)
    assert not planes[1].link_open


async def test_who_cannot_read_the_facts_says_why_whatever_is_asked():
    async def read():
        raise InvalidFacts("hostname: missing")

    asked = [name for name, _ in inspect.getmembers(Provisioner, inspect.isfunction) if not name.startswith("_")]
    assert len(asked) == 9
    for name in asked:
        call = getattr(CurrentProvisioner(read, FakeClock(DROP.schedule().build_at)), name)
        with pytest.raises(InvalidFacts, match="hostname: missing"):
            await call(*(None for _ in inspect.signature(call).parameters))
