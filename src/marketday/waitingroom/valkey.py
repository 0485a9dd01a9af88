"""The rooms in Valkey. Every write is one script or one transaction, so a killed process leaves nothing half done.

Of a drop `s` there are: `room:{s}:facts` (hash), `:entries` (hash person -> `index:joined at`, after those of earlier
turns: see `rejoin.lua`), `:returned` (how many earlier turns there are), `:bought` (set of people), `:draw` (hash),
`:serving` (number), `:calls` (sorted set serving number by time), `:admissions` (hash person -> `admitted:expires`),
`:claims` (sorted set person by position), `:inside` (sorted set person by expiry), `:deciding` (sorted set person by
admission, while they hold nothing), `:board` (hash).
`rooms` is the set of all drops. The braces keep a drop's keys on one node of a cluster. Times are milliseconds.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as NoAnswer

from marketday.kit.batching import MicroBatch
from marketday.kit.moments import from_milliseconds, to_milliseconds
from marketday.kit.turns import TooManyWaiting, Turns
from marketday.waitingroom import records
from marketday.waitingroom.errors import RoomUnavailable, UnknownDrop
from marketday.waitingroom.model import Admitted, Board, Draw, EntryRecord, Facts, Snapshot, Standing
from marketday.waitingroom.ports import Flow, Joined
from marketday.waitingroom.recording.model import RECORDED

ROOMS = "rooms"
PARTS = (
    *("facts", "entries", "returned", "bought", "draw", "serving"),
    *("calls", "admissions", "claims", "inside", "deciding", "board"),
)
RESTORED = tuple(part for part in PARTS if part != "board")  # parts that can be written again from the drop database
_OTHERS = ("log", "run", "restoring", *(f"restoring:{part}" for part in RESTORED))  # see `recording/valkey.py`
SCRIPTS = ("join", "rejoin", "open", "admit", "leave", "call", "board")
_PORTION = 1000
_ASKED_AGAIN_SECONDS = 1.0  # less than the client waits for an answer of the server
_ANSWER_SECONDS = 5.0  # all tries of one call together
_SILENT = (ConnectionLost, NoAnswer)
_A = TypeVar("_A")


class _Asked(NamedTuple):
    """What one person asks for; `position` and `expires_at` are those of an admission."""

    slug: str
    person: str
    now: datetime
    position: int = 0
    expires_at: datetime | None = None


class ValkeyRooms:
    """Implements `ports.RoomStore`. What people ask for while a call is under way is sent as one call afterwards."""

    def __init__(self, client: "Redis", *, promise_seconds: float | None = None) -> None:
        """Keep the rooms in the server of `client`, one made by `kit.valkey.connect`.

        With `promise_seconds` a place or an admission is returned only when it is recorded in the drop database as
        well, and RoomUnavailable is raised if that takes longer, or if Valkey may have lost what was asked for. Only
        what was returned like this may be promised to people. Without it, nothing is waited for.
        """
        self._client: Any = client
        self._promise_seconds = promise_seconds
        self._turns = Turns(client.connection_pool.max_connections, seconds=_ANSWER_SECONDS, away=_SILENT)
        self._scripts = {name: client.register_script(_lua(name)) for name in SCRIPTS}
        self._joins: MicroBatch[_Asked, Joined] = MicroBatch(self._of_drops(self._join), unavailable=RoomUnavailable)
        self._looks: MicroBatch[_Asked, Standing] = MicroBatch(self._of_drops(self._look), unavailable=RoomUnavailable)
        self._admits: MicroBatch[_Asked, tuple[Admitted, bool]] = MicroBatch(
            self._of_drops(self._admit), unavailable=RoomUnavailable
        )

    async def publish_drop(self, facts: Facts) -> None:
        """Write the facts and list the drop, in one transaction."""
        async with self._reached(), self._client.pipeline(transaction=True) as calls:
            calls.sadd(ROOMS, facts.slug)
            calls.hset(key(facts.slug, "facts"), mapping=records.facts_to_fields(facts))
            await calls.execute()

    async def forget_drop(self, slug: str) -> None:
        """Remove every key of the drop, in one transaction."""
        async with self._reached(), self._client.pipeline(transaction=True) as calls:
            calls.unlink(*(key(slug, part) for part in (*PARTS, *_OTHERS)))
            calls.srem(ROOMS, slug)
            await calls.execute()

    async def slugs(self) -> list[str]:
        """Return the published drops, sorted."""
        async with self._reached():
            return sorted(await self._client.smembers(ROOMS))

    async def facts(self, slug: str) -> Facts:
        """Return a drop's facts."""
        async with self._reached():
            fields = await self._client.hgetall(key(slug, "facts"))
        if not fields:
            raise await self._absent(slug)
        return records.facts_from_fields(slug, fields)

    async def join(self, slug: str, person_id: UUID, now: datetime) -> Joined:
        """Run `join.lua`, together with the others who join."""
        return await self._joins.ask(_Asked(slug, str(person_id), now))

    async def rejoin(self, slug: str, person_id: UUID, over: Admitted, now: datetime) -> Joined:
        """Run `rejoin.lua`."""
        keys = ("facts", "entries", "draw", "returned", "admissions", "log")
        ended = records.admitted_to_text(over)
        answer = await self._promised("rejoin", slug, keys, str(person_id), to_milliseconds(now), ended)
        return records.joined(answer)[0]

    async def standing(self, slug: str, person_id: UUID, now: datetime) -> Standing:
        """Read the room and one person's entry and admission, together with the others who look."""
        return await self._looks.ask(_Asked(slug, str(person_id), now))

    async def snapshot(self, slug: str, now: datetime) -> Snapshot:
        """Read the room in one transaction."""
        async with self._reached(), self._client.pipeline(transaction=True) as calls:
            _ask_for_room(calls, slug, now)
            answers = await calls.execute()
        if not answers[0]:
            raise await self._absent(slug)
        return records.snapshot(slug, answers)

    async def open(self, slug: str, seed: bytes, now: datetime, cohort: int | None = None) -> Draw:
        """Run `open.lua`."""
        known = "" if cohort is None else cohort
        fields = await self._run("open", slug, ("facts", "entries", "draw"), seed.hex(), to_milliseconds(now), known)
        draw = records.draw_from_fields(fields)
        if draw is None:
            raise UnknownDrop(f"no drop {slug!r} here")
        return draw

    async def admit(
        self, slug: str, person_id: UUID, position: int, now: datetime, expires_at: datetime
    ) -> tuple[Admitted, bool]:
        """Run `admit.lua`, together with the others who are admitted."""
        return await self._admits.ask(_Asked(slug, str(person_id), now, position, expires_at))

    async def leave(self, slug: str, person_ids: Sequence[UUID]) -> None:
        """Run `leave.lua`."""
        if person_ids:
            keys = ("facts", "inside", "deciding", "bought")
            with suppress(UnknownDrop):
                await self._run("leave", slug, keys, *map(str, person_ids))

    async def decided(self, slug: str, person_ids: Sequence[UUID]) -> None:
        """Remove people from those deciding."""
        if person_ids:
            async with self._reached():
                await self._client.zrem(key(slug, "deciding"), *map(str, person_ids))

    async def call(self, slug: str, serving_number: int, now: datetime) -> int:
        """Run `call.lua`."""
        keys = ("facts", "serving", "calls", "inside")
        return int(await self._run("call", slug, keys, serving_number, to_milliseconds(now)))

    async def flow(
        self, slug: str, now: datetime, *, grace_seconds: float, deciding_seconds: float, window_seconds: float
    ) -> Flow:
        """Read the latest calls and claims."""
        await self.facts(slug)
        calls, claims, undecided = (key(slug, part) for part in ("calls", "claims", "deciding"))
        too_long_ago = to_milliseconds(now - timedelta(seconds=deciding_seconds))
        async with self._reached():
            async with self._client.pipeline(transaction=True) as asked:
                for seconds in (grace_seconds, window_seconds, 0):
                    before = to_milliseconds(now - timedelta(seconds=seconds))
                    asked.zrevrangebyscore(calls, before, "-inf", start=0, num=1, withscores=True)
                asked.zcount(undecided, f"({too_long_ago}", "+inf")
                before_grace, before_window, last, deciding = await asked.execute()
            called_before_grace = records.called(before_grace)
            came = await self._client.zcount(claims, called_before_grace, "+inf")
        return Flow(
            called_before_grace=called_before_grace,
            came_within_grace=came,
            deciding=deciding,
            last_called_at=from_milliseconds(int(last[0][1])) if last else None,
            called_in_window=records.called(last) - records.called(before_window),
        )

    async def write_board(self, slug: str, board: Board) -> None:
        """Run `board.lua`."""
        await self._run("board", slug, ("facts", "board"), board.stock.value, board.left, board.rate_per_second)

    async def entries(self, slug: str) -> AsyncIterator[list[EntryRecord]]:
        """Scan the entries in portions of about a thousand; an entry may come twice."""
        cursor = 0
        while True:
            async with self._reached():
                cursor, portion = await self._client.hscan(key(slug, "entries"), cursor, count=_PORTION)
                people = list(portion)
                admitted = await self._client.hmget(key(slug, "admissions"), people) if people else []
            pairs = zip(people, admitted, strict=True)
            yield [line for person, text in pairs for line in records.entry_records(person, portion[person], text)]
            if cursor == 0:
                return

    async def server_time(self) -> datetime:
        """Return the time by the server's own clock."""
        async with self._reached():
            seconds, microseconds = await self._client.time()
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)

    async def ping(self) -> None:
        """Return if the server answers."""
        async with self._reached():
            await self._client.ping()

    async def _join(self, slug: str, asked: Sequence[_Asked]) -> list[Joined]:
        people = [value for one in asked for value in (one.person, to_milliseconds(one.now))]
        keys = ("facts", "entries", "draw", "returned", "log")
        return records.joined(await self._promised("join", slug, keys, *people))

    async def _look(self, slug: str, asked: Sequence[_Asked]) -> list[Standing | RoomUnavailable]:
        """Read the room and all these people; nobody hears "no place" while Valkey may have lost it."""
        found, _ = await self._standings(slug, asked)
        if self._promise_seconds is None or all(standing.entry is not None for standing in found):
            return list(found)
        found, whole = await self._standings(slug, asked, compare=True)
        return [standing if standing.entry or whole else RoomUnavailable(retry_after=1) for standing in found]

    async def _standings(
        self, slug: str, asked: Sequence[_Asked], *, compare: bool = False
    ) -> tuple[list[Standing], bool]:
        """Read all in one transaction; with `compare` also whether the room was compared since Valkey was started."""
        people = [one.person for one in asked]
        async with self._reached(), self._client.pipeline(transaction=True) as calls:
            _ask_for_room(calls, slug, max(one.now for one in asked))
            calls.hmget(key(slug, "entries"), people)
            calls.hmget(key(slug, "admissions"), people)
            calls.smismember(key(slug, "bought"), people)
            if compare:
                calls.get(key(slug, "run"))
                calls.info("server")
            answers = await calls.execute()
        whole = False
        if compare:
            *answers, run, server = answers
            whole = run == server["run_id"]
        *answers, entries, admissions, bought = answers
        if not answers[0]:
            raise await self._absent(slug)
        room = records.snapshot(slug, answers)
        standings = [
            Standing(
                room=room,
                entry=records.entry_from_text(entry) if entry else None,
                admitted=records.admitted_from_text(admitted) if admitted else None,
                bought=bool(has_bought),
            )
            for entry, admitted, has_bought in zip(entries, admissions, bought, strict=True)
        ]
        return standings, whole

    async def _admit(self, slug: str, asked: Sequence[_Asked]) -> list[tuple[Admitted, bool] | RoomUnavailable]:
        values = [
            value
            for one in asked
            for value in (one.person, one.position, *map(to_milliseconds, (one.now, one.expires_at or one.now)))
        ]
        keys = ("facts", "admissions", "claims", "inside", "deciding", "entries", "log")
        answers = await self._promised("admit", slug, keys, *values)
        return [
            (records.admitted_from_text(admission), new == 1)
            if admission
            else RoomUnavailable("the entry is missing", retry_after=1)  # it was there a moment ago
            for admission, new in zip(answers[::2], answers[1::2], strict=True)
        ]

    @staticmethod
    def _of_drops(
        call: Callable[[str, Sequence[_Asked]], Awaitable[Sequence[_A | Exception]]],
    ) -> Callable[[Sequence[_Asked]], Awaitable[Sequence[_A | Exception]]]:
        """Return what makes one `call` for each drop of a batch; an unknown drop fails only those who asked for it."""

        async def decide(asked: Sequence[_Asked]) -> Sequence[_A | Exception]:
            places: dict[str, list[int]] = defaultdict(list)
            for place, one in enumerate(asked):
                places[one.slug].append(place)
            answers: dict[int, _A | Exception] = {}
            for slug, mine in places.items():
                try:
                    answers.update(zip(mine, await call(slug, [asked[place] for place in mine]), strict=True))
                except UnknownDrop as error:
                    answers.update(dict.fromkeys(mine, error))
            return [answers[place] for place in range(len(asked))]

        return decide

    @asynccontextmanager
    async def _reached(self) -> AsyncIterator[None]:
        """Wait for our turn to call Valkey; the driver's errors become RoomUnavailable."""
        try:
            async with self._turns.turn():
                yield
        except (TimeoutError, TooManyWaiting, *_SILENT, OutOfMemoryError, ReadOnlyError) as error:
            raise RoomUnavailable(retry_after=2) from error

    async def _run(self, script: str, slug: str, parts: Sequence[str], *arguments: Any) -> Any:
        async with self._reached():
            answer = await self._scripts[script](keys=[key(slug, part) for part in parts], args=arguments)
        if answer is None:
            raise await self._absent(slug)
        return answer

    async def _promised(self, script: str, slug: str, parts: Sequence[str], *arguments: Any) -> list[Any]:
        """Run a script that writes into the log, and wait until that is recorded in the drop database."""
        name = secrets.token_hex(8)
        answer: list[Any]
        logged, *answer = await self._run(script, slug, parts, name, *arguments)
        if logged and self._promise_seconds is not None:
            await self._recorded(key(slug, f"recorded:{name}"), self._promise_seconds)
        return answer

    async def _recorded(self, answered: str, seconds: float) -> None:
        """Wait for the answer of `recording/service.py`."""
        now = asyncio.get_running_loop().time
        until = now() + seconds
        while (left := until - now()) > 0:
            async with self._reached():
                found = await self._client.blpop(answered, timeout=min(max(left, 0.01), _ASKED_AGAIN_SECONDS))
            if found is not None:
                if found[1] != RECORDED:
                    raise RoomUnavailable("the waiting room was restored", retry_after=1)
                return
        raise RoomUnavailable("the drop database has not recorded it yet", retry_after=1)

    async def _absent(self, slug: str) -> UnknownDrop | RoomUnavailable:
        """Return what to raise for a drop that is not here: Valkey knows other drops, or it may have lost this one."""
        if self._promise_seconds is not None:
            async with self._reached(), self._client.pipeline(transaction=True) as calls:
                calls.exists(ROOMS)
                calls.sismember(ROOMS, slug)
                others, listed = await calls.execute()
            if listed or not others:
                return RoomUnavailable("the waiting room is being restored", retry_after=1)
        return UnknownDrop(f"no drop {slug!r} here")


def _ask_for_room(calls: Any, slug: str, now: datetime) -> None:
    """Add the calls whose answers `records.snapshot` reads, in its order."""
    calls.hgetall(key(slug, "facts"))
    calls.hmget(key(slug, "draw"), "seed", "cohort", "published_at")
    calls.hgetall(key(slug, "board"))
    calls.get(key(slug, "serving"))
    calls.hlen(key(slug, "entries"))
    calls.hlen(key(slug, "admissions"))
    calls.zcount(key(slug, "inside"), f"({to_milliseconds(now)}", "+inf")
    calls.get(key(slug, "returned"))


def key(slug: str, part: str) -> str:
    """Return the name of a part of a drop's room."""
    return f"room:{{{slug}}}:{part}"


def _lua(name: str) -> str:
    return resources.files(__package__).joinpath(f"{name}.lua").read_text("utf-8")
