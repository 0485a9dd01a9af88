"""Play one game day: a small market day on real servers, a scenario that breaks something, and the conclusion."""

import asyncio
import os
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from marketday.crowd.coordinator import Crowd
from marketday.crowd.errors import WorkerEnded
from marketday.demo.crowd import drop_plans, shopper_plan
from marketday.demo.figures import JournalTail, live_figures
from marketday.demo.home import make_fresh
from marketday.demo.opened import OpenMall
from marketday.demo.options import DemoOptions
from marketday.demo.report import Played, gather
from marketday.demo.screen import DemoScreen
from marketday.demo.setting import DROP_FILE, DemoPeople, invite, order_goods, stock_shelves
from marketday.demo.tempo import Tempo
from marketday.drops.definition import load
from marketday.environments.model import State, requested
from marketday.gameday.claims import conclude
from marketday.gameday.errors import GameDayError
from marketday.gameday.machine import machine
from marketday.gameday.model import Course
from marketday.gameday.options import GameDayOptions
from marketday.gameday.registry import SCENARIOS
from marketday.gameday.report.page import render
from marketday.gameday.report.summary import print_conclusion
from marketday.gameday.scenario import Scenario
from marketday.gameday.setting import Setting
from marketday.gameday.stage import Stage
from marketday.gameday.texts import text
from marketday.gameday.watching import Watcher
from marketday.kit.clock import SystemClock
from marketday.kit.files import examples_folder
from marketday.kit.ids import new_id
from marketday.kit.private import write_whole
from marketday.kit.tasks import rest
from marketday.provisioners.local.binaries import require_servers
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import Home, open_home
from marketday.provisioners.local.mall_plane import start_mall, stop_everything
from marketday.provisioners.local.ports import read_ports

_PROCESSES = 2  # of gate and of store, so that one half of them can be lost
_LOOK_SECONDS = 0.5
_ENDING_SECONDS = 240.0  # after the planned end: a drop that cannot be settled fails within it
_STEP_OF_STATE = {
    State.PROVISIONING: "build",
    State.READY: "ready",
    State.OPEN: "open",
    State.DRAINING: "close",
    State.HANDING_BACK: "hand_back",
    State.DESTROYING: "destroy",
    State.FAILED: "failed",
}


@dataclass(slots=True)
class _Day:
    """One game day and its crowd."""

    options: GameDayOptions
    stage: Stage
    pace: Tempo
    crowd: Crowd
    people: DemoPeople
    tail: JournalTail
    ports: tuple[int, ...] = ()
    step: str = ""


async def play(open_mall: OpenMall, options: GameDayOptions, screen: DemoScreen) -> bool:
    """Play a game day and write its page; return whether the hypothesis held. Everything that was started is stopped.

    Raises:
        GameDayError: the day did not come to the point at which the scenario begins.
        MarketdayError: the home cannot be used, or the mall did not start.

    """
    require_servers()
    scenario = SCENARIOS[options.scenario]
    if lacking := scenario.missing():
        raise GameDayError(lacking)
    scenario.enter()
    _refuse_unwritable(options.report)
    home = open_home(options.home)
    hold = partial(hold_home, home, f"marketday gameday {scenario.name}")
    with ExitStack() as holding:
        holding.enter_context(hold())
        screen.step("home")
        await make_fresh(home)
        try:
            async with AsyncExitStack() as stack:
                day = await _morning(open_mall, scenario, options, screen, home, stack)
                day.stage.holding, day.stage.hold = holding, hold
                await _through(day, scenario)
                course = await _evening(day, scenario)
        finally:
            screen.step("stop")
            await _to_the_end(stop_everything(home))
    conclusion = conclude(course, scenario.claims)
    write_whole(options.report, render(course, conclusion, made_at=SystemClock().now(), lang=options.lang))
    screen.done(str(options.report))
    print_conclusion(screen.console, conclusion, options.lang)
    return conclusion.held


