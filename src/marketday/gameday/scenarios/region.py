"""A region is lost: every process of the event plane with all its disks, before, during or after the sale.

One machine has one region. So the whole event plane is lost, and the mall is what is left in another one. Nothing of
the plane comes back: this plays what then protects the shoppers' money, and whether the drop can still take place.
"""

from functools import partial

from marketday.drops.definition import DropDefinition
from marketday.environments.model import State
from marketday.gameday import claims
from marketday.gameday.errors import GameDayError
from marketday.gameday.faults import lose_plane
from marketday.gameday.model import MomentKind, TimeTarget
from marketday.gameday.names import ScenarioName
from marketday.gameday.scenario import PAID_ORDER, Scenario
from marketday.gameday.setting import Setting
from marketday.gameday.stage import Stage
from marketday.kit.private import write_whole
from marketday.kit.tasks import rest
from marketday.provisioners.local.home import plane_id_of

_NOTICED_SECONDS = 5.0  # until the operator sees it
_ALL_GONE = TimeTarget(frozenset())  # nothing is promised about time: this drop does not come back


async def _lose(stage: Stage) -> None:
    count = lose_plane(stage.event, plane_id_of(stage.environment.id))
    stage.note(MomentKind.BROKEN, "plane_gone", processes=count)


async def _write_off(stage: Stage) -> None:
    status, said = await stage.operator("env", "write-off", str(stage.environment.id), "--yes")
    if status:
        raise GameDayError(f"the environment could not be written off: {said}")


async def _before(stage: Stage) -> None:
    """Lose the plane when it is ready; the operator writes it off and builds another one for the same drop."""
    await stage.reaches(State.READY)
    async with stage.broken("region_lost", "region_rebuilt"):
        await _lose(stage)
        await rest(_NOTICED_SECONDS)
        file = stage.folder / "drop.toml"
        write_whole(file, as_toml(stage.environment.definition))
        await _write_off(stage)
        await stage.operator("env", "build", str(file))
        stage.environment = [one for one in await stage.mall.environments.living() if one.id != stage.environment.id][
            -1
        ]
        await stage.reaches(State.READY, State.OPEN)
    stage.come.set()


async def _when(stage: Stage, *, during: bool) -> None:
    if during:
        await stage.sale_is(stage.setting.at)
    else:
        await stage.closes()
    async with stage.broken("region_lost", "written_off"):
        await _lose(stage)
        await rest(_NOTICED_SECONDS)
        await _write_off(stage)


def as_toml(definition: DropDefinition) -> str:
    """Return a definition as the file that the operator has, with its moments in UTC."""
    overrides = definition.schedule_overrides
    moments = {"build_at": None, "room_opens_at": overrides.room_opens_at, "destroy_at": overrides.destroy_at}
    lines = [
        "[drop]",
        f'slug = "{definition.slug}"',
        f'name = {{ ko = "{definition.name.ko}", en = "{definition.name.en}" }}',
        f'zone = "{definition.zone}"',
        f"opens_at = {definition.opens_at.isoformat()}",
        f"closes_at = {definition.closes_at.isoformat()}",
        f"regions = {list(definition.regions)}",
        f"hold_seconds = {definition.hold_seconds}",
        f"admission_seconds = {definition.admission_seconds}",
        "[drop.rate_limits]",
        *(f"{name} = {value}" for name, value in definition.rate_limits.model_dump().items()),
        "[drop.schedule]",
        *(f"{name} = {moment.isoformat()}" for name, moment in moments.items() if moment is not None),
    ]
    for product in definition.products:
        lines += ["[[drop.products]]", f'sku = "{product.sku}"', f"stock = {product.stock}"]
        lines += [f"limit_per_person = {product.limit_per_person}"]
    return "\n".join(lines)


REGION_BEFORE = Scenario(
    name=ScenarioName.REGION_BEFORE,
    play=_before,
    setting=Setting(room=45.0, sale=40.0),
    before_the_crowd=True,
    target=TimeTarget(PAID_ORDER),
    claims=(
        claims.sold_at_its_hour,
        claims.no_order_lost,
        claims.no_money_kept,
        claims.mall_unharmed,
        claims.sums_hold,
    ),
)

_ENDED = (
    claims.met_a_sale,
    claims.no_order_lost,
    claims.no_money_kept,
    claims.units_came_home,
    claims.stock_safe,
    claims.mall_unharmed,
)
REGION_DURING = Scenario(
    name=ScenarioName.REGION_DURING, play=partial(_when, during=True), target=_ALL_GONE, claims=_ENDED
)
REGION_AFTER = Scenario(
    name=ScenarioName.REGION_AFTER, play=partial(_when, during=False), target=_ALL_GONE, claims=_ENDED
)
