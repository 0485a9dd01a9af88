"""The end of the demo: gather the evidence, check it, write the page, print the summary."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from marketday.crowd.journal import read_journals
from marketday.crowd.report.checks import judge
from marketday.crowd.report.figures import figures
from marketday.crowd.report.model import Day, Item, Leftovers, Moments, ProcessorUse, Verdict
from marketday.crowd.report.page import render
from marketday.crowd.report.summary import print_summary
from marketday.demo.opened import OpenedMall
from marketday.demo.options import DemoOptions
from marketday.demo.screen import DemoScreen
from marketday.drops.definition import DropDefinition
from marketday.environments.model import Environment
from marketday.kit.clock import Clock
from marketday.kit.private import write_whole
from marketday.provisioners.local.home import plane_id_of
from marketday.provisioners.local.mall_plane import MallPlane
from marketday.provisioners.local.start_stop import leftovers


@dataclass(frozen=True, slots=True)
class Played:
    """Data of a day that the report needs in addition to the evidence."""

    environment: Environment
    people: int
    journals: Sequence[Path]
    ports: Sequence[int]  # ports of the environment
    crowd_failure: str
    notes: Sequence[str]
    processors: Sequence[ProcessorUse]


async def gather(options: DemoOptions, plane: MallPlane, opened: OpenedMall, played: Played) -> Day:
    """Return the day's evidence: journals, mall database, gateway ledger, and a search for leftovers."""
    environment = played.environment
    definition = environment.definition
    mall = await opened.read_evidence(environment.id)
    return Day(
        drop=definition.slug,
        name={"ko": definition.name.ko, "en": definition.name.en},
        seed=options.seed,
        moments=Moments(environment.schedule.room_opens_at, definition.opens_at, definition.closes_at, definition.zone),
        items=_items(definition),
        people=played.people,
        answers=await asyncio.to_thread(read_journals, played.journals),
        orders=mall.orders,
        ledger=await opened.read_ledger(definition.slug),
        allocations=mall.allocations,
        steps=mall.steps,
        receipt=mall.receipt,
        expired_at=mall.expired_at,
        left_behind=await _search(plane, opened, environment.id, played.ports),
        crowd_failure=played.crowd_failure,
        notes=played.notes,
        processors=played.processors,
    )


def _items(definition: DropDefinition) -> list[Item]:
    return [Item(product.sku, product.stock, product.limit_per_person) for product in definition.products]


async def _search(plane: MallPlane, opened: OpenedMall, environment_id: UUID, ports: Sequence[int]) -> Leftovers:
    """Search for the environment's processes (by their mark), ports, directory and credentials."""
    folder = plane.home.environment(environment_id).path
    mark = plane_id_of(environment_id)
    key = f"payment key of {mark}"
    looked = (f"processes {mark}", f"directory {folder}", f"credentials {folder / 'secrets'}", key)
    found = await asyncio.to_thread(leftovers, mark, folder, ports)
    keys = [key] if await opened.has_payment_key(mark) else []
    return Leftovers((*looked, *(f"port {port}" for port in ports)), (*found, *keys))


def publish(options: DemoOptions, screen: DemoScreen, day: Day, clock: Clock) -> Sequence[Verdict]:
    """Write the page; return the results of the checks."""
    verdicts = judge(day)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    write_whole(options.report, render(day, verdicts, made_at=clock.now(), lang=options.lang))
    screen.done(str(options.report))
    return verdicts


def print_end(screen: DemoScreen, day: Day, verdicts: Sequence[Verdict]) -> None:
    """Print the summary in the terminal."""
    print_summary(screen.console, verdicts, figures(day), day.processors, screen.lang)
