"""The mall beside a burning event plane: first on all cores together, then with each plane on a core of its own."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bench import steps
from bench.bench import Bench
from bench.load.plan import Load, Step
from bench.load.seen import Seen
from bench.load.start import Clients
from bench.row import Row
from marketday.provisioners.local.priority import EVENT_NICE

_LOOKS = 100.0  # at the mall, in a second
_BURNING_CLIENTS = 256
_TIMES = 2  # as many rounds as usual, because a p99 needs many looks
_EVERYWHERE: tuple[int, ...] = ()


def mall(bench: Bench) -> list[Row]:
    """Compare the mall's p99 while people buy in the drop as fast as they can with its p99 when nobody does."""
    pages = bench.market.stock_mall()
    rows = [_row(bench, pages, "all cores shared", 1.5, _EVERYWHERE, _EVERYWHERE)]
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        event = [pid for pids in bench.market.pids().values() for pid in pids]
        with _bound(bench.market.mall_pids(), cores[0]), _bound(event, cores[1]):
            rows.append(_row(bench, pages, "a core for each plane", 1.1, (cores[0],), (cores[1],)))
    return rows


def _row(bench: Bench, pages: str, how: str, limit: float, mall: tuple[int, ...], event: tuple[int, ...]) -> Row:
    """`mall` and `event` are the cores of the clients of each plane."""
    slug = bench.market.new_drop()
    looks = Load(
        port=bench.market.mall.port,
        steps=(Step("page", "GET", "{path}"),),
        people=pages,
        connections=bench.clients(64),
        seconds=bench.scale.seconds,
        settle_seconds=bench.scale.settle_seconds * 2,
        rate=_LOOKS,
        authority=bench.market.mall.public_url.partition("//")[2],
        cores=mall,
    )
    _looked(looks, None)  # pages that nobody has looked at before cost the first round more than the others
    burning, alone = bench.interleaved(
        lambda: _looked(looks, _burn(bench, slug, event)), lambda: _looked(looks, None), times=_TIMES
    )
    slowest, usual = (side.latencies.percentile(0.99) for side in (burning, alone))
    return Row(
        f"the mall's p99 while the event plane burns, {how}",
        f"{slowest:,.1f} ms",
        f"{usual:,.1f} ms: the mall alone, {_LOOKS:.0f} pages a second",
        slowest / max(usual, 0.001),
        limit,
        at_least=False,
        unit=" ×",
        latencies=burning.latencies,
    )


def _burn(bench: Bench, slug: str, cores: tuple[int, ...]) -> Load:
    """Return purchases that go on for longer than the looks at the mall."""
    people = bench.people_for("order", slug)
    load = bench.load(steps.purchase(slug), _BURNING_CLIENTS, people=people, cores=cores, nice=EVENT_NICE)
    return replace(load, seconds=bench.scale.seconds + bench.scale.settle_seconds, settle_seconds=0.0)


def _looked(looks: Load, burn: Load | None) -> Seen:
    """Look at the mall, with or without the burning load at the same time."""
    with Clients(looks) as lookers:
        if burn is None:
            lookers.begin()
            return lookers.result()
        with Clients(burn) as buyers:
            at = buyers.begin()
            lookers.begin(at)
            seen = lookers.result()
            buyers.result()
            return seen


@contextmanager
def _bound(pids: Iterable[int], core: int) -> Iterator[None]:
    """Bind all threads of the processes to a core until the block ends."""
    everywhere = os.sched_getaffinity(0)
    pids = list(pids)
    try:
        _bind(pids, {core})
        yield
    finally:
        _bind(pids, everywhere)


def _bind(pids: Iterable[int], cores: set[int]) -> None:
    for pid in pids:
        with suppress(OSError):  # it has ended
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), cores)
