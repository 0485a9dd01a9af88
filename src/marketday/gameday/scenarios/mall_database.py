"""The mall has no database and no disk while the event plane sells; then the disk comes back as it was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from marketday.gameday import claims
from marketday.gameday.faults import kept_dead
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import MALL_PAGE, Scenario
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest

_BACK_SECONDS = 20.0  # after the disk is back


@asynccontextmanager
async def _disk_away(data: Path) -> AsyncIterator[None]:
    """Take a server's data away, so that no start of it succeeds."""
    away = data.with_name(f"{data.name}.away")
    data.rename(away)
    try:
        yield
    finally:
        away.rename(data)


async def _play(stage: Stage) -> None:
    await stage.sale_is(stage.setting.at)
    data = stage.home.mall.path / "postgres" / "data"
    away = stage.broken("mall_database_gone", "mall_database_disk_back")
    async with away, kept_dead(stage.home.mall, ("postgres",)), _disk_away(data):
        await rest(stage.setting.fault)


MALL_DATABASE = Scenario(
    name=ScenarioName.MALL_DATABASE,
    play=_play,
    target=TimeTarget(MALL_PAGE, _BACK_SECONDS, from_end=True),
    claims=(
        claims.met_a_sale,
        claims.drop_undisturbed,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.back_in_time,
        claims.sums_hold,
    ),
)
