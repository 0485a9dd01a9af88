"""The size that each part of an event environment needs for a demand. Pure, no I/O.

The rules are based on our measurements (docs/benchmarks.md) or on limits of AWS, multiplied by SAFETY. For small
machines with CPU credits, only their baseline without credits counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, TypeVar

from marketday.capacity.errors import DropTooLarge
from marketday.capacity.forecast.model import Demand

SAFETY = 2
# Medians of the smaller market day on a machine with free CPU: an upper bound for the CPU time of one request.
GATE_SECONDS = 0.0035
STORE_SECONDS = 0.0071
# Reservations a second for each core: 64 people at once, on two cores that the clients also used.
WRITES_PER_VCPU = 7_361 / 2
WRITES_PER_ORDER = 4  # reserve, authorise, confirm, capture: one committed statement each
STANDBY_FACTOR = 2  # a commit waits for the standby in the other zone and uses its connection twice as long
LUA_PER_SECOND = 53_000  # Lua calls of one Valkey process, measured by redis-benchmark on the same machine
ENTRY_BYTES = 564  # measured: memory of Valkey 9 after 8,000 people were joined and admitted, for each person
FREE_MEMORY_SHARE = 0.25  # for copies to a replica, as ElastiCache reserves it
CONNECTIONS_PER_STORE = 10  # the store's own setting `connections`
OTHER_CONNECTIONS = 50
RECORDS_PER_SHARD = 1_000  # records a second, the limit of Kinesis
# An LCU is one of these (aws.amazon.com/elasticloadbalancing/pricing). In the first seconds each request may come on a
# new connection.
CONNECTIONS_PER_LCU, BYTES_PER_LCU = 25, 10**9 / 3600  # new connections a second; processed bytes a second
ANSWER_BYTES = 12_000  # an assumption: a compressed page of the store with its headers
LEAST_RESERVED_LCUS = 100  # AWS reserves no fewer
LCUS_WITHOUT_RESERVE = 50  # our judgement: below half of that, the reserve costs more than it helps
LEAST_DATABASE_GB = 20  # the smallest gp3 volume of RDS
BYTES_PER_PERSON = 4_096  # an exported entry and its share of the log
BYTES_PER_ORDER = (
    32_768  # order, lines, payment and outbox, with indexes, and with WAL that waits while the link is closed
)
LEAST_TASKS = 2  # one in each zone
MOST_TASKS = 1_000
_SMALL, _WHOLE = 512, 1024  # CPU units; a service is one process and uses at most one core
_BUSY_WORKER = 100  # admissions a second from which the worker gets a whole core

FARGATE_MEMORY = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
}
"""The combinations of CPU units and MiB that Fargate allows (ECS developer guide, "Task CPU and memory")."""


@dataclass(frozen=True, slots=True)
class DatabaseClass:
    """One RDS instance class. `vcpus` is its permanent speed: the baseline of a burstable class."""

    name: str
    vcpus: float
    memory_gb: int

    @property
    def connections(self) -> int:
        """The default max_connections of RDS, LEAST(memory / 9531392, 5000), minus a tenth that the host uses."""
        return min(int(self.memory_gb * 2**30 * 0.9 / 9_531_392), 5_000)


@dataclass(frozen=True, slots=True)
class CacheClass:
    """One ElastiCache node type: memory in GiB, and its permanent share of a core."""

    name: str
    memory_gb: float
    core: float


DATABASES = (
    DatabaseClass("db.t4g.medium", 2 * 0.2, 4),
    DatabaseClass("db.m7g.large", 2, 8),
    DatabaseClass("db.m7g.xlarge", 4, 16),
    DatabaseClass("db.m7g.2xlarge", 8, 32),
    DatabaseClass("db.m7g.4xlarge", 16, 64),
    DatabaseClass("db.m7g.8xlarge", 32, 128),
)
CACHES = (
    CacheClass("cache.t4g.small", 1.37, 0.2),
    CacheClass("cache.t4g.medium", 3.09, 0.2),
    CacheClass("cache.m7g.large", 6.38, 1),
    CacheClass("cache.m7g.xlarge", 12.93, 1),
    CacheClass("cache.r7g.xlarge", 26.32, 1),
    CacheClass("cache.r7g.2xlarge", 52.82, 1),
)


@dataclass(frozen=True, slots=True)
class Service:
    """Tasks of one service: CPU units and MiB of each, minimum and maximum number, requests of one target a minute."""

    cpu: int
    memory: int
    min: int
    max: int
    requests_per_target: int


@dataclass(frozen=True, slots=True)
class Worker:
    """Tasks of the worker: one is active, the others are standbys."""

    cpu: int
    memory: int
    min: int
    max: int


@dataclass(frozen=True, slots=True)
class Database:
    """The Multi-AZ database."""

    instance_class: str
    storage_gb: int


@dataclass(frozen=True, slots=True)
class Cache:
    """The Valkey nodes: a primary and its `replicas`, which are only used after a failure of the primary."""

    node_type: str
    replicas: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of all parts."""

    gate: Service
    store: Service
    worker: Worker
    database: Database
    cache: Cache
    stream_shards: int
    load_balancer_units: int = 0  # that the load balancer has from the start; 0 for as many as AWS gives it


