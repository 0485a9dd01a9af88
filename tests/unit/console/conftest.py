import pytest

from marketday.testing.clock import FakeClock
from marketday.testing.console import OPENS, World
from marketday.web.console.collector import Collector


@pytest.fixture
def world():
    return World()


@pytest.fixture
def clock():
    return FakeClock(OPENS)


@pytest.fixture
def collector(world, clock):
    return Collector(world, world, world, clock)
