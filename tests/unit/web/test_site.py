"""The client of a request, its site, and the origins that may change something."""

import pytest
from starlette.datastructures import Headers

from marketday.kit.addresses import read_networks
from marketday.kit.settings import ServiceSettings
from marketday.web.site import Proxies, Site, origin_of

SHOP = Site("http://shop.localhost:8080")
SHOP_TLS = Site("https://Shop.example/")
KEY = "k" * 64


def headers(*pairs: tuple[str, str]) -> Headers:
    return Headers(raw=[(name.lower().encode(), value.encode("latin-1")) for name, value in pairs])


def forwarded(*values: str) -> list[tuple[str, str]]:
    return [("X-Forwarded-For", value) for value in values]


@pytest.mark.parametrize("named", ["203.0.113.9", "127.0.0.1", "::1", "203.0.113.9, 127.0.0.1", "", "no address"])
@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "198.51.100.4"])
def test_a_client_that_is_not_a_proxy_cannot_name_another_address(peer, named):
    for proxies in (Proxies(), Proxies(key=KEY), Proxies(read_networks("10.0.0.0/8"))):
        for shown in ("", "wrong", KEY[:-1]):
            given = headers(*forwarded(named), ("Marketday-Edge", shown), ("Forwarded", "for=192.0.2.1"))
            assert proxies.client_of(peer, given) == peer


def test_an_empty_key_proves_nothing():
    assert (
        Proxies(key="").client_of("127.0.0.1", headers(*forwarded("192.0.2.1"), ("Marketday-Edge", ""))) == "127.0.0.1"
    )


@pytest.mark.parametrize(
    ("lines", "client"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["6.6.6.6, 192.0.2.1"], "192.0.2.1"),
        (["6.6.6.6", "192.0.2.1"], "192.0.2.1"),
        (["192.0.2.1, 10.1.2.3, 10.9.9.9"], "192.0.2.1"),
        (["10.1.1.1, 10.1.2.3"], "10.1.1.1"),  # proxies alone: the first of them asks for itself
        (["6.6.6.6, rubbish, 10.1.2.3"], "10.1.2.3"),
        ([" 192.0.2.1:4711 "], "192.0.2.1"),
        (["::ffff:192.0.2.1"], "192.0.2.1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:DB8:0::1"], "2001:db8::1"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
    ],
)
def test_a_trusted_proxy_names_the_last_address_that_is_none_of_ours(lines, client):
    assert Proxies(read_networks("10.0.0.0/8")).client_of("10.0.0.1", headers(*forwarded(*lines))) == client


def test_the_edge_is_known_by_its_key_and_not_by_where_it_stands():
    given = headers(*forwarded("192.0.2.1"), ("Marketday-Edge", KEY))
    assert Proxies(key=KEY).client_of("127.0.0.1", given) == "192.0.2.1"


@pytest.mark.parametrize("wrong", ["10.0.0.0/33", "10.0.0.1/8", "localhost", "192.0.2.1; 192.0.2.2"])
def test_a_proxy_that_is_no_address_is_refused_at_the_start(wrong):
    with pytest.raises(ValueError, match="is not an address or a network; expected an address such as"):
        ServiceSettings(port=1, trusted_proxies=wrong)


@pytest.mark.parametrize("host", ["shop.localhost:8080", "SHOP.localhost:8080"])
def test_a_site_is_known_by_its_whole_name(host):
    assert SHOP.is_named_by(headers(("Host", host)))


@pytest.mark.parametrize(
    "hosts",
    [
        *(["evil.example"], ["shop.localhost"], ["shop.localhost:80"], ["shop.localhost.:8080"], ["localhost:8080"]),
        *(["127.0.0.1:8080"], ["a@shop.localhost:8080"], ["shop.localhost:8080/x"], ["shop.localhost:8080#"], [""], []),
        *(["shop.localhost:8080", "evil.example"], ["xshop.localhost:8080"], ["shop.localhost:08080"], ["[::1]:8080"]),
    ],
)
def test_no_other_name_is_the_sites(hosts):
    more = [("X-Forwarded-Host", "shop.localhost:8080"), ("Forwarded", "host=shop.localhost:8080")]
    assert not SHOP.is_named_by(headers(*(("Host", host) for host in hosts), *more))


