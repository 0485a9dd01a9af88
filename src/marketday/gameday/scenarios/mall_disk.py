"""The mall's disk is lost for good while the drop sells; the operator restores the home from its backup."""

import asyncio
from importlib.util import find_spec

from marketday.demo.home import mark_as_demo
from marketday.environments.model import State
from marketday.gameday import claims
from marketday.gameday.errors import GameDayError
from marketday.gameday.faults import kept_dead, remove_disk
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.setting import Setting
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest

_NOTICED_SECONDS = 3.0  # until the operator sees it
_BACK_SECONDS = 120.0


def _missing() -> str:
    if find_spec("marketday.cli.backup") is None:
        return "this version has no `marketday backup`; expected one that has"
    return ""


async def _play(stage: Stage) -> None:
    place, key, stream = (str(stage.folder / name) for name in ("backups", "key", "stream"))  # it plays another disk
    stream_and_key = ("--key-file", key, "--stream", stream)
    await stage.reaches(State.READY, State.OPEN)
    with stage.hands_off():
        await _sure(stage, "backup", "key", key)
        await _sure(stage, "backup", "setup", "--to", place, *stream_and_key)
        await _sure(stage, "backup", "run")
    stage.come.set()
    await stage.sale_is(stage.setting.at)
    async with stage.broken("mall_disk_lost", "mall_restored"):
        async with kept_dead(stage.home.mall, ("postgres",)):
            await asyncio.to_thread(remove_disk, stage.home.mall.path / "postgres" / "data")
            await rest(_NOTICED_SECONDS)
        with stage.hands_off():
            await _sure(stage, "restore", "--from", place, *stream_and_key, "--replace")
            await asyncio.to_thread(mark_as_demo, stage.home)  # a backup does not have the mark
            await _sure(stage, "up")
    for aside in stage.home.root.parent.glob(f"{stage.home.root.name}.before-*"):  # what was there before
        await asyncio.to_thread(remove_disk, aside)


async def _sure(stage: Stage, *arguments: str) -> None:
    status, said = await stage.operator(*arguments)
    if status:
        raise GameDayError(f"`marketday {' '.join(arguments)}` ended with status {status}: {said[-300:]}")


MALL_DISK = Scenario(
    name=ScenarioName.MALL_DISK,
    play=_play,
    missing=_missing,
    before_the_crowd=True,
    setting=Setting(room=60.0, sale=120.0, tail=30.0),
    target=TimeTarget(PAID_ORDER, _BACK_SECONDS),
    claims=(
        claims.met_a_sale,
        claims.no_told_order_gone,
        claims.no_money_kept,
        claims.back_in_time,
        claims.sums_hold,
    ),
)
