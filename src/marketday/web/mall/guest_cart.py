"""The cart of a person who is not signed in. It is in a cookie, needs no database row, and is kept at sign-in.

Anybody can write a cookie by hand, so its content is checked like the input of a form.
"""

import base64
import json

from fastapi import Request, Response

from marketday.orders.carts import known_form
from marketday.orders.errors import FullCart, OrderError
from marketday.orders.model import Cart, with_line
from marketday.web.mall.services import Mall

GUEST_CART_COOKIE = "cart"
_LONGEST = 3500  # bytes; browsers store about 4,096 of a cookie
_SECONDS = 30 * 24 * 3600


def read_guest_cart(request: Request) -> dict[str, int]:
    """Return quantities by SKU, without entries that cannot be read."""
    cart: dict[str, int] = {}
    try:
        lines = json.loads(base64.urlsafe_b64decode(request.cookies.get(GUEST_CART_COOKIE, "")[:_LONGEST]))
        for sku, quantity in lines:
            if isinstance(sku, str) and type(quantity) is int:
                cart = with_line(cart, known_form(sku), quantity)
    except (ValueError, TypeError, RecursionError, OrderError):
        return cart
    return cart


def keep_guest_cart(response: Response, cart: Cart, mall: Mall) -> None:
    """Put `cart` into the cookie; raises FullCart if it does not fit."""
    value = base64.urlsafe_b64encode(json.dumps(list(cart.items())).encode()).decode()
    if len(value) > _LONGEST:
        raise FullCart("expected fewer items; sign in to use a larger cart")
    response.set_cookie(GUEST_CART_COOKIE, value, max_age=_SECONDS, httponly=True, samesite="lax", secure=mall.secure)


def drop_guest_cart(response: Response) -> None:
    """Remove the cart's cookie."""
    response.delete_cookie(GUEST_CART_COOKIE)
