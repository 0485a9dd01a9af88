"""Somebody delivers a new version of the mall while a drop sells: the pipeline's freeze has to refuse it.

This plays the stage that decides, as Jenkins runs it, against the mall of this day. The versions themselves are Argo
CD's matter, and no cluster is here. An event plane is never delivered to: it keeps the version with which it was built.
"""

import asyncio
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from marketday.environments.model import State
from marketday.gameday import claims
from marketday.gameday.model import MomentKind, TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.stage import Stage
from marketday.gameday.stand_in import named
from marketday.kit.tasks import rest

_STAGE = "ci.freeze"
_SECONDS = 60.0


def _checkout() -> Path | None:
    """Return the folder of the source, in which the pipeline's scripts are; an installed Marketday has none."""
    found = find_spec("marketday")
    folder = Path(found.origin).parents[2] if found and found.origin else None
    return folder if folder and (folder / "ci" / "freeze.py").is_file() else None


def _missing() -> str:
    return "" if _checkout() else "ci/freeze.py is not here; expected the source of Marketday, with its pipeline"


async def _play(stage: Stage) -> None:
    await stage.sale_is(stage.setting.at)
    async with stage.broken("delivery_tried", "delivery_over"):
        stage.facts["delivery_in_drop"] = await _deliver(stage)
        await rest(stage.setting.fault)
    await stage.reaches(State.DESTROYED)
    stage.facts["delivery_after"] = await _deliver(stage)


async def _deliver(stage: Stage) -> str:
    """Run the stage that decides about a version for the mall: `allowed`, `refused` for the drop, or `broken`."""
    async with named(stage.plane.public_url, stage.plane.port) as address:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", _STAGE),
            cwd=_checkout(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "DELIVERY_SMOKE_URL": address},
        )
        output, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
    status, said = process.returncode or 0, " ".join(output.decode(errors="replace").split())
    stage.note(MomentKind.OPERATOR, "delivery_answered", status=status, said=said[:200])
    if status == 0:
        return "allowed"
    return "refused" if f"the drop {stage.environment.drop_slug} is" in said else "broken"


DEPLOYMENT = Scenario(
    name=ScenarioName.DEPLOYMENT,
    play=_play,
    missing=_missing,
    target=TimeTarget(PAID_ORDER),
    claims=(
        claims.met_a_sale,
        claims.delivery_was_refused,
        claims.drop_undisturbed,
        claims.mall_unharmed,
        claims.no_order_lost,
        claims.sums_hold,
    ),
)
