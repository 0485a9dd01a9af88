"""The identity token of a request: from its header or, in a browser, from the drop's cookie."""

from datetime import datetime

from fastapi import Request, Response

from marketday.accounts.checked import CheckedIdentities
from marketday.accounts.tokens import Identity, PublicKeys
from marketday.kit.clock import Clock
from marketday.web.drop_cookies import DropCookies
from marketday.web.sessions import bearer


class People:
    """Checks identities offline with the mall's public keys, and sets a drop's cookies in browsers."""

    def __init__(self, keys: PublicKeys, clock: Clock, cookies: DropCookies) -> None:
        """Accept tokens signed with `keys`."""
        self._identities = CheckedIdentities(keys, clock)
        self._clock = clock
        self._cookies = cookies

    def verify(self, token: str | None) -> Identity:
        """Return the person that `token` names; raises MissingToken, InvalidToken or ExpiredToken."""
        return self._identities.of(token)

    def of(self, request: Request) -> Identity:
        """Return who sent `request`; a cookie counts only for the drop in the path.

        Raises:
            MissingToken, InvalidToken, ExpiredToken: there is no valid token.

        """
        kept = self._cookies.identity(request.path_params.get("drop", ""))
        return self.verify(bearer(request) or request.cookies.get(kept))

    def keep_identity(self, response: Response, drop: str, token: str, until: datetime) -> None:
        """Set the browser's identity cookie for `drop`."""
        self._cookies.keep(response, self._cookies.identity(drop), token, self._seconds(until))

    def keep_admission(self, response: Response, drop: str, token: str, until: datetime) -> None:
        """Set the browser's admission cookie for `drop`, which the store reads."""
        self._cookies.keep(response, self._cookies.admission(drop), token, self._seconds(until))

    def _seconds(self, until: datetime) -> int:
        return int((until - self._clock.now()).total_seconds())
