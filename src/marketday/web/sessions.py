"""The session of a request, and the browser that it comes from: cookies that no script can read, or a bearer token."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response

from marketday.accounts.sessions import BROWSER_LIFETIME, LIFETIME


@dataclass(frozen=True, slots=True)
class SignInCookies:
    """The cookies of a site on which people sign in; `secure` ones travel over HTTPS alone.

    Over HTTPS their names begin with `__Host-`: a browser takes such a cookie from this very host, so that no other
    host under the same domain, such as that of a drop, can plant a session here.
    """

    secure: bool

    def session_of(self, request: Request) -> str | None:
        """Return the secret of a session, from `Authorization: Bearer` or from the cookie."""
        return bearer(request) or request.cookies.get(self._name("session"))

    def browser_of(self, request: Request) -> str | None:
        """Return the token by which an account knows the browser."""
        return request.cookies.get(self._name("browser"))

    def keep(self, response: Response, session: str, browser: str) -> None:
        """Put a new session into its cookie, and the browser's token into another, which stays at sign-out."""
        self._set(response, "session", session, LIFETIME)
        self._set(response, "browser", browser, BROWSER_LIFETIME)

    def drop(self, response: Response) -> None:
        """Take the session out of its cookie."""
        response.delete_cookie(self._name("session"), httponly=True, samesite="lax", secure=self.secure)

    def _set(self, response: Response, name: str, value: str, lifetime: timedelta) -> None:
        seconds = int(lifetime.total_seconds())
        response.set_cookie(
            self._name(name), value, max_age=seconds, httponly=True, samesite="lax", secure=self.secure, path="/"
        )

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def bearer(request: Request) -> str | None:
    """Return the token of `Authorization: Bearer <token>`, None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def address_of(request: Request) -> str:
    """Return where a request comes from, as far as its proxies are believed (web.site)."""
    return request.client.host if request.client else ""
