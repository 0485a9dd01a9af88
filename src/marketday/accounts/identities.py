"""Identity tokens that are given out again: a signature costs the mall more than everything else of such a request.

Signing takes place in a thread of its own, with less weight than the thread that answers requests: the signature itself
does not hold the interpreter's lock, so the mall's visitors hardly notice thousands of people who come for a drop.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import get_native_id
from uuid import UUID

from marketday.accounts.errors import TooManyIdentities
from marketday.accounts.tokens import LIFETIME_SECONDS, SigningKey, sign_identity
from marketday.kit.batching import MicroBatch
from marketday.kit.clock import Clock
from marketday.kit.remembered import Remembered

LIFETIME = timedelta(seconds=LIFETIME_SECONDS)
_KEPT = 16_384  # tokens, of about one kilobyte each
_AT_ONCE = 16  # tokens for each change between the two threads: about a hundredth of a second of signing
_PATIENCE_SECONDS = 20.0  # less than the edge waits for an answer
_NICE = 3  # signing is work for a drop, so it has the weight of an event plane


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    """A token and its end."""

    token: str
    expires_at: datetime


class SignedIdentities:
    """Signs who a person is. While more than half of a token's life is left, the person gets the same one again.

    A token only says who somebody is. So it does not matter which session of the person asks, and signing out does not
    end a token that was given out before.
    """

    def __init__(self, key: SigningKey, issuer: str, clock: Clock, *, most: int = _KEPT) -> None:
        """Sign with `key`, and keep at most `most` tokens: those used lately."""
        self._key = key
        self._issuer = issuer
        self._clock = clock
        self._kept = Remembered[UUID, SignedIdentity](most)
        self._thread = ThreadPoolExecutor(1, "identities", initializer=_lower_own_weight)
        self._signing = MicroBatch(
            self._signed, unavailable=TooManyIdentities, largest=_AT_ONCE, patience_seconds=_PATIENCE_SECONDS
        )

    async def of(self, person_id: UUID) -> SignedIdentity:
        """Return a token of this person; raises TooManyIdentities."""
        kept = self._usable(person_id, self._clock.now())
        return await self._signing.ask(person_id) if kept is None else kept

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _signed(self, people: Sequence[UUID]) -> Sequence[SignedIdentity]:
        """Return a token for each; one who asked several times is signed for once."""
        now = self._clock.now()
        known = {person: kept for person in people if (kept := self._usable(person, now)) is not None}
        new = [person for person in dict.fromkeys(people) if person not in known]
        tokens = await asyncio.get_running_loop().run_in_executor(self._thread, self._sign, new, now)
        for person, token in zip(new, tokens, strict=True):
            known[person] = SignedIdentity(token, now + LIFETIME)
            self._kept.keep(person, known[person])
        return [known[person] for person in people]

    def _sign(self, people: Sequence[UUID], now: datetime) -> list[str]:
        return [sign_identity(self._key, person, self._issuer, now) for person in people]

    def _usable(self, person_id: UUID, now: datetime) -> SignedIdentity | None:
        kept = self._kept.get(person_id)
        fresh = kept is not None and LIFETIME / 2 < kept.expires_at - now <= LIFETIME  # a clock may be set back
        return kept if fresh else None


def _lower_own_weight() -> None:
    """Lower the weight of this thread alone, as Linux allows; a system that does not changes nothing."""
    thread = get_native_id()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, max(_NICE, os.getpriority(os.PRIO_PROCESS, thread)))
