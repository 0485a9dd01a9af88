import pytest

from marketday.testing.clock import FakeClock
from marketday.web.console.collector import Collector

from .fakes import OPENS, World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def clock():
    return FakeClock(OPENS)


@pytest.fixture
def collector(world, clock):
    return Collector(world, world, world, clock)
