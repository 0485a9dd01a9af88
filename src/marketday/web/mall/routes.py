"""All routes of the mall, in the order in which they are matched."""

from urllib.parse import quote

from fastapi import FastAPI, Request, Response

from marketday.web.mall import (
    api_accounts,
    api_admin,
    api_catalogue,
    api_drops,
    api_orders,
    catalogue,
    pages_accounts,
    pages_admin,
    pages_cart,
    pages_drops,
    pages_orders,
)
from marketday.web.mall.people import SignInFirst
from marketday.web.openapi import install_openapi
from marketday.web.paths import see_other

_API = (api_accounts, api_catalogue, api_drops, api_orders, api_admin)
_TAGS = {
    "accounts": "Sign up, sign in, and identity tokens for the stores of drops.",
    "keys": "The public keys to check identity tokens.",
    "catalogue": "Products on sale, for everyone.",
    "drops": "The drops that are announced, for everyone.",
    "cart": "The cart of the person who is signed in.",
    "orders": "Checkout, and the orders of the person who is signed in.",
    "admin": "Products and everyone's orders, for administrators only.",
}
_PAGES = (catalogue, pages_accounts, pages_cart, pages_orders, pages_drops, pages_admin)


def install_mall(app: FastAPI) -> None:
    """Add the API and the pages to `app`; `app.state.mall` has the services."""
    for module in (*_API, *_PAGES):
        app.router.routes.extend(module.router.routes)  # `include_router` would make each route again

    install_openapi(app, tags=_TAGS, schemes={})

    async def sign_in_first(_: Request, error: Exception) -> Response:
        wanted = error.extra["next"] if isinstance(error, SignInFirst) else "/"
        return see_other(f"/sign-in?next={quote(wanted, safe='')}")

    app.add_exception_handler(SignInFirst, sign_in_first)
