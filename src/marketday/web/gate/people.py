"""Who asks: the identity token of a request, from its header or, in a browser, from the gate's own cookie."""

from datetime import datetime

from fastapi import Request, Response

from marketday.accounts.tokens import Identity, PublicKeys, verify_identity
from marketday.kit.clock import Clock
from marketday.web.sessions import bearer

IDENTITY_COOKIE = "identity"
ADMISSION_COOKIE = "admission"


class People:
    """Checks identities offline with the mall's public keys, and keeps them in cookies that no script can read."""

    def __init__(self, keys: PublicKeys, clock: Clock, *, secure: bool) -> None:
        """Accept tokens signed with `keys`; `secure` cookies travel over HTTPS alone."""
        self._keys = keys
        self._clock = clock
        self._secure = secure

    def verify(self, token: str | None) -> Identity:
        """Return whom `token` names; raises MissingToken, InvalidToken or ExpiredToken."""
        return verify_identity(token, self._keys, self._clock.now())

    def of(self, request: Request) -> Identity:
        """Return who sent `request`; raises MissingToken, InvalidToken or ExpiredToken."""
        return self.verify(bearer(request) or request.cookies.get(IDENTITY_COOKIE))

    def keep(self, response: Response, name: str, value: str, until: datetime) -> None:
        """Put `value` into a cookie that ends at `until`."""
        seconds = int((until - self._clock.now()).total_seconds())
        response.set_cookie(
            name, value, max_age=max(seconds, 0), httponly=True, samesite="lax", secure=self._secure, path="/"
        )
