"""The two cookies of a drop: set by the gate, also read by the store, and hidden from scripts.

Browsers share cookies between all ports of a host. So each name contains the drop, and the port if the address has
one. Then two drops in one browser, or two installations on one machine, do not overwrite each other's cookies.
"""

from urllib.parse import urlsplit

from fastapi import Response


class DropCookies:
    """The cookies of the drops at one public address."""

    def __init__(self, public_url: str) -> None:
        """Name the cookies for `public_url`; over HTTPS they are bound to its host (RFC 6265bis, `__Host-`)."""
        parts = urlsplit(public_url)
        self._secure = parts.scheme == "https"
        self._before = "__Host-" if self._secure else ""
        self._after = f".{parts.port}" if parts.port else ""

    def identity(self, drop: str) -> str:
        """Return the name of the cookie with the mall's identity token, for `drop`."""
        return f"{self._before}identity.{drop}{self._after}"

    def admission(self, drop: str) -> str:
        """Return the name of the cookie with the admission to `drop`."""
        return f"{self._before}admission.{drop}{self._after}"

    def keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Set the cookie `name` to `value` for `seconds`."""
        response.set_cookie(
            name, value, max_age=max(seconds, 0), httponly=True, samesite="lax", secure=self._secure, path="/"
        )
