import pytest
from fastapi import Response

from marketday.web.drop_cookies import DropCookies


def test_every_drop_and_every_address_has_names_of_its_own() -> None:
    addresses = ["http://event.localhost", "http://event.localhost:8081", "http://event.localhost:9081"]
    names = [
        name
        for address in addresses
        for drop in ("dawn-serum", "dawn-serum-2", "dawn-serum-8081")
        for name in (DropCookies(address).identity(drop), DropCookies(address).admission(drop))
    ]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("address", "bound"), [("https://event.example", True), ("http://event.localhost:1", False)])
def test_over_https_a_cookie_is_bound_to_its_host(address: str, *, bound: bool) -> None:
    cookies, answer = DropCookies(address), Response()
    cookies.keep(answer, cookies.identity("dawn-serum"), "token", 60)
    kept = answer.headers["set-cookie"]
    assert kept.startswith("__Host-") is bound
    assert ("Secure" in kept) is bound
    assert all(part in kept for part in ("Path=/", "HttpOnly", "SameSite=lax", "Max-Age=60"))
    assert "Domain" not in kept
