"""The rooms' logs in Valkey, and how a room is written again.

In addition to the keys of `waitingroom/valkey.py` a drop `s` has: `room:{s}:log` (stream: what the drop database does
not have yet), `:recorded:{name}` (list: the answer to one call of the log), `:run` (the run of the server in which the
room was compared with the drop database), `:restoring` (a word, while the room is written again), `:restoring:{part}`.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from marketday.kit.moments import from_milliseconds, to_milliseconds
from marketday.waitingroom import records
from marketday.waitingroom.errors import RoomUnavailable
from marketday.waitingroom.model import EntryRecord
from marketday.waitingroom.recording.model import MOST_MESSAGES, RECORDED, Message, RoomState, Whole
from marketday.waitingroom.recording.parts import Parts
from marketday.waitingroom.valkey import RESTORED, ROOMS, key

_RECORDED_SECONDS = 10  # longer than anyone waits for it
_RESTORING_SECONDS = 600


class ValkeyLog:
    """Reads and answers the rooms' logs. Every method may raise RoomUnavailable."""

    def __init__(self, client: "Redis") -> None:
        """Use `client`, which must report a lost connection at once: then the server may have been started again."""
        self._client: Any = client
        self._restore = client.register_script(resources.files(__package__).joinpath("restore.lua").read_text("utf-8"))

    async def read(self, slugs: Sequence[str], wait_seconds: float) -> list[Message]:
        """Return the oldest calls in the logs of these drops, as soon as there is one; nothing after that time."""
        async with _reached():
            found = await self._client.xread(
                {key(slug, "log"): "0" for slug in slugs}, count=MOST_MESSAGES, block=int(wait_seconds * 1000)
            )
        logs = {key(slug, "log"): slug for slug in slugs}
        return [_message(logs[log], each) for log, messages in found or () for each in messages]

    async def answer(self, messages: Sequence[Message], text: str = RECORDED) -> None:
        """Remove these calls from their logs, and answer those who wait for them."""
        if not messages:
            return
        async with _reached(), self._client.pipeline(transaction=True) as calls:
            for message in messages:
                waits = key(message.slug, f"recorded:{message.name}")
                calls.xdel(key(message.slug, "log"), message.id)
                calls.rpush(waits, text)
                calls.expire(waits, _RECORDED_SECONDS)
            await calls.execute()

    async def state(self, slug: str) -> RoomState:
        """Return the room and its log at one moment."""
        async with _reached(), self._client.pipeline(transaction=True) as calls:
            calls.exists(key(slug, "facts"))
            calls.get(key(slug, "run"))
            calls.info("server")
            calls.hlen(key(slug, "entries"))
            calls.hlen(key(slug, "admissions"))
            calls.get(key(slug, "returned"))
            calls.get(key(slug, "serving"))
            calls.xrange(key(slug, "log"))
            exists, run, server, entries, admitted, returned, serving, log = await calls.execute()
        return RoomState(
            exists=bool(exists),
            run=server["run_id"],
            verified=run == server["run_id"],
            entries=entries + int(returned or 0),
            admitted=admitted + int(returned or 0),
            serving_number=int(serving or 0),
            log=tuple(_message(slug, each) for each in log),
        )

    async def run(self) -> str:
        """Return what is another after each start of the server."""
        async with _reached():
            return str((await self._client.info("server"))["run_id"])

    async def verified(self, slug: str, run: str) -> None:
        """Record that the room was compared with the drop database in this run of the server."""
        async with _reached():
            await self._client.set(key(slug, "run"), run)

    async def begin(self, slug: str) -> str:
        """Begin to write a room again; return the word with which to `finish`, unless another one begins too."""
        word = secrets.token_hex(8)
        async with _reached(), self._client.pipeline(transaction=True) as calls:
            calls.set(key(slug, "restoring"), word, ex=_RESTORING_SECONDS)
            calls.unlink(*(_other(slug, part) for part in RESTORED))
            await calls.execute()
        return word

    async def write(self, slug: str, parts: Parts) -> None:
        """Write a portion of people under the other names."""
        async with _reached(), self._client.pipeline(transaction=False) as calls:
            for part, values in parts.hashes.items():
                if values:
                    calls.hset(_other(slug, part), mapping=values)
            for part, scores in parts.scores.items():
                if scores:
                    calls.zadd(_other(slug, part), scores)
            if parts.bought:
                calls.sadd(_other(slug, "bought"), *parts.bought)
            if parts.returned:
                calls.incrby(_other(slug, "returned"), parts.returned)
            await calls.execute()

    async def finish(self, whole: Whole, word: str, run: str) -> bool:
        """Put what was written in the place of the room, at once; return whether `word` was still valid."""
        slug, draw = whole.facts.slug, whole.draw
        async with _reached(), self._client.pipeline(transaction=False) as calls:
            calls.hset(_other(slug, "facts"), mapping=records.facts_to_fields(whole.facts))
            if draw is not None:
                calls.hset(_other(slug, "draw"), mapping=records.draw_to_fields(draw))
            if whole.called_at is not None:
                calls.set(_other(slug, "serving"), whole.serving_number)
                calls.zadd(_other(slug, "calls"), {str(whole.serving_number): to_milliseconds(whole.called_at)})
            await calls.execute()
        pairs = [name for part in RESTORED for name in (key(slug, part), _other(slug, part))]
        names = [key(slug, "restoring"), ROOMS, key(slug, "log"), key(slug, "run"), *pairs]
        async with _reached():
            return bool(await self._restore(keys=names, args=[word, slug, run]))


def _other(slug: str, part: str) -> str:
    return key(slug, f"restoring:{part}")


def _message(slug: str, found: Any) -> Message:
    number, fields = found
    places = tuple(_place(text) for text in fields["places"].split(","))
    return Message(slug, number, fields["name"], places)


def _place(text: str) -> EntryRecord:
    person, index, joined_at, admitted_at = text.split(":")
    admitted = from_milliseconds(int(admitted_at)) if admitted_at else None
    return EntryRecord(UUID(person), int(index), from_milliseconds(int(joined_at)), admitted)


@asynccontextmanager
async def _reached() -> AsyncIterator[None]:
    try:
        yield
    except RedisError as error:
        raise RoomUnavailable(f"Valkey: {type(error).__name__}", retry_after=2) from error
