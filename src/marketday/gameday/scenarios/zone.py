"""A zone is lost: half of the event plane's processes and its primary database, all at once, while it sells."""

from contextlib import AsyncExitStack

from marketday.gameday import claims
from marketday.gameday.faults import kept_dead
from marketday.gameday.model import MomentKind, TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest

_HALF = ("gate-2", "store-2", "worker")
_DATABASE_SHARE = 0.4  # of the fault: a standby takes over long before a zone is back
_BACK_SECONDS = 30.0


async def _play(stage: Stage) -> None:
    await stage.sale_is(stage.setting.at)
    seconds = stage.setting.fault
    async with AsyncExitStack() as zone, stage.broken("zone_lost", "zone_back", processes=", ".join(_HALF)):
        async with AsyncExitStack() as database:
            await zone.enter_async_context(kept_dead(stage.event, _HALF[:2]))
            await database.enter_async_context(kept_dead(stage.event, ("postgres", _HALF[2])))
            await rest(seconds * _DATABASE_SHARE)
        stage.note(MomentKind.MENDED, "database_may")
        await rest(seconds * (1 - _DATABASE_SHARE))


ZONE = Scenario(
    name=ScenarioName.ZONE,
    play=_play,
    target=TimeTarget(PAID_ORDER, _BACK_SECONDS),
    claims=(
        claims.met_a_sale,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.back_in_time,
        claims.mall_unharmed,
        claims.sums_hold,
    ),
)