def test_a_default_port_may_be_written_or_not():
    assert SHOP_TLS.is_named_by(headers(("Host", "shop.example")))
    assert SHOP_TLS.is_named_by(headers(("Host", "shop.example:443")))
    assert not SHOP_TLS.is_named_by(headers(("Host", "shop.example:80")))


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTP://Mall.localhost:8080/a?b#c", "http://mall.localhost:8080"),
        ("https://mall.example:443/", "https://mall.example"),
        ("http://[2001:db8::1]:80", "http://[2001:db8::1]"),
        *((wrong, "") for wrong in ("", "mall", "//mall", "http://", "http://a:b", "http://[", "http://me@mall")),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url, origin):
    assert origin_of(url) == origin


FORM = ("Content-Type", "application/x-www-form-urlencoded")
UPLOAD = ("Content-Type", "multipart/form-data; boundary=x")
JSON = ("Content-Type", "application/json; charset=utf-8")
TEXT = ("Content-Type", "text/plain")
COOKIE = ("Cookie", "session=1")
OURS = ("Origin", "http://shop.localhost:8080")


@pytest.mark.parametrize(
    "given",
    [
        [OURS],
        [OURS, FORM, COOKIE],
        [OURS, ("Sec-Fetch-Site", "same-origin")],
        [("Sec-Fetch-Site", "same-origin"), COOKIE, FORM],
        [JSON],
        [JSON, COOKIE],
        [COOKIE, ("Authorization", "Bearer x")],
        [],
    ],
)
def test_our_own_pages_and_programs_may_write(given):
    assert SHOP.takes("POST", "/cart", headers(*given))


@pytest.mark.parametrize(
    "given",
    [
        *([("Origin", other)] for other in ("null", "", "http://evil.example", "http://shop.localhost", "http://[")),
        *([("Origin", other)] for other in ("https://shop.localhost:8080", "http://evil.shop.localhost:8080")),
        *(
            [("Origin", other), JSON]
            for other in ("http://evil.localhost:8080", "http://shop.localhost:8080.evil.example")
        ),
        [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")],
        *([OURS, ("Sec-Fetch-Site", site)] for site in ("cross-site", "same-site")),
        *([COOKIE, ("Sec-Fetch-Site", site)] for site in ("cross-site", "same-site")),
        *([kind] for kind in (FORM, UPLOAD)),
        *([COOKIE, kind] for kind in (FORM, UPLOAD, TEXT)),
        [COOKIE],
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_no_other_page_may_nor_one_that_hides_where_it_is_from(method, given):
    assert not SHOP.takes(method, "/cart", headers(*given))
    assert SHOP.takes("GET", "/cart", headers(*given))


def test_an_entrance_is_open_for_one_other_origin_alone():
    gate = Site("http://event.localhost:9", entrances={r"/drops/[a-z]+/enter": "http://mall.localhost:8"})
    entrance, mall = "/drops/serum/enter", ("Origin", "http://mall.localhost:8")
    assert gate.takes("POST", entrance, headers(mall, FORM, ("Sec-Fetch-Site", "cross-site")))
    others = [
        ("Origin", other)
        for other in ("null", "http://event.localhost:9", "http://mall.localhost", "http://evil.localhost:8")
    ]
    for given in ([], [FORM], [JSON], [("Sec-Fetch-Site", "same-origin")], *([other] for other in others)):
        assert not gate.takes("POST", entrance, headers(*given)), given
    assert not gate.takes("POST", "/drops/serum/room", headers(mall))
    assert not gate.takes("POST", entrance + "/", headers(mall))
