"""The clock of one machine is five minutes ahead: the worker, a gate and a store run on it.

The whole process gets the other time, from the C library on (libfaketime), as on a machine whose clock is wrong: also
what asks for the time without our `Clock`. Its durations stay right, as they do on such a machine.
"""

from collections.abc import Collection
from pathlib import Path

from marketday.environments.model import State
from marketday.gameday import claims
from marketday.gameday.model import TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.setting import Setting
from marketday.gameday.stage import Stage
from marketday.kit.tasks import rest
from marketday.provisioners.local.model import Plane
from marketday.provisioners.local.start_stop import reload_plane

AHEAD_SECONDS = 300
_MACHINE = ("worker", "gate-2", "store-2")
_LIBRARIES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/local/lib/faketime", "/usr/lib64/faketime")
_LIBRARY = "libfaketimeMT.so.1"
_SHOPPING_SECONDS = 60.0


def _library() -> Path | None:
    found = (file for pattern in _LIBRARIES for file in Path("/").glob(f"{pattern[1:]}/{_LIBRARY}"))
    return next(found, None)


def _missing() -> str:
    if _library() is None:
        return f"{_LIBRARY} is not on this machine; expected libfaketime: install it (Debian: the package faketime)"
    return ""


async def _play(stage: Stage) -> None:
    """Set the clock before the room opens: then also the draw is made by it. The operator ends the day early."""
    await stage.reaches(State.READY, State.OPEN)
    async with stage.broken("clock_ahead", "clock_still_ahead", seconds=AHEAD_SECONDS, processes=", ".join(_MACHINE)):
        _start_with_another_clock(stage, _MACHINE)
        await stage.sale_is(_SHOPPING_SECONDS + 10.0)
    await rest(5.0)
    await stage.operator("env", "destroy", str(stage.environment.id), "--now")


def _start_with_another_clock(stage: Stage, names: Collection[str]) -> None:
    """Change the description of the processes: the supervisor ends those that differ, and starts them as described."""
    wrong = {
        "LD_PRELOAD": str(_library()),
        "FAKETIME": f"+{AHEAD_SECONDS}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    plane = stage.event.read_plane()
    unwalled = {"walls": None, "account": None}  # libfaketime needs /dev/shm, from which the walls keep them
    specs = [
        spec.model_copy(update={"environment": spec.environment | wrong, **unwalled}) if spec.name in names else spec
        for spec in plane.processes
    ]
    stage.event.write_plane(Plane(plane_id=plane.plane_id, processes=tuple(specs), nice=plane.nice))
    reload_plane(stage.event.path)


CLOCK = Scenario(
    name=ScenarioName.CLOCK,
    play=_play,
    missing=_missing,
    # Reservations and admissions last as long as on a real day: five minutes are more than a short day's whole sale.
    setting=Setting(room=30.0, sale=900.0, crowd=_SHOPPING_SECONDS, hold=300, admission=600, tail=12.0),
    target=TimeTarget(PAID_ORDER),
    claims=(
        claims.drawn_at_its_hour,
        claims.sold_at_its_hour,
        claims.nobody_sent_away,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.mall_unharmed,
        claims.sums_hold,
    ),
)
