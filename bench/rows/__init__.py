"""The benchmarks by name, one file for each group of rows."""

from collections.abc import Callable, Mapping

from bench.bench import Bench
from bench.row import Row
from bench.rows import exactness, growth, mall, purchase, room, store

BENCHMARKS: Mapping[str, Callable[[Bench], list[Row]]] = {
    "now": room.now,
    "join": room.join,
    "reserve": store.reserve,
    "alone": store.alone,
    "purchase": purchase.purchase,
    "exactness": exactness.exactness,
    "processes": store.processes,
    "growth": growth.growth,
    "mall": mall.mall,
}
