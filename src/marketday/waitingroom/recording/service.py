"""Records what the rooms give out, and restores a room that Valkey has lost. The active worker does this."""

import time
from collections import defaultdict
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError
from marketday.waitingroom.ports import RoomStore
from marketday.waitingroom.recording.model import (
    LOST,
    MOST_MESSAGES,
    KeptRoom,
    Message,
    Need,
    RoomState,
    merged,
    need_of,
)
from marketday.waitingroom.recording.parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marketday.waitingroom.recording.postgres import PostgresRegister
    from marketday.waitingroom.recording.valkey import ValkeyLog

WAIT_SECONDS = 1.0  # after this time the rooms are looked at again, also while there are calls to record
PORTION = 1000
RESTORED = Counter("marketday_rooms_restored_total", "Rooms that were written again after Valkey lost data.")

_log = structlog.get_logger()


class RoomRecorder:
    """Keeps the rooms in the drop database. One at a time does this; two do no harm, and get in each other's way."""

    def __init__(self, rooms: RoomStore, log: "ValkeyLog", register: "PostgresRegister", clock: Clock) -> None:
        """Record the `log` of `rooms` in `register`."""
        self._rooms = rooms
        self._log = log
        self._register = register
        self._clock = clock
        self._kept: list[str] = []
        self._checked_at: float | None = None

    async def turn(self) -> bool:
        """Record what the rooms gave out, or look at the rooms; return whether there was something to record.

        After an error the rooms are looked at first, because Valkey may have been started again without its last data.
        """
        checked_at, self._checked_at = self._checked_at, None
        if checked_at is None or time.monotonic() - checked_at >= WAIT_SECONDS:
            await self.check()
            checked_at = time.monotonic()
        messages = await self._log.read(self._kept, WAIT_SECONDS) if self._kept else []
        await self._record(messages)
        if self._kept:
            self._checked_at = checked_at
        return bool(messages)

    async def check(self) -> None:
        """Adopt rooms that are new, compare those of a Valkey that was started again, restore those that it lost."""
        kept, failure = [], None
        for room in await self._register.rooms():
            try:
                if await self._checked(room):
                    kept.append(room.slug)
            except MarketdayError as error:  # one room's failure does not stop the others
                _log.warning("room_failed", drop=room.slug, problem=error.slug, detail=error.detail)
                failure = error
        self._kept = kept
        if failure is not None and not kept:
            raise failure

    async def _record(self, messages: "Sequence[Message]") -> None:
        of_rooms: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            of_rooms[message.slug].append(message)
        for slug, mine in of_rooms.items():
            recorded = await self._recorded(slug, mine)
            if recorded:
                await self._log.answer(mine)
            elif recorded is False:
                await self._restore(slug, mine)

    async def _recorded(self, slug: str, messages: "Sequence[Message]") -> bool | None:
        """Record these calls in the order of the log, a portion at a time: a statement has a time limit."""
        recorded: bool | None = True
        for start in range(0, len(messages), MOST_MESSAGES):
            places = merged(messages[start : start + MOST_MESSAGES])
            recorded = False if places is None else await self._register.record(slug, places)
            if not recorded:
                break
        return recorded

    async def _checked(self, kept: KeptRoom) -> bool:
        """Do for one room what it needs; return whether it is kept now."""
        slug = kept.slug
        state = await self._log.state(slug)
        if kept.kept and state.log:
            recorded, now = await self._recorded(slug, state.log), await self._room(slug)
            if recorded is False:
                return await self._restore(slug, state.log)
            if not recorded or now is None:
                return False  # it was removed
            kept = now
        match await self._need(kept, state):
            case Need.RESTORING:
                return await self._restore(slug, state.log)
            case Need.ADOPTING:
                await self._adopt(slug)
                adopted = await self._room(slug)
                if not kept.kept:
                    return adopted is not None and adopted.kept and await self._checked(adopted)
            case Need.COMPARING:
                await self._repeat_what_is_not_in_the_log(slug)
                await self._log.verified(slug, state.run)
        await self._log.answer(state.log if kept.kept else ())
        if kept.called_at is not None and state.serving_number < kept.serving_number:
            await self._rooms.call(slug, kept.serving_number, self._clock.now())
        return state.exists

    async def _need(self, kept: KeptRoom, state: RoomState) -> Need:
        need = need_of(kept, state)
        if need is Need.COMPARING:  # counting takes long
            admitted = await self._register.admitted(kept.slug)
            if admitted != state.admitted:
                return Need.RESTORING if admitted > state.admitted else Need.ADOPTING
        return need

    async def _room(self, slug: str) -> KeptRoom | None:
        return next((room for room in await self._register.rooms() if room.slug == slug), None)

    async def _adopt(self, slug: str) -> None:
        """Write down every place of a room, also those that were never in its log."""
        facts = await self._rooms.facts(slug)
        async for places in self._rooms.entries(slug):
            await self._register.adopt(slug, places)
        await self._register.keep(slug, facts.rejoins)

    async def _repeat_what_is_not_in_the_log(self, slug: str) -> None:
        """Say again who bought and who holds something; Valkey may have lost what was said last."""
        bought, decided = await self._register.buyers(slug)
        for start in range(0, max(len(bought), len(decided)), PORTION):
            await self._rooms.leave(slug, bought[start : start + PORTION])
            await self._rooms.decided(slug, decided[start : start + PORTION])

    async def _restore(self, slug: str, lost: "Sequence[Message]" = ()) -> bool:
        """Write a room again from the drop database, in the place of what Valkey has; return whether it was done.

        Nobody has been told about the places in the log that are not recorded: those who wait for them ask again.
        """
        word = await self._log.begin(slug)
        run = await self._log.run()
        whole = await self._register.whole(slug)
        if whole is None:
            return False  # it was removed
        people = 0
        async for portion in self._register.people(slug):
            await self._log.write(slug, parts_of(whole, portion, self._clock.now()))
            people += len(portion)
        if not await self._log.finish(whole, word, run):
            return False
        _log.warning("room_restored", drop=slug, people=people, serving_number=whole.serving_number, refused=len(lost))
        RESTORED.inc()
        await self._log.answer(lost, LOST)
        await self._repeat_what_is_not_in_the_log(slug)  # an early closing may have happened too, in this time
        now = await self._register.whole(slug)
        if now is not None and now.facts != whole.facts:
            await self._rooms.publish_drop(now.facts)
        return True
