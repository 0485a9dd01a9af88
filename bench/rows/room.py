"""The waiting room through the edge: the public document, joins and admissions, beside what nginx does alone."""

import http.client
from dataclasses import replace

from bench import steps
from bench.bench import Bench, Side, ratio
from bench.load.plan import Step
from bench.load.seen import Seen
from bench.nginx import nginx
from bench.row import Row, a_second
from bench.started import started
from marketday.provisioners.local.ports import free_ports

CLIENTS = 256
LOOKERS = 1000


def now(bench: Bench) -> list[Row]:
    """Compare the public document, which the edge caches, with a static file of its size."""
    slug = bench.market.new_drop()
    connection = http.client.HTTPConnection("127.0.0.1", bench.market.port)
    connection.request("GET", f"/v1/drops/{slug}/now", headers={"Host": bench.market.authority})
    port = own_nginx(bench, connection.getresponse().read())
    connection.close()
    static = bench.load([Step("file", "GET", "/file")], LOOKERS, port)
    looks = bench.load([steps.now(slug)], LOOKERS)
    edge, ceiling = bench.interleaved(
        lambda: bench.closed("now", looks, cost=True), lambda: bench.closed("static file", static)
    )
    bench.open("now", looks, edge.rate)
    what = f"`now` through the edge, {looks.connections:,} keep-alive clients"
    beside = f"{a_second(ceiling.rate)}: nginx, a static file of that size"
    return [Row(what, a_second(edge.rate), beside, ratio(edge, ceiling), 0.8, latencies=edge.latencies)]


def join(bench: Bench) -> list[Row]:
    """Compare joins and admissions with a constant of nginx; the same people do the one and then the other."""
    port = own_nginx(bench)
    [(_, token)] = bench.market.people.take(1)
    constant = Step("constant", "POST", "/constant/entries", {"Authorization": f"Bearer {token}"})
    joins, admissions, ceiling = Side(), Side(), Side()
    for _ in range(bench.scale.rounds):
        slug = bench.market.new_drop()
        people = bench.people_for("join", slug)
        ceiling.add(bench.closed("constant", bench.load([constant], CLIENTS, port)))
        joined = bench.closed("join", bench.load([steps.join(slug)], CLIENTS, people=people), cost=True)
        joins.add(joined)
        admissions.add(_admitted(bench, slug, people, joined))
    slug = bench.market.new_drop()
    bench.open("join", bench.load([steps.join(slug)], CLIENTS, people=bench.people_for("join", slug)), joins.rate)
    beside = f"{a_second(ceiling.rate)}: nginx, a constant"
    wanted = (
        ("join, a new person each time, stored", joins, 0.5),
        ("admission, redeemed once, signed", admissions, None),
    )
    return [
        Row(
            f"{what}, {bench.clients(CLIENTS)} clients",
            a_second(side.rate),
            beside,
            ratio(side, ceiling),
            0.2,
            moonshot=moonshot,
            latencies=side.latencies,
        )
        for what, side, moonshot in wanted
    ]


def _admitted(bench: Bench, slug: str, people: str, joined: Seen) -> Seen:
    """Admit the people who have joined, and no others."""
    load = bench.load([steps.admission(slug)], CLIENTS, people=people, most_people=joined.people)
    load = replace(load, settle_seconds=0.0)  # these people may be few, so all are counted
    return bench.closed("admission", load, cost=True)


def own_nginx(bench: Bench, file: bytes = b"", services: tuple[int, ...] = ()) -> int:
    """Start an nginx of the bench's own; return its port."""
    [port] = free_ports(1)
    folder = bench.market.new_folder()
    spec = nginx(folder / "nginx", port, file=file, services=services, authority=bench.market.authority)
    bench.stack.enter_context(started(spec, folder))
    return port
