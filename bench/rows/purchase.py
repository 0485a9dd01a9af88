"""The whole purchase: join, look, admission, reserve, pay, order; beside an ordinary shop with the same client."""

from dataclasses import replace

from bench import bare, steps
from bench.bench import Bench, ratio
from bench.load.seen import Seen
from bench.naive.start import start
from bench.row import Row, a_second
from bench.rows.store import bare_rate

CLIENTS = 64
_ORDERS, _BARE = 1000, 37_000  # orders a second that are required where bare batches write so many rows


def purchase(bench: Bench) -> list[Row]:
    """Compare purchases in the drop with purchases in the ordinary shop."""
    slug = bench.market.new_drop()
    shop = start(bench)
    ours, theirs = bench.interleaved(
        lambda: _bought(bench, "purchase", slug, None), lambda: _bought(bench, "ordinary purchase", slug, shop)
    )
    rows = bare_rate(bench).rate
    people = bench.people_for("order", slug)
    bench.open("purchase", bench.load(steps.purchase(slug), CLIENTS, people=people), ours.rate)
    return [
        Row(
            f"the whole purchase, {bench.clients(CLIENTS)} clients",
            a_second(ours.rate, "orders"),
            f"{a_second(theirs.rate)}: an ordinary shop, a transaction for each step (`bench/naive`)",
            ratio(ours, theirs),
            10,
            unit=" ×",
            latencies=ours.latencies,
        ),
        Row(
            "the same, orders a second",
            a_second(ours.rate),
            f"{a_second(rows)}: bare {bare.ROWS}-row batches; required are {_ORDERS:,} where these make {_BARE:,}",
            ours.rate,
            rows * _ORDERS / _BARE,
            unit="/s",
        ),
    ]


def _bought(bench: Bench, name: str, slug: str, port: int | None) -> Seen:
    load = bench.load(steps.purchase(slug), CLIENTS, port, people=bench.people_for("order", slug, 2.2))
    # It takes a while until not all do the same step at once.
    load = replace(load, settle_seconds=load.settle_seconds * 3, seconds=load.seconds * 2)
    return bench.closed(name, load, cost=port is None)
