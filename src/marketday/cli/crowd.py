"""`marketday crowd`: send simulated people to a mall and a drop that run on this machine."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from marketday.catalog.names import Unusable, sku_of
from marketday.cli.demo import run_to_the_end
from marketday.crowd.arrivals import ArrivalCurve, arrival_times
from marketday.crowd.coordinator import Crowd, share
from marketday.crowd.errors import CrowdError
from marketday.crowd.journal import VisitorRole, read_journals
from marketday.crowd.plan import DropFacts, DropVisit, Person, Plan, WantedItem
from marketday.crowd.report.evidence import told_orders
from marketday.crowd.report.figures import latency_by_service
from marketday.crowd.targets import check_target
from marketday.kit.text import counted

app = typer.Typer(no_args_is_help=True, help="Send simulated people to a mall and a drop on this machine.")

_LONGEST_LIMIT = 8  # digits of a limit per person


@dataclass(frozen=True, slots=True)
class Reach:
    """What a crowd needs: the key with which the edges of this home recognise it, the drop's hours, and accounts."""

    key: Callable[[], str]  # returns "" if the edges accept no key
    drop_hours: Callable[[str, str], Awaitable[tuple[float, float]]]
    sign_up: Callable[[str, int, str], Awaitable[list[tuple[str, str]]]]


@app.command("run")
def run(
    ctx: typer.Context,
    mall: Annotated[str, typer.Option(help="The mall's address, such as http://mall.localhost:20001.")],
    event: Annotated[str, typer.Option(help="The event plane's address, such as http://event.localhost:20002.")],
    drop: Annotated[str, typer.Option(help="The drop's slug.")],
    item: Annotated[
        list[str],
        typer.Option(help="A SKU, or SKU:limit per person; repeatable. A SKU that ends with :number needs its limit."),
    ],
    people: Annotated[int, typer.Option(min=1, max=50_000, help="The number of people.")] = 100,
    *,
    seconds: Annotated[
        float, typer.Option(min=1, help="Let people arrive until this many seconds after the opening.")
    ] = 30.0,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Processes.")] = 2,
    seed: Annotated[int | None, typer.Option(help="Repeat the crowd that had this seed.")] = None,
    key: Annotated[
        str,
        typer.Option(
            envvar="MARKETDAY_CROWD_KEY",
            help="The key with which the edges trust client addresses. Default: read from the home.",
        ),
    ] = "",
    folder: Annotated[Path, typer.Option(help="The folder for the journals.")] = Path("marketday-crowd"),
) -> None:
    """Sign people up in the mall, send them to the drop, and show what answers they got.

    They sign up through the mall's API, about twenty people a second, because each costs two password hashes. The mall
    trusts each person's own address only if it was started by `marketday demo` or `marketday up --crowd`.
    """
    reach: Reach = ctx.obj
    key = key or reach.key()
    console = Console(highlight=False)

    async def day() -> bool:
        if any(folder.glob("crowd-*")):
            raise CrowdError(f"{folder} has journals of another crowd; expected an empty or missing folder")
        opens, closes = await reach.drop_hours(check_target(event), drop)
        facts = DropFacts(slug=drop, items=tuple(map(_item, item)), opens=opens, closes=closes)
        sessions = await reach.sign_up(check_target(mall), people, key)
        room = time.time()
        curve = ArrivalCurve(room, max(facts.opens, room), max(facts.opens, room) + seconds)
        number = secrets.randbelow(10**6) if seed is None else seed
        visit = DropVisit(event=event, drop=facts, people=_people(sessions, arrival_times(people, curve, number)))
        stops_at = min(facts.closes, curve.until) + 60
        plan = Plan(
            seed=number, mall=mall, key=key, journal=folder / "crowd.jsonl", stops_at=stops_at, drop_visit=visit
        )
        crowd = await Crowd(folder).start(share(plan, workers))
        try:
            await crowd.wait()
        finally:
            await crowd.stop()
        _show(console, crowd.journals)
        return True

    raise typer.Exit(run_to_the_end(day(), console))


def _item(text: str) -> WantedItem:
    """Read an item: a number after the last colon is the limit, the rest is the SKU, which may contain colons."""
    sku, colon, limit = text.rpartition(":")
    has_limit = bool(colon) and limit.isascii() and limit.isdecimal() and len(limit) < _LONGEST_LIMIT
    try:
        return WantedItem(
            sku=sku_of(sku if has_limit else text), stock=1, limit_per_person=int(limit) if has_limit else 1
        )
    except Unusable as error:
        raise CrowdError(f"{text!r} is not an item: it {error}, or SKU:limit such as DAWN-SERUM-30:2") from None


def _people(sessions: Sequence[tuple[str, str]], arrivals: Sequence[float]) -> tuple[Person, ...]:
    pairs = zip(sessions, arrivals, strict=True)
    return tuple(
        Person(number=number, account=account, session=session, arrives=arrives)
        for number, ((account, session), arrives) in enumerate(pairs)
    )


def _show(console: Console, journals: Sequence[Path]) -> None:
    answers = read_journals(journals)
    came = {answer.person for answer in answers if answer.role == VisitorRole.BUYER}
    console.print(
        f"{len(came)} people, {counted(len(answers), 'answer')}, "
        f"{counted(len({told.id for told in told_orders(answers)}), 'order')}"
    )
    for service, each in latency_by_service(answers).items():
        spans = f"p50 {each.p50_ms} p95 {each.p95_ms} p99 {each.p99_ms} ms"
        console.print(f"  {service}: {counted(each.count, 'answer')}, {spans}, {counted(each.errors, 'error')}")
