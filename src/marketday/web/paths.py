"""Paths of this site, where a link says where to go next."""

from urllib.parse import quote, urlsplit


def local_path(wish: str | None, otherwise: str = "/") -> str:
    """Return `wish` if it is a path of this site, so that no link can send people elsewhere after sign-in.

    Browsers take two slashes, either way they lean, and control characters for the start of another site's address.
    """
    if not wish or not wish.startswith("/") or wish.startswith(("//", "/\\")) or not wish.isprintable():
        return otherwise
    try:
        parts = urlsplit(wish)
    except ValueError:
        return otherwise
    return quote(wish, safe="/?&=%-._~:,+@!") if not parts.scheme and not parts.netloc else otherwise


def asked_for(path: str, query: str) -> str:
    """Return what a request asked for, to come back to it."""
    return path + (f"?{query}" if query else "")
