"""The connections of one load client and the people who use them."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from bench.load.connection import Connection
from bench.load.people import Fields
from bench.load.plan import Load, template
from bench.load.seen import Latencies, Seen

_TICK_SECONDS = 0.001
PATIENCE_SECONDS = 10.0  # how long answers of an open load are awaited after its end; then they count as no answer


class Crew:
    """Keeps the connections open, sends what is due, and counts what comes back."""

    def __init__(self, load: Load, people: Iterator[Fields]) -> None:
        self._load = load
        self._people = people
        self._templates = [template(step, load.authority) for step in load.steps]
        self._expected = [frozenset(step.expects) for step in load.steps]
        self._latencies = [Latencies() for _ in load.steps]
        self._whole = Latencies()
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._reconnecting: set[asyncio.Task[None]] = set()
        self._due: deque[float] = deque()
        self._counts_from = self._ends = float("inf")
        self._begun = self._finished = 0  # people
        self._ran_out = False
        self._last_answer = 0.0
        self._running = False

    async def connect(self) -> None:
        """Open all connections."""
        for _ in range(self._load.connections):
            await self._reconnect()

    async def run(self, begin: float) -> Seen:
        """Send requests from the moment `begin` (of `time.perf_counter`), and return what was seen."""
        load = self._load
        await asyncio.sleep(begin - time.perf_counter())
        self._counts_from = begin + load.settle_seconds
        self._ends = self._counts_from + load.seconds
        self._running = True
        if load.rate is None:
            for connection in list(self._idle):
                self._take(connection, time.perf_counter())
            cpu = await self._cpu_seconds()
        else:
            ticking = asyncio.create_task(self._keep_the_times(begin, load.rate))
            cpu = await self._cpu_seconds()
            await ticking
        await self._await_the_last()
        self._running = False
        ends = self._last_answer if self._ran_out else self._ends
        return Seen(
            seconds=max(ends - self._counts_from, 1e-9),
            steps={step.name: seen for step, seen in zip(load.steps, self._latencies, strict=True)},
            whole=self._whole,
            cpu_seconds=cpu,
            people=self._begun,
            finished=self._finished,
            ran_out=self._ran_out,
        )

    async def close(self) -> None:
        """Close all connections."""
        for task in self._reconnecting:
            task.cancel()
        await asyncio.gather(*self._reconnecting, return_exceptions=True)
        for connection in self._open:
            connection.close()
        while self._open:  # noqa: ASYNC110 - each tells us when it has ended
            await asyncio.sleep(0.001)

    def opened(self, connection: Connection) -> None:
        """Use a new connection."""
        self._open.add(connection)
        self._free(connection)

    def closed(self, connection: Connection) -> None:
        """Replace a connection that ended."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._running:
            task = asyncio.get_running_loop().create_task(self._reconnect())
            self._reconnecting.add(task)
            task.add_done_callback(self._reconnecting.discard)

    def answered(self, connection: Connection, status: int, body: bytes) -> None:
        """Count an answer, and go on with the person's next step or with the next person."""
        now = self._last_answer = time.perf_counter()
        number = connection.step
        expected = status in self._expected[number]
        self._count(connection, number, status, now, expected=expected)
        if expected and number + 1 < len(self._templates):
            self._keep(connection.fields, number, body)
            if connection.usable:
                self._send(connection, number + 1, now)
                return
        elif expected:
            self._finished += 1
            if self._counts(connection.due, now):
                self._whole.add(now - connection.due)
        self._free(connection)

    def _count(self, connection: Connection, number: int, status: int, now: float, *, expected: bool) -> None:
        if not expected:
            self._latencies[number].errors[status] += 1
        elif self._counts(connection.due, now):
            self._latencies[number].add(now - connection.begun)

    def _counts(self, due: float, now: float) -> bool:
        """Return whether an answer is counted: whether it is within the time that is measured.

        A closed load counts when the answer came, an open load when its request was due.
        """
        moment = now if self._load.rate is None else due
        return self._counts_from <= moment < self._ends

    def _keep(self, fields: dict[bytes, bytes], number: int, body: bytes) -> None:
        keeps = self._load.steps[number].keeps
        if keeps:
            document = json.loads(body)
            for name, place in keeps.items():
                fields[name.encode()] = str(_value(document, place)).encode()

    def _free(self, connection: Connection) -> None:
        if not connection.usable:
            return
        if self._running and self._load.rate is None:
            self._take(connection, time.perf_counter())
        elif self._due:
            self._take(connection, self._due.popleft())
        else:
            self._idle.append(connection)

    def _take(self, connection: Connection, due: float) -> None:
        """Begin with the next person, if there is one and the time is not over."""
        if self._load.rate is None and due >= self._ends:
            return
        fields = next(self._people, None)
        if fields is None:
            self._ran_out = True
            self._due.clear()
            return
        self._begun += 1
        connection.fields = fields
        connection.due = due
        self._send(connection, 0, due)

    def _send(self, connection: Connection, number: int, begun: float) -> None:
        connection.step = number
        connection.begun = begun
        connection.send(self._templates[number] % connection.fields)

    async def _keep_the_times(self, begin: float, rate: float) -> None:
        """Send what is due, independent of answers; what finds no idle connection waits, and its latency counts."""
        number, people = 0, round(rate * (self._ends - begin))
        while number < people and not self._ran_out:
            now = time.perf_counter()
            while number < people and (due := begin + number / rate) <= now:
                number += 1
                if self._idle:
                    self._take(self._idle.pop(), due)
                else:
                    self._due.append(due)
            await asyncio.sleep(_TICK_SECONDS)

    async def _await_the_last(self) -> None:
        patience = time.perf_counter() + PATIENCE_SECONDS
        while self._waited_for() and time.perf_counter() < patience:  # noqa: ASYNC110 - asked for once a load
            await asyncio.sleep(0.01)
        if self._load.rate is None:
            return
        unanswered = len(self._due) + sum(connection.busy for connection in self._open)
        if unanswered:
            self._latencies[0].errors[0] += unanswered

    def _waited_for(self) -> bool:
        return bool(self._due) or any(connection.busy for connection in self._open)

    async def _cpu_seconds(self) -> float:
        """Wait until the time is over; return the processor time of this process in what counts."""
        await asyncio.sleep(self._counts_from - time.perf_counter())
        before = time.process_time()
        while (left := self._ends - time.perf_counter()) > 0 and not self._ran_out:  # noqa: ASYNC110 - or until nobody is left
            await asyncio.sleep(min(left, 0.1))
        return time.process_time() - before

    async def _reconnect(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.create_connection(lambda: Connection(self), "127.0.0.1", self._load.port)
            except OSError:
                if not self._running:
                    raise
                await asyncio.sleep(0.05)
            else:
                return


def _value(document: Any, place: str) -> Any:
    for name in place.split("."):
        document = document[name]
    return document
