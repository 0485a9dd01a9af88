"""Reservations: many beside bare batches, one alone beside one transaction, two processes beside one."""

from bench import bare, steps
from bench.bench import Bench, Side, ratio
from bench.load.seen import Seen
from bench.row import Row, a_second
from bench.rows.room import own_nginx
from bench.started import started
from bench.stores import another_store

CLIENTS = 256


def reserve(bench: Bench) -> list[Row]:
    """Compare reservations of one hot product with bare batches of the same rows on the same server."""
    slug = bench.market.new_drop()
    served, ceiling = bench.interleaved(lambda: _reserved(bench, slug, cost=True), lambda: _bare(bench))
    people = bench.people_for("reserve", slug)
    bench.open("reserve", bench.load([steps.reserve(slug)], CLIENTS, people=people), served.rate)
    what = f"reservation over HTTP, committed with fsync, {bench.clients(CLIENTS)} clients, one hot product"
    beside = f"{a_second(ceiling.rate)}: bare {bare.ROWS}-row batches, {bare.CONNECTIONS} connections"
    slowest = served.latencies.percentile(0.99)
    return [
        Row(what, a_second(served.rate), beside, ratio(served, ceiling), 0.2, moonshot=0.4, latencies=served.latencies),
        Row("the same, p99", f"{slowest:,.1f} ms", "", slowest, 50, at_least=False, unit=" ms"),
    ]


def alone(bench: Bench) -> list[Row]:
    """Compare the reservation of a single client with one committed transaction."""
    slug, other = bench.market.new_drop(), bench.market.new_drop()

    def one() -> Seen:
        people = bench.people_for("reserve", slug)
        return bench.closed("alone", bench.load([steps.reserve(slug)], 1, people=people))

    served, ceiling = bench.interleaved(
        one, lambda: bare.batches(bench.market.database_url, other, bench.scale.seconds, rows=1, connections=1)
    )
    mine, its = (side.latencies.percentile(0.5) for side in (served, ceiling))
    return [
        Row(
            "reservation alone, one client, p50",
            f"{mine:.2f} ms",
            f"{its:.2f} ms: one committed transaction by asyncpg; required is 1.5 times this, and 2 ms",
            mine,
            its * 1.5 + 2,
            at_least=False,
            unit=" ms",
            latencies=served.latencies,
        )
    ]


def processes(bench: Bench) -> list[Row]:
    """Compare two store processes behind one nginx with one behind the same kind of nginx."""
    slug = bench.market.new_drop()
    ports = [start_store(bench, number) for number in (1, 2)]
    one_port, two_port = own_nginx(bench, services=(ports[0],)), own_nginx(bench, services=tuple(ports))
    two, one = bench.interleaved(
        lambda: _reserved(bench, slug, two_port, "two processes"),
        lambda: _reserved(bench, slug, one_port, "one process"),
        times=2,
    )
    slowest = [side.latencies.percentile(0.99) for side in (two, one)]
    return [
        Row(
            f"two store processes, {bench.clients(CLIENTS)} clients",
            a_second(two.rate),
            f"{a_second(one.rate)}: one store process",
            ratio(two, one),
            1.0,
            unit=" ×",
            latencies=two.latencies,
        ),
        Row(
            "the same, p99",
            f"{slowest[0]:,.1f} ms",
            f"{slowest[1]:,.1f} ms: one store process",
            slowest[0] / max(slowest[1], 0.001),
            1.0,
            at_least=False,
            unit=" ×",
        ),
    ]


def start_store(bench: Bench, number: int, database: str | None = None) -> int:
    """Start a store process until the benchmark ends; return its port."""
    spec, port = another_store(bench.market, number, database)
    bench.stack.enter_context(started(spec, bench.market.new_folder()))
    return port


def _reserved(bench: Bench, slug: str, port: int | None = None, name: str = "reserve", *, cost: bool = False) -> Seen:
    load = bench.load([steps.reserve(slug)], CLIENTS, port, people=bench.people_for("reserve", slug))
    return bench.closed(name, load, cost=cost)


def _bare(bench: Bench) -> Seen:
    return bare.batches(bench.market.database_url, bench.market.new_drop(), bench.scale.seconds / 2)


def bare_rate(bench: Bench) -> Side:
    """Return how many rows a second bare batches write now."""
    return bench.interleaved(lambda: _bare(bench))[0]
