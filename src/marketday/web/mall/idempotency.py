"""Writes that can be repeated: the answer to an Idempotency-Key is stored, and returned again.

A key belongs to one person and one body. The same request gets the first answer again; another body with the same
key is refused. If a crash stopped a write, the repeated request does it again, with the same id for the new record.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakValueDictionary

from marketday.accounts.errors import Unauthenticated
from marketday.kit.clock import Clock
from marketday.kit.errors import Kind, MarketdayError, Temporary
from marketday.kit.idempotency import IdempotencyConflict, InvalidIdempotencyKey
from marketday.kit.ids import new_id
from marketday.web.problems import STATUS

if TYPE_CHECKING:
    from marketday.web.mall.postgres import PostgresAnswers

NOBODY = UUID(int=0)  # the owner of keys of people who are not signed in
KEPT_FOR = timedelta(days=1)
TAKEN_OVER_AFTER = timedelta(seconds=60)  # much longer than any request that still runs
_WAIT_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.1
_LONGEST_KEY = 100


class StillAnswering(Temporary):
    """The first request with this key is still being answered."""

    kind = Kind.CONFLICT
    slug = "still-answering"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A stored answer: a JSON body, or the members of a problem document."""

    status: int
    body: Any
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A key in the store. `answer` is None until its first request has been answered."""

    fingerprint: bytes
    subject_id: UUID
    answer: KeptAnswer | None


Work = Callable[[UUID], Awaitable[KeptAnswer]]


class Idempotency:
    """Does each write only once."""

    def __init__(self, store: "PostgresAnswers", clock: Clock, secret: bytes) -> None:
        """Store answers in `store`. `secret` is the key of the fingerprints, because bodies may contain passwords."""
        self._store = store
        self._clock = clock
        self._secret = secret
        self._locks: WeakValueDictionary[tuple[UUID, str], asyncio.Lock] = WeakValueDictionary()

    async def run(self, owner: UUID, key: str | None, request: bytes, work: Work) -> KeptAnswer:
        """Return the answer of `work`, or the stored answer of `key`.

        `request` is what must be equal when the request is repeated: method, path and body. `work` gets the id of the
        record to create, the same id again if it continues an interrupted write. A refusal (MarketdayError) is also
        stored, unless a retry could help.

        Raises:
            InvalidIdempotencyKey, IdempotencyConflict, StillAnswering: nothing was done.

        """
        if key is None:
            return await _answered(work, new_id())
        fingerprint = hmac.digest(self._secret, request, "sha256")
        async with self._locks.setdefault(
            (owner, check_key(key)), asyncio.Lock()
        ):  # the same key at the same time in this process
            claim, mine = await self._claim(owner, key, fingerprint)
            if claim.fingerprint != fingerprint:
                raise IdempotencyConflict(f"{key!r} was used for another request; expected a new key")
            if mine:
                return await self._do(owner, key, claim.subject_id, work)
            if claim.answer is None:
                raise StillAnswering("wait a moment, then send the same request again", retry_after=1)
            return claim.answer

    async def forget_old(self) -> int:
        """Remove the answers that are older than a day, and return how many."""
        return await self._store.forget(self._clock.now() - KEPT_FOR)

    async def _claim(self, owner: UUID, key: str, fingerprint: bytes) -> tuple[Claim, bool]:
        """Return the claim, and whether this process does the work; or wait a limited time for another one."""
        give_up_at = asyncio.get_running_loop().time() + _WAIT_SECONDS
        while True:
            now = self._clock.now()
            wish = Claim(fingerprint, new_id(), None)
            claim, mine = await self._store.claim(owner, key, wish, now, now - TAKEN_OVER_AFTER)
            waiting = not mine and claim.answer is None and claim.fingerprint == fingerprint
            if not waiting or asyncio.get_running_loop().time() > give_up_at:
                return claim, mine
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _do(self, owner: UUID, key: str, subject_id: UUID, work: Work) -> KeptAnswer:
        try:
            answer = await _answered(work, subject_id)
        except BaseException:
            await self._store.abandon(owner, key, self._clock.now() - 2 * TAKEN_OVER_AFTER)
            raise
        await self._store.keep(owner, key, answer)
        return answer


def check_key(key: str) -> str:
    """Return `key`; raises InvalidIdempotencyKey."""
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidIdempotencyKey(f"{key[:40]!r}; expected 1 to {_LONGEST_KEY} visible ASCII characters")
    return key


async def _answered(work: Work, subject_id: UUID) -> KeptAnswer:
    try:
        return await work(subject_id)
    except (Temporary, Unauthenticated):
        raise  # the same may work later, or once its sender has signed in
    except MarketdayError as error:
        members = {"slug": error.slug, "title": error.title, "detail": error.detail, "extra": error.extra}
        return KeptAnswer(int(STATUS[error.kind]), members, refused=True)
