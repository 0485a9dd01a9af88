"""The session of a request and its browser: from cookies that scripts cannot read, or from a bearer token."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response

from marketday.accounts.sessions import BROWSER_LIFETIME, LIFETIME
from marketday.kit.bearer import read_bearer
from marketday.web.site import Site


@dataclass(frozen=True, slots=True)
class SignInCookies:
    """The cookies of a site on which people sign in; `secure` cookies are sent only over HTTPS.

    Over HTTPS their names begin with `__Host-`: a browser accepts such a cookie only from this host. So no other host
    of the same domain, such as a drop's, can set a session here.
    """

    secure: bool

    def session_of(self, request: Request) -> str | None:
        """Return the secret of a session, from `Authorization: Bearer` or from the cookie."""
        return bearer(request) or request.cookies.get(self._name("session"))

    def browser_of(self, request: Request) -> str | None:
        """Return the token by which an account recognises the browser."""
        return request.cookies.get(self._name("browser"))

    def keep(self, response: Response, session: str, browser: str) -> None:
        """Set the cookie of a new session, and the cookie with the browser's token, which stays after sign-out."""
        self._set(response, "session", session, LIFETIME)
        self._set(response, "browser", browser, BROWSER_LIFETIME)

    def drop(self, response: Response) -> None:
        """Remove the session's cookie."""
        response.delete_cookie(self._name("session"), httponly=True, samesite="lax", secure=self.secure)

    def _set(self, response: Response, name: str, value: str, lifetime: timedelta) -> None:
        seconds = int(lifetime.total_seconds())
        response.set_cookie(
            self._name(name), value, max_age=seconds, httponly=True, samesite="lax", secure=self.secure, path="/"
        )

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def bearer(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer <token>`, None if there is none."""
    return read_bearer(request.headers.get("authorization"))


def address_of(request: Request) -> str:
    """Return the client's address of a request; only trusted proxies may change it (web.site)."""
    site: Site = request.scope["site"]
    return site.proxies.client_of(request.client.host if request.client else "", request.headers)
