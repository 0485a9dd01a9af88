"""Page: a drop, with the form that leads to its waiting room in the event plane."""

from fastapi import APIRouter, Depends, Request, Response

from marketday.web.mall.people import Visitor
from marketday.web.mall.services import MallServices, fresh_menu
from marketday.web.mall.shared_answers import shows
from marketday.web.requests import content_policy

router = APIRouter(include_in_schema=False, dependencies=[Depends(fresh_menu)])


@router.get("/drops/{slug}")
async def drop(request: Request, mall: MallServices, visitor: Visitor, slug: str) -> Response:
    """Show a drop; while it is open, a person who is signed in gets the form that leads to its waiting room.

    The form sends an identity token to the event plane's origin, the only other origin that the page's content policy
    allows. The gate accepts the form only from this mall's origin. So this page needs its own referrer policy: under
    the usual one a browser would not send the origin.
    """
    found = await mall.drops.drop(slug)
    items = await mall.catalog.items([product.sku for product in found.definition.products])

    async def still() -> bool:
        return await mall.drops.drop(slug) == found

    if visitor is None:
        shows(request.scope, still=still)
    token = None
    if visitor is not None and found.event_url:
        token = (await mall.identities.of(visitor.id)).token
    page = mall.pages.render(
        request, "drop.html", zone=found.definition.zone, drop=found, items=items, visitor=visitor, token=token
    )
    page.headers["Content-Security-Policy"] = content_policy(filter(None, [found.event_origin]), pictures_from="https:")
    page.headers["Referrer-Policy"] = "strict-origin"
    return page