def sizes_for(demand: Demand) -> Sizes:
    """Return the smallest environment for `demand` with the reserve SAFETY; more demand never gives a smaller one.

    Raises:
        DropTooLarge: no class of database or cache is large enough, or more than MOST_TASKS tasks are needed.

    """
    store = _service("store", demand.store_per_second, STORE_SECONDS)
    busy = demand.orders_per_second > _BUSY_WORKER
    records = (demand.gate_per_second + demand.store_per_second) * SAFETY
    return Sizes(
        gate=_service("gate", demand.gate_per_second, GATE_SECONDS),
        store=store,
        worker=Worker(cpu=_WHOLE if busy else _SMALL, memory=2048 if busy else 1024, min=LEAST_TASKS, max=LEAST_TASKS),
        database=_database(demand, store.max * CONNECTIONS_PER_STORE + OTHER_CONNECTIONS),
        cache=_cache(demand),
        stream_shards=max(1, ceil(records / RECORDS_PER_SHARD)),
        load_balancer_units=_load_balancer_units(records),
    )


def terraform_sizes(sizes: Sizes) -> dict[str, Any]:
    """Return the value of the event stack's variable `sizes`."""
    return asdict(sizes)


def _service(name: str, per_second: float, seconds_each: float) -> Service:
    """Size the minimum number of tasks for the whole peak, because new tasks start too slowly for a sudden peak."""
    vcpus = per_second * seconds_each * SAFETY
    cpu = _SMALL if vcpus * _WHOLE <= LEAST_TASKS * _SMALL else _WHOLE
    fewest = max(LEAST_TASKS, ceil(vcpus * _WHOLE / cpu))
    if fewest > MOST_TASKS:
        raise DropTooLarge(
            f"{per_second:,.0f} requests a second of the {name} need {fewest:,} tasks; expected at most {MOST_TASKS:,}"
        )
    per_minute = int(60 * cpu / _WHOLE / seconds_each / SAFETY)
    return Service(cpu=cpu, memory=2 * cpu, min=fewest, max=2 * fewest, requests_per_target=per_minute)


def _load_balancer_units(per_second: float) -> int:
    """Return the LCUs to reserve for so many requests a second; none for a load that any load balancer takes."""
    units = ceil(per_second * max(1 / CONNECTIONS_PER_LCU, ANSWER_BYTES / BYTES_PER_LCU))
    return 0 if units <= LCUS_WITHOUT_RESERVE else max(units, LEAST_RESERVED_LCUS)


def _database(demand: Demand, connections: int) -> Database:
    statements = demand.store_per_second + demand.orders_per_second * WRITES_PER_ORDER
    vcpus = statements / WRITES_PER_VCPU * SAFETY * STANDBY_FACTOR
    chosen = _first(
        DATABASES,
        lambda one: one.vcpus >= vcpus and one.connections >= connections,
        f"a database for {statements:,.0f} statements a second and {connections:,} connections",
    )
    stored = SAFETY * (demand.people * BYTES_PER_PERSON + demand.orders * BYTES_PER_ORDER)
    return Database(chosen.name, LEAST_DATABASE_GB + ceil(stored / 2**30))


def _cache(demand: Demand) -> Cache:
    memory_gb = demand.people * ENTRY_BYTES * SAFETY / (1 - FREE_MEMORY_SHARE) / 2**30
    core = demand.gate_per_second * SAFETY / LUA_PER_SECOND
    chosen = _first(
        CACHES,
        lambda one: one.memory_gb >= memory_gb and one.core >= core,
        f"a Valkey node with {memory_gb:,.1f} GiB, for {demand.gate_per_second:,.0f} calls a second",
    )
    return Cache(chosen.name, replicas=1)


_Class = TypeVar("_Class", DatabaseClass, CacheClass)


def _first(ladder: Sequence[_Class], carries: Callable[[_Class], bool], asked: str) -> _Class:
    """Return the first step of a ladder that is large enough."""
    for one in ladder:
        if carries(one):
            return one
    raise DropTooLarge(f"the drop needs {asked}; expected at most what {ladder[-1].name} has")