async def _morning(
    open_mall: OpenMall,
    scenario: Scenario,
    options: GameDayOptions,
    screen: DemoScreen,
    home: Home,
    stack: AsyncExitStack,
) -> _Day:
    """Start the mall, fill it, invite people, and request the drop's environment."""
    clock, setting = SystemClock(), _setting(options, scenario)
    scenario.prepare(home)
    screen.step("mall")
    began = time.monotonic()
    plane = await start_mall(home, crowd=True, processes=_PROCESSES)
    pace = setting.pace(time.monotonic() - began)
    screen.places({"mall": plane.public_url, "console": plane.console_url})
    mall = await stack.enter_async_context(open_mall(plane))
    screen.step("catalogue")
    await stock_shelves(mall, plane)
    screen.step("people")
    people = await invite(mall, setting.people, clock)
    screen.step("drop")
    played = setting.definition(load(examples_folder() / "drops" / DROP_FILE), clock.now(), pace)
    await order_goods(mall, played)
    environment = requested(new_id(), played, played.schedule())
    await mall.environments.add(environment)
    # Beside the home, because an operator's restore moves a whole home away.
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="marketday-gameday-")))
    crowd = Crowd(folder / "crowd")
    stack.push_async_callback(crowd.stop)
    await crowd.start([shopper_plan(options.seed, plane, people, played, pace, clock.now().timestamp())])
    stage = Stage(home, plane, mall, screen, setting, environment, environment.schedule.opens_at.timestamp(), folder)
    return _Day(options, stage, pace, crowd, people, JournalTail())


def _refuse_unwritable(report: Path) -> None:
    """Refuse a place for the page before two minutes are played for it."""
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GameDayError(f"{report.parent}: {error.strerror}; expected a folder for the page") from None
    if report.is_dir() or not os.access(report.parent, os.W_OK):
        raise GameDayError(
            f"{report} cannot be written; expected a file in a folder of your own: choose another --report"
        )


def _setting(options: GameDayOptions, scenario: Scenario) -> Setting:
    chosen = scenario.setting
    if options.fault_seconds is not None:
        chosen = chosen.lasting(options.fault_seconds)
    if options.at_seconds is not None:
        chosen = chosen.beginning(options.at_seconds)
    return chosen if options.people is None else chosen.of_people(options.people)


async def _through(day: _Day, scenario: Scenario) -> None:
    """Play the day and the scenario beside each other, until both are over."""
    stage = day.stage
    watching = asyncio.create_task(Watcher(stage).run())
    playing: asyncio.Task[None] = asyncio.ensure_future(scenario.play(stage))
    coming = asyncio.create_task(_send_the_crowd(day, scenario))
    tasks = (watching, playing, coming)
    try:
        ends = stage.environment.schedule.destroy_at.timestamp() + _ENDING_SECONDS
        while time.time() < ends and not (playing.done() and _is_over(day, scenario)):
            for task in tasks:
                if task.done():
                    task.result()
            await _show(day)
            await rest(_LOOK_SECONDS)
        if playing.done():
            playing.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_over(day: _Day, scenario: Scenario) -> bool:
    state = day.stage.environment.state
    if not scenario.to_the_end:
        return day.crowd.here == 0
    return state is State.DESTROYED or (state is State.FAILED and day.crowd.here == 0)


async def _send_the_crowd(day: _Day, scenario: Scenario) -> None:
    """Send the people of the drop as soon as its environment is built."""
    stage = day.stage
    await stage.reaches(State.READY, State.OPEN)
    if scenario.before_the_crowd:
        await stage.come.wait()
    day.ports = tuple(read_ports(stage.event.path / "ports.json").values())
    clock = SystemClock()
    plans = drop_plans(day.options.seed, stage.plane, day.people, stage.environment, day.pace, clock)
    await day.crowd.start(plans)


async def _show(day: _Day) -> None:
    stage, state = day.stage, day.stage.environment.state
    step = _STEP_OF_STATE.get(state, "")
    if step and step != day.step:
        day.step = step
        stage.screen.begin(text(stage.screen.lang, f"step.{step}"))
    journals = day.crowd.journals
    await asyncio.to_thread(day.tail.follow, journals[0], journals)
    stage.screen.figures(live_figures({}, day.tail))


async def _evening(day: _Day, scenario: Scenario) -> Course:
    """Wait for the last people, and gather the evidence."""
    stage = day.stage
    stage.screen.step("report")
    failure = ""
    try:
        await day.crowd.wait()
    except WorkerEnded as error:
        failure = error.detail
    played = Played(stage.environment, len(day.people.buyers), day.crowd.journals, day.ports, failure, (), ())
    asked = day.options
    options = DemoOptions(home=asked.home, report=asked.report, lang=asked.lang, seed=asked.seed)
    evidence = await gather(options, stage.plane, stage.mall, played)
    return Course(
        scenario=scenario.name,
        day=evidence,
        moments=sorted(stage.moments, key=lambda moment: moment.at),
        fault=stage.fault,
        target=scenario.target,
        facts={**stage.facts, "machine": machine()},
        ended=str(stage.environment.state),
        planned_opening=stage.planned_opening,
    )


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work`, even if somebody presses Ctrl-C while it runs."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
