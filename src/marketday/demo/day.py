"""`marketday demo`: play one whole market day on this machine, from an empty folder to the report."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from marketday.crowd.coordinator import Crowd
from marketday.crowd.errors import WorkerEnded
from marketday.crowd.report.texts import text
from marketday.demo.crowd import drop_plans, shopper_plan
from marketday.demo.figures import JournalTail, live_figures
from marketday.demo.home import DemoError, make_fresh
from marketday.demo.opened import OpenedMall, OpenMall
from marketday.demo.options import DemoOptions
from marketday.demo.processors import ProcessorTimes, read_stats, running_services
from marketday.demo.report import Played, gather, print_end, publish
from marketday.demo.screen import DemoScreen
from marketday.demo.setting import DROP_FILE, DemoPeople, invite, make_viewer, order_goods, stock_shelves
from marketday.demo.tempo import Tempo, people_wanted, played_at, tempo
from marketday.drops.definition import DropDefinition, load
from marketday.environments.errors import RecordsUnavailable
from marketday.environments.model import Environment, State, requested
from marketday.kit.clock import Clock, SystemClock
from marketday.kit.files import examples_folder
from marketday.kit.ids import new_id
from marketday.provisioners.local.binaries import require_servers
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import Home, open_home
from marketday.provisioners.local.mall_plane import MallPlane, start_mall, stop_everything
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.processes import RunningProcess
from marketday.provisioners.local.walls.standing import standing

_LOOK_EVERY_SECONDS = 0.5
_PROCESSORS_EVERY_SECONDS = 2.0
_STEP_OF_STATE = {
    State.PROVISIONING: "build",
    State.DRAINING: "close",
    State.HANDING_BACK: "hand_back",
    State.DESTROYING: "destroy",
}
_BUILT = frozenset({State.READY, State.OPEN, State.DRAINING, State.HANDING_BACK, State.VERIFIED})


class DayFailed(DemoError):
    """The demo stopped because of an error."""

    slug = "demo-day-failed"


@dataclass(slots=True)
class _Day:
    """The state of one running day."""

    options: DemoOptions
    screen: DemoScreen
    clock: Clock
    plane: MallPlane
    mall: OpenedMall
    pace: Tempo
    crowd: Crowd
    people: DemoPeople
    environment: Environment
    notes: list[str] = field(default_factory=list)
    ports: tuple[int, ...] = ()
    tail: JournalTail = field(default_factory=JournalTail)
    processors: ProcessorTimes = field(default_factory=ProcessorTimes)
    looked_at_processors: float = 0.0
    step: str = ""

    def begin(self, step: str) -> None:
        """Show the next step of the day; only the first call has an effect."""
        if step != self.step:
            self.step = step
            self.screen.step(step)


async def play(open_mall: OpenMall, options: DemoOptions, screen: DemoScreen) -> bool:
    """Play one day; return whether every check passed. Everything that was started is stopped at the end.

    Raises:
        DemoError: the home cannot be used, or the day stopped because of an error.
        NotInstalled: the servers are not installed.

    """
    require_servers()
    definition = load(examples_folder() / "drops" / DROP_FILE)
    home = open_home(options.home)
    with hold_home(home, "marketday demo"):
        screen.step("home")
        await make_fresh(home)
        kept = False
        try:
            async with AsyncExitStack() as stack:
                day = await _morning(open_mall, options, screen, home, definition, stack)
                good = await _drop(day)
            kept = options.keep
        except asyncio.CancelledError:
            screen.say(text(options.lang, "day.interrupted"))
            raise
        finally:
            if not kept:
                screen.step("stop")
                await _to_the_end(stop_everything(home))
        return good


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work`, even if somebody presses Ctrl-C while it runs."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


async def _morning(
    open_mall: OpenMall,
    options: DemoOptions,
    screen: DemoScreen,
    home: Home,
    definition: DropDefinition,
    stack: AsyncExitStack,
) -> _Day:
    """Start the mall, add products and people, and request the drop's environment."""
    clock = SystemClock()
    began = time.monotonic()
    screen.step("mall")
    plane = await start_mall(home, crowd=True)
    units = options.units or sum(product.stock for product in definition.products)
    pace = tempo(options, units, time.monotonic() - began)
    screen.places({"mall": plane.public_url, "console": plane.console_url})
    walls = standing()
    screen.say("  " + text(options.lang, f"day.walls.{walls.kind}", abi=walls.landlock))
    mall = await stack.enter_async_context(open_mall(plane))
    viewer, password = await make_viewer(mall, clock)
    screen.say(text(options.lang, "day.viewer", email=viewer, password=password))

    screen.step("catalogue")
    products = await stock_shelves(mall, plane)
    screen.done(text(options.lang, "day.products", n=products))
    units = options.units or sum(product.stock for product in definition.products)
    screen.step("people")
    people = await invite(mall, people_wanted(options, units), clock)
    screen.done(text(options.lang, "day.invited", n=f"{len(people.buyers):,}"))

    screen.step("drop")
    played = played_at(definition, clock.now(), pace, options.units, people_wanted(options, units))
    await order_goods(mall, played)
    environment = requested(new_id(), played, played.schedule())
    await mall.environments.add(environment)
    crowd = Crowd(home.root / "crowd")
    stack.push_async_callback(crowd.stop)
    shoppers = shopper_plan(options.seed, plane, people, played, pace, clock.now().timestamp())
    await crowd.start([shoppers])
    return _Day(options, screen, clock, plane, mall, pace, crowd, people, environment)


