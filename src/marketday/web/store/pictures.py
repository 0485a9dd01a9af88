"""The pictures of a drop's items, as files whose names are hashes of their content: the edge asks for each once."""

from fastapi import APIRouter, Request, Response

from marketday.drops.offers import Offers
from marketday.web.files import unchanging

# An SVG that somebody opens by its address is a page of our site: it may do nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def pictures(offers: Offers) -> APIRouter:
    """Return the route of pictures. They are the same for everybody, so it asks for no identity."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/drops/{drop}/pictures/{name}", methods=["GET", "HEAD"])
    async def show(drop: str, name: str, request: Request) -> Response:
        found = await offers.picture(drop, name)
        answer = unchanging(request, found.content, found.kind, tag=found.name)
        answer.headers["Content-Security-Policy"] = _POLICY
        return answer

    return router
