import pytest

from marketday.handback.errors import LedgerUnavailable
from marketday.handback.model import Window
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.kit.errors import Permanent, Temporary
from marketday.kit.ids import new_id
from marketday.payments.errors import GatewayRefused, GatewayTimeout


class Refusing:
    def __init__(self, error):
        self.error = error

    async def revoke(self, _):
        raise self.error


@pytest.mark.parametrize(
    ("error", "becomes", "worth"),
    [
        (GatewayTimeout("no answer"), LedgerUnavailable, Temporary),
        (GatewayRefused("wrong key"), GatewayRefused, Permanent),
    ],
)
async def test_a_gateway_that_is_silent_is_asked_again_and_one_that_refuses_is_not(error, becomes, worth):
    window = Window(new_id(), "dawn-serum", "postgresql://nowhere", payment_holder="event-1")
    evidence = GatheredEvidence(None, Refusing(error), None, None)
    with pytest.raises(becomes) as raised:
        await evidence.taken(window)
    assert isinstance(raised.value, worth)
