"""The cart of someone who is not signed in: it lives in a cookie, costs no row, and comes along at sign-in.

A cookie can be written by hand; what it names is looked up and counted like any form's input.
"""

import base64
import json

from fastapi import Request, Response

from marketday.orders.carts import known_form
from marketday.orders.errors import FullCart, OrderError
from marketday.orders.model import Cart, with_line
from marketday.web.mall.services import Mall

GUEST_CART_COOKIE = "cart"
_LONGEST = 3500  # bytes; browsers keep about 4,096 of a cookie
_SECONDS = 30 * 24 * 3600


def read_guest_cart(request: Request) -> dict[str, int]:
    """Return quantities by SKU; what cannot be read is left out."""
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
    """Put `cart` into the cookie; raises FullCart where it is too small for it."""
    value = base64.urlsafe_b64encode(json.dumps(list(cart.items())).encode()).decode()
    if len(value) > _LONGEST:
        raise FullCart("expected fewer items; sign in for a larger cart")
    response.set_cookie(GUEST_CART_COOKIE, value, max_age=_SECONDS, httponly=True, samesite="lax", secure=mall.secure)


def drop_guest_cart(response: Response) -> None:
    """Forget the cart in the cookie."""
    response.delete_cookie(GUEST_CART_COOKIE)
