"""DNS is gone: the name of the payment gateway does not resolve any more, for any process."""

from marketday.gameday import claims
from marketday.gameday.faults import strike
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.own_hosts import OwnHosts, go_inside, missing_namespaces
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import name_gateway

GATEWAY_NAME = "payments.localhost"
_BACK_SECONDS = 20.0  # after the name is back


def _prepare(home: Home) -> None:
    name_gateway(home, GATEWAY_NAME)
    hosts = OwnHosts(home.sandbox.path)
    hosts.settle_in(home.sandbox.path)
    hosts.have(GATEWAY_NAME)


async def _play(stage: Stage) -> None:
    """Take the name away, and end the stores once: those that start now have no open connection to the gateway."""
    await stage.sale_is(stage.setting.at)
    hosts = OwnHosts(stage.home.sandbox.path)
    async with stage.broken("names_gone", "names_back"):
        hosts.have()
        strike(stage.event, ("store-1", "store-2"))
        await rest(stage.setting.fault)
        hosts.have(GATEWAY_NAME)


DNS = Scenario(
    name=ScenarioName.DNS,
    play=_play,
    enter=go_inside,
    prepare=_prepare,
    missing=missing_namespaces,
    target=TimeTarget(PAID_ORDER, _BACK_SECONDS, from_end=True),
    claims=(
        claims.met_a_sale,
        claims.payments_missed,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.back_in_time,
        claims.pages_unharmed,
        claims.sums_hold,
    ),
)
