import pytest
from fastapi import Request

from marketday.web.mall.cart_badge import units_in_cart


@pytest.mark.parametrize(
    ("said", "units"),
    [("", 0), ("0", 0), ("3", 3), ("99", 99), ("9999", 99), ("99999", 0), ("-1", 0), ("three", 0), ("\u0663", 0)],
)
def test_a_cookie_is_a_count_or_nothing(said, units):
    cookie = f"cart_units={said}".encode("latin-1", "replace")
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", cookie)]})
    assert units_in_cart(request) == units
