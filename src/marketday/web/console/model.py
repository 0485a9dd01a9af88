"""What the console shows: one picture of the day, made again every second (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marketday.telemetry.scrape import Traffic

STATES = (
    "requested",
    "provisioning",
    "ready",
    "open",
    "draining",
    "handing_back",
    "verified",
    "destroying",
    "destroyed",
)
FINISHED = frozenset({"verified", "destroying", "destroyed"})  # their orders are in the mall
STANDING = frozenset({"ready", "open", "draining", "handing_back", "verified"})  # states in which an event plane exists


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an environment's lifecycle: when it was last started, and its result."""

    name: str
    outcome: str  # started, done or failed
    started_at: datetime
    ended_at: datetime | None
    detail: str
    tries: int

    @property
    def seconds(self) -> float | None:
        """How long the last try took; None while it runs."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The signed proof of a hand-back."""

    issued_at: datetime
    token: str
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an event environment, as the mall's database records it."""

    id: str
    drop: str
    name_ko: str
    name_en: str
    state: str
    opens_at: datetime
    closes_at: datetime
    schedule: Mapping[str, datetime]
    units: int
    public_url: str
    services: Mapping[str, str]
    zone: str  # the drop's time zone, in which its times are shown
    failed_step: str | None
    failure: str | None
    steps: Sequence[Step] = ()
    receipt: Receipt | None = None

    @property
    def has_plane(self) -> bool:
        """Whether an event plane exists that could answer."""
        return self.state in STANDING or (self.state == "failed" and bool(self.public_url))

    @property
    def finished(self) -> bool:
        """Whether all of its orders are in the mall."""
        return self.state in FINISHED


@dataclass(frozen=True, slots=True)
class Stock:
    """The units of a drop: total, reserved and sold."""

    total: int
    reserved: int
    sold: int

    @property
    def left(self) -> int:
        """Units that are neither reserved nor sold."""
        return max(self.total - self.reserved - self.sold, 0)


@dataclass(frozen=True, slots=True)
class Service:
    """One service and how it answered lately; `traffic` is None until there are two answers."""

    plane: str
    name: str
    up: bool
    traffic: Traffic | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """One process that the supervisor of a plane runs."""

    name: str
    up: bool
    pid: int | None
    restarts: int


@dataclass(frozen=True, slots=True)
class Plane:
    """The processes of one plane, and whether its supervisor runs."""

    kind: str  # mall, event or sandbox
    name: str  # for an event plane, the id of its environment
    supervised: bool
    processes: Sequence[Process] = ()
    services: Mapping[str, str] = field(default_factory=dict)  # base URLs of the processes that have metrics

    @property
    def health(self) -> str:
        """`good`: all processes run; `warn`: the supervisor restarts one; `bad`: the supervisor does not run."""
        if not self.supervised:
            return "bad"
        return "good" if all(process.up for process in self.processes) else "warn"


@dataclass(frozen=True, slots=True)
class Day:
    """The picture that every viewer sees until the next one is made."""

    at: datetime
    database_up: bool = True
    run: Run | None = None
    runs: Sequence[Run] = ()  # the runs of all drops; the one to watch first is the first
    now: Mapping[str, Any] | None = None  # the event plane's public document, None if it did not answer
    stock: Stock | None = None
    orders_per_second: float = 0.0
    serving_per_second: float = 0.0
    services: Sequence[Service] = ()
    planes: Sequence[Plane] = ()

    @property
    def event_plane_unreachable(self) -> bool:
        """Whether an event plane should exist but does not answer."""
        return self.run is not None and self.run.has_plane and self.now is None

    @property
    def others(self) -> Sequence[Run]:
        """The runs of the other drops."""
        return [run for run in self.runs if self.run is None or run.id != self.run.id]


def in_order(runs: Sequence[Run], at: datetime) -> list[Run]:
    """Return the runs in the order of interest: the first is the one to watch first.

    The order: drops that are open, drops that are handed back, ready ones, ones still to be built (or failed) by
    opening time, and at the end the finished ones, the latest first.
    """
    return sorted(runs, key=lambda run: (_rank(run, at), run.opens_at.timestamp() * (-1 if run.finished else 1)))


def _rank(run: Run, at: datetime) -> int:
    if run.finished:
        return 4
    if run.state in ("draining", "handing_back") or (run.has_plane and run.closes_at <= at):
        return 1
    if run.state == "open" or (
        run.has_plane and run.opens_at <= at
    ):  # the room opens by its own clock, before the state changes
        return 0
    return 2 if run.state == "ready" else 3


def planes_of(run: Run, planes: Sequence[Plane]) -> list[Plane]:
    """Return the planes of `run`: its own, and those that all drops share."""
    return [plane for plane in planes if plane.kind != "event" or plane.name == run.id]


def timeline(rows: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Combine the journal of an environment into one entry for each step, in the same order.

    `rows` have step, outcome (started, done, failed), detail and at. A step that was retried keeps its place; its
    entry shows the last try and the number of tries.
    """
    steps: dict[str, Step] = {}
    for row in rows:
        known = steps.get(row["step"])
        begins = row["outcome"] == "started"
        steps[row["step"]] = Step(
            name=row["step"],
            outcome=row["outcome"],
            started_at=row["at"] if begins or known is None else known.started_at,
            ended_at=None if begins else row["at"],
            detail=row["detail"],
            tries=(known.tries if known else 0) + (1 if begins or known is None else 0),
        )
    return list(steps.values())


def stock_of(run: Run, counted: Stock | None, now: Mapping[str, Any] | None) -> Stock | None:
    """Return the best known figures of a drop's stock.

    These are the store's own counts, if there are any. Otherwise the units left come from the public document, and
    all others count as reserved, because the document does not separate reserved from sold.
    """
    if counted is not None:
        return counted
    if now is None or now.get("left") is None:
        return None
    return Stock(total=run.units, reserved=max(run.units - int(now["left"]), 0), sold=0)


def next_moment(run: Run, at: datetime) -> tuple[str, datetime] | None:
    """Return the name and time of the next moment in the schedule, such as `opens_at`; None after the last."""
    if run.state == "destroyed":
        return None
    coming = [(moment, name) for name, moment in run.schedule.items() if moment > at]
    if not coming:
        return None
    moment, name = min(coming)
    return name, moment


def mall_services(planes: Sequence[Plane]) -> dict[str, str]:
    """Return name and base URL of the mall's processes that have metrics."""
    return {name: url for plane in planes if plane.kind == "mall" for name, url in plane.services.items()}


def event_services(run: Run, planes: Sequence[Plane]) -> dict[str, str]:
    """Return an environment's services, and their processes if there are several: from its record or its folder."""
    found = {name: url for plane in planes if plane.name == run.id for name, url in plane.services.items()}
    return {**found, **run.services}
