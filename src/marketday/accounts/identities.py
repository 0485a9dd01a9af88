"""Identity tokens that are given out again: a signature costs the mall more than everything else of such a request."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketday.accounts.tokens import LIFETIME_SECONDS, SigningKey, sign_identity
from marketday.kit.clock import Clock

LIFETIME = timedelta(seconds=LIFETIME_SECONDS)
_KEPT = 16_384  # tokens, of about one kilobyte each


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
        self._most = most
        self._kept: OrderedDict[UUID, SignedIdentity] = OrderedDict()

    def of(self, person_id: UUID) -> SignedIdentity:
        """Return a token of this person."""
        now = self._clock.now()
        kept = self._kept.get(person_id)
        if kept is None or not LIFETIME / 2 < kept.expires_at - now <= LIFETIME:  # a clock may be set back
            kept = SignedIdentity(sign_identity(self._key, person_id, self._issuer, now), now + LIFETIME)
            self._kept[person_id] = kept
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(person_id)
        return kept
