from datetime import UTC, datetime

import pytest

from marketday.environments.errors import NoPermit
from marketday.kit.ids import new_id
from marketday.testing.environments import new_permits

NOW = datetime(2026, 12, 10, tzinfo=UTC)
UNTIL = datetime(2026, 12, 14, 6, tzinfo=UTC)
MALL = "https://mall.example"


@pytest.fixture(scope="module")
def permits():
    return new_permits(MALL)


def test_a_permit_says_how_long(permits):
    environment = new_id()
    assert permits.until(permits.sign(environment, UNTIL, NOW), environment) == UNTIL


@pytest.mark.parametrize(
    "spoilt", [lambda token: token[:-2], lambda token: token[:0], lambda token: token.replace(".", ",")]
)
def test_a_damaged_permit_is_none(permits, spoilt):
    environment = new_id()
    with pytest.raises(NoPermit, match="damaged"):
        permits.until(spoilt(permits.sign(environment, UNTIL, NOW)), environment)


def test_a_permit_is_for_one_environment_and_of_this_mall(permits):
    environment = new_id()
    with pytest.raises(NoPermit, match=str(environment)):
        permits.until(permits.sign(new_id(), UNTIL, NOW), environment)
    forged = new_permits(MALL).sign(environment, UNTIL, NOW)
    with pytest.raises(NoPermit, match="not signed by this mall"):
        permits.until(forged, environment)
