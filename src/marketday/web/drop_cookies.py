"""What a browser keeps of a drop: two cookies that no script can read, set by the gate and read by the store too.

Browsers share cookies between all ports of a host. So each name carries the drop, and the port where the address has
one: two drops in one browser, and two installations on one machine, do not disturb each other.
"""

from urllib.parse import urlsplit

from fastapi import Response


class DropCookies:
    """The cookies of the drops at one public address."""

    def __init__(self, public_url: str) -> None:
        """Name them for `public_url`; over HTTPS they are bound to its host alone (RFC 6265bis, `__Host-`)."""
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
        """Put `value` into the cookie `name` for `seconds`."""
        response.set_cookie(
            name, value, max_age=max(seconds, 0), httponly=True, samesite="lax", secure=self._secure, path="/"
        )
