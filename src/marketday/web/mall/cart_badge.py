"""The number on the cart in the header. It is kept in a cookie, so that pages need not read the cart to count it.

It may be old: it is set only when this browser shows or changes the cart, not by a change on another device.
"""

from fastapi import Request, Response

from marketday.orders.model import Cart
from marketday.web.mall.services import Mall

CART_BADGE_COOKIE = "cart_units"
_MOST_SHOWN = 99
_SECONDS = 30 * 24 * 3600


def units_in_cart(request: Request) -> int:
    """Return how many units the cart had when this browser last saw it; 0 if the cookie is not a count."""
    said = request.cookies.get(CART_BADGE_COOKIE, "")
    return min(int(said), _MOST_SHOWN) if said.isascii() and said.isdecimal() and len(said) < len("10000") else 0


def keep_units(response: Response, cart: Cart, mall: Mall) -> None:
    """Store the number of units in `cart`."""
    units = str(min(sum(cart.values()), _MOST_SHOWN))
    response.set_cookie(CART_BADGE_COOKIE, units, max_age=_SECONDS, httponly=True, samesite="lax", secure=mall.secure)


def drop_units(response: Response) -> None:
    """Remove the number."""
    response.delete_cookie(CART_BADGE_COOKIE)
