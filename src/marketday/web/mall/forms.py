"""What all forms of the mall share."""

import json

from fastapi import Request
from fastapi.responses import RedirectResponse

SEE_OTHER = 303  # after a form: the browser goes on with GET, and a reload sends nothing twice (RFC 9110, 15.4.4)


def to(path: str) -> RedirectResponse:
    """Return the answer to a form that was accepted: go to `path`, a path of this site."""
    return RedirectResponse(path, SEE_OTHER)


def form_content(request: Request, *values: object) -> bytes:
    """Return what makes two forms the same: their address and what was typed."""
    return json.dumps([request.url.path, *map(str, values)]).encode()
