"""The payment gateway is down: no process of it runs, and nothing listens on its port."""

from marketday.gameday import claims
from marketday.gameday.faults import kept_dead
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest

_BACK_SECONDS = 15.0  # after the gateway's end of failure; the supervisor may wait five seconds with its restart


async def _play(stage: Stage) -> None:
    await stage.sale_is(stage.setting.at)
    async with stage.broken("gateway_down", "gateway_back"), kept_dead(stage.home.sandbox, ("sandbox",)):
        await rest(stage.setting.fault)


GATEWAY = Scenario(
    name=ScenarioName.GATEWAY,
    play=_play,
    target=TimeTarget(PAID_ORDER, _BACK_SECONDS, from_end=True),
    claims=(
        claims.met_a_sale,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.nobody_told_too_early,
        claims.back_in_time,
        claims.pages_unharmed,
        claims.sums_hold,
    ),
)
