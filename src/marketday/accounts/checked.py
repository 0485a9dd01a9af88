"""Identities whose signature was checked before: a token is checked once for each process, and remembered."""

from marketday.accounts.tokens import Identity, PublicKeys, verify_identity
from marketday.kit.clock import Clock
from marketday.kit.remembered import Remembered

_REMEMBERED = 16_384  # tokens, of about one kilobyte each


class CheckedIdentities:
    """Checks identity tokens offline; those used lately are remembered until they expire."""

    def __init__(self, keys: PublicKeys, clock: Clock, *, most: int = _REMEMBERED) -> None:
        """Accept tokens signed with `keys`, and remember at most `most` of them."""
        self._keys = keys
        self._clock = clock
        self._known: Remembered[str, Identity] = Remembered(most)

    def of(self, token: str | None) -> Identity:
        """Return the person that `token` names.

        Raises:
            MissingToken, InvalidToken, ExpiredToken: see `verify_identity`.

        """
        now = self._clock.now()
        known = self._known.get(token) if token else None
        if token is None or known is None or known.expires_at <= now:
            known = verify_identity(token, self._keys, now)
            self._known.keep(token or "", known)
        return known
