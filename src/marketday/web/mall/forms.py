"""What all forms of the mall share."""

import json

from fastapi import Request
from fastapi.responses import RedirectResponse

SEE_OTHER = (
    303  # after a form: the browser continues with GET, so that a reload does not send it twice (RFC 9110, 15.4.4)
)


def to(path: str) -> RedirectResponse:
    """Return the redirect after an accepted form to `path`, a path of this site."""
    return RedirectResponse(path, SEE_OTHER)


def form_content(request: Request, *values: object) -> bytes:
    """Return what must be equal in two sendings of the same form: the address and the values."""
    return json.dumps([request.url.path, *map(str, values)]).encode()