async def _drop(day: _Day) -> bool:
    """Start the crowd when the environment is built, wait for the end of the drop, and check it."""
    await _until(day, _BUILT)
    day.ports = tuple(read_ports(day.plane.home.environment(day.environment.id).path / "ports.json").values())
    late = (day.clock.now() - day.environment.schedule.room_opens_at).total_seconds()
    if late > 0:
        day.notes.append(text(day.options.lang, "day.late", seconds=f"{late:.0f}"))
        day.screen.say(day.notes[-1])
    event, slug = day.environment.outputs["public_url"], day.environment.drop_slug
    day.screen.places({"room": f"{event}/drops/{slug}/room", "store": f"{event}/drops/{slug}"})
    await day.crowd.start(drop_plans(day.options.seed, day.plane, day.people, day.environment, day.pace, day.clock))
    if day.options.keep:
        return await _leave_open(day)
    await _until(day, frozenset({State.DESTROYED}))
    return await _evening(day)


async def _evening(day: _Day) -> bool:
    """Wait for the last shoppers, then gather the evidence, check it, and write the report."""
    failure = await _crowd_failure(day.crowd)
    day.begin("report")
    played = Played(
        environment=day.environment,
        people=len(day.people.buyers),
        journals=day.crowd.journals,
        ports=day.ports,
        crowd_failure=failure,
        notes=day.notes,
        processors=day.processors.uses(),
    )
    evidence = await gather(day.options, day.plane, day.mall, played)
    verdicts = publish(day.options, day.screen, evidence, day.clock)
    print_end(day.screen, evidence, verdicts)
    return all(verdict.holds for verdict in verdicts)


async def _crowd_failure(crowd: Crowd) -> str:
    try:
        await crowd.wait()
    except WorkerEnded as error:
        return error.detail
    return ""


async def _leave_open(day: _Day) -> bool:
    """Wait until the crowd has ended; the mall and the drop keep running."""
    while day.crowd.here:
        await _look(day)
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
    failure = await _crowd_failure(day.crowd)
    zone = day.environment.definition.zone
    closes = day.environment.schedule.closes_at.astimezone(ZoneInfo(zone))
    day.screen.done()
    day.screen.say(text(day.options.lang, "day.kept", until=f"{closes:%H:%M} ({zone})"))
    return not failure


async def _until(day: _Day, states: frozenset[State]) -> None:
    """Wait until the environment is in one of `states`, and show what happens during this time.

    Raises:
        DayFailed: the environment failed, and is not retried.

    """
    while True:
        await _look(day)
        if day.environment.state in states:
            return
        if day.environment.state is State.FAILED:
            raise DayFailed(f"{day.environment.failed_step}: {day.environment.failure}")
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def _look(day: _Day) -> None:
    """Read the environment's record, the room and the journals once, and show them."""
    try:
        day.environment = await day.mall.environments.get(day.environment.id)
    except RecordsUnavailable:  # the database was killed, and is being restarted
        return
    state = day.environment.state
    if state in _STEP_OF_STATE:
        day.begin(_STEP_OF_STATE[state])
    elif state is State.OPEN:
        day.begin("room" if day.clock.now() < day.environment.definition.opens_at else "sale")
    now: Mapping[str, object] = {}
    if state is State.OPEN:
        now = await day.mall.look_at_room(day.environment.outputs["public_url"], day.environment.drop_slug)
    journals = day.crowd.journals
    await asyncio.to_thread(day.tail.follow, journals[0], journals)
    day.screen.figures(live_figures(now, day.tail))
    if time.monotonic() - day.looked_at_processors > _PROCESSORS_EVERY_SECONDS:
        day.looked_at_processors = time.monotonic()
        await asyncio.to_thread(_read_processors, day)


def _read_processors(day: _Day) -> None:
    stats = read_stats()
    workers = [RunningProcess(pid, stats[pid].start_ticks if pid in stats else 0) for pid in day.crowd.pids]
    crowd = {"crowd shoppers": workers[:1], "crowd": workers[1:]}
    day.processors.follow({**running_services(day.plane.home), **crowd}, stats)
