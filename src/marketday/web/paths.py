"""Paths of this site, for links and redirects that name the next page."""

from urllib.parse import quote, urlsplit

from fastapi.responses import RedirectResponse

_SEE_OTHER = 303  # the browser continues with GET, so that a reload does not send a form twice (RFC 9110, 15.4.4)


def see_other(path: str) -> RedirectResponse:
    """Return a redirect to `path`, a path of this site: after a form, or from a page that cannot be shown now."""
    return RedirectResponse(path, _SEE_OTHER)


def local_path(wish: str | None, otherwise: str = "/") -> str:
    """Return `wish` if it is a path of this site, and `otherwise` if not: no link may send people to another site.

    Browsers take two slashes, two backslashes or control characters as the start of another site's address.
    """
    if not wish or not wish.startswith("/") or wish.startswith(("//", "/\\")) or not wish.isprintable():
        return otherwise
    try:
        parts = urlsplit(wish)
    except ValueError:
        return otherwise
    return quote(wish, safe="/?&=%-._~:,+@!") if not parts.scheme and not parts.netloc else otherwise


def asked_for(path: str, query: str) -> str:
    """Return the address of a request on this site, to return to it later."""
    return path + (f"?{query}" if query else "")
