"""Identities whose signature was checked before: a token is checked once for each process, and remembered."""

from collections import OrderedDict

from marketday.accounts.tokens import Identity, PublicKeys, verify_identity
from marketday.kit.clock import Clock

_REMEMBERED = 16_384  # tokens, of about one kilobyte each


class CheckedIdentities:
    """Checks identity tokens offline; those used lately are remembered until they expire."""

    def __init__(self, keys: PublicKeys, clock: Clock, *, most: int = _REMEMBERED) -> None:
        """Accept tokens signed with `keys`, and remember at most `most` of them."""
        self._keys = keys
        self._clock = clock
        self._most = most
        self._known: OrderedDict[str, Identity] = OrderedDict()

    def of(self, token: str | None) -> Identity:
        """Return the person that `token` names.

        Raises:
            MissingToken, InvalidToken, ExpiredToken: see `verify_identity`.

        """
        now = self._clock.now()
        known = self._known.get(token or "")
        if token is None or known is None or known.expires_at <= now:
            known = verify_identity(token, self._keys, now)
            self._known[token or ""] = known
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(token)
        return known
