"""DNS is gone: the name of the payment gateway does not resolve any more, for any process."""

from functools import cache

from marketday.gameday import claims
from marketday.gameday.faults import strike
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.resolver import NameServer, give_up_rights, go_inside, missing_namespaces, settle_in
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.mall_plane import name_gateway

GATEWAY_NAME = "payments.localhost"
_BACK_SECONDS = 20.0  # after the names are back: a lookup that began before may wait ten seconds


@cache
def _names() -> NameServer:
    return NameServer(GATEWAY_NAME)


def _prepare(home: Home) -> None:
    name_gateway(home, GATEWAY_NAME)
    settle_in(home.sandbox.path)
    _names().start()
    give_up_rights()


async def _play(stage: Stage) -> None:
    """Take the names away, and end the stores once: those that start now have no open connection to the gateway."""
    await stage.sale_is(stage.setting.at)
    async with stage.broken("names_gone", "names_back"):
        _names().silent = True
        strike(stage.event, ("store-1", "store-2"))
        await rest(stage.setting.fault)
        _names().silent = False
    stage.facts["lookups"] = str(_names().asked)


DNS = Scenario(
    name=ScenarioName.DNS,
    play=_play,
    enter=go_inside,
    prepare=_prepare,
    missing=missing_namespaces,
    target=TimeTarget(PAID_ORDER, _BACK_SECONDS, from_end=True),
    claims=(
        claims.met_a_sale,
        claims.names_were_asked,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.back_in_time,
        claims.pages_unharmed,
        claims.sums_hold,
    ),
)
