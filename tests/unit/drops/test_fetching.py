"""Pictures by URL: what is fetched, what is refused, and that nothing of it ever fails a hand-over."""

import asyncio
import base64

import pytest
from aiohttp import web

from marketday.drops import http as fetching
from marketday.drops.http import fetch_pictures, is_public

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("0.0.0.0", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("198.18.0.1", False), ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fd00::1", False),
        ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
        ("ff02::1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_of_the_public_internet(address, public):
    assert is_public(address) is public


@pytest.fixture
async def server():
    async def answer(request):
        name = request.match_info["name"]
        if name.startswith("to-"):
            raise web.HTTPFound({"to-good": "/good.png", "to-loop": "/to-loop", "to-file": "file:///etc/passwd"}[name])
        if name == "late.png":
            await asyncio.sleep(60)
        if name == "missing.png":
            raise web.HTTPNotFound
        body = {
            "good.png": PNG,
            "page.png": b"<html>",
            "large.png": PNG + b"0" * fetching.LARGEST_BYTES,
            "script.svg": b"<svg onload='x()'/>",
            "empty.png": b"",
            "late.png": PNG,
        }
        return web.Response(body=body[name], content_type="text/plain")

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def anywhere(address):
    return bool(address)


async def test_a_picture_comes_as_a_data_url_by_what_it_is_not_by_what_it_is_called(server):
    wanted = "data:image/png;base64," + base64.b64encode(PNG).decode()
    sources = [f"{server}/good.png", f"{server}/to-good", f"{server}/good.png"]
    assert await fetch_pictures(sources, allowed=anywhere) == dict.fromkeys(sources, wanted)


@pytest.mark.parametrize(
    "path", ["missing.png", "page.png", "large.png", "script.svg", "empty.png", "to-loop", "to-file", "late.png"]
)
async def test_what_is_no_picture_is_left_out_and_costs_no_other(server, path, monkeypatch):
    fetch = fetching._bytes

    async def impatient(session, source, allowed):
        # Only the late one is given up early: a slow machine has all the time for the other.
        async with asyncio.timeout(0.05 if source.endswith("late.png") else None):
            return await fetch(session, source, allowed)

    monkeypatch.setattr(fetching, "_bytes", impatient)
    found = await fetch_pictures([f"{server}/{path}", f"{server}/good.png"], allowed=anywhere)
    assert list(found) == [f"{server}/good.png"]


async def test_one_picture_takes_limited_time(server, monkeypatch):
    monkeypatch.setattr(fetching, "PICTURE_SECONDS", 0.05)
    monkeypatch.setattr(fetching, "ALL_SECONDS", 3600)
    assert await fetch_pictures([f"{server}/late.png"], allowed=anywhere) == {}


async def test_nothing_but_the_public_internet_is_asked(server):
    port = server.rpartition(":")[2]
    hosts = ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0", "1.2.3")
    assert await fetch_pictures([f"http://{host}:{port}/good.png" for host in hosts]) == {}


async def test_a_name_that_leads_elsewhere_at_the_second_look_is_not_asked(server):
    looks = []

    def allowed(address):
        looks.append(address)
        return len(looks) > 1

    port = server.rpartition(":")[2]
    assert await fetch_pictures([f"http://localhost:{port}/good.png"], allowed=allowed) == {}


@pytest.mark.parametrize(
    "source",
    ["", "media/a.svg", "ftp://example.com/a.png", "http://", "http://[", "https://user:word@example.com/a", "http:///a",
     "https://\x00/a", "https://" + "a" * 300 + ".example/a.png", "javascript:alert(1)"],
)  # fmt: skip
async def test_what_is_no_address_is_left_out(source):
    assert await fetch_pictures([source]) == {}


def test_shopifys_servers_are_asked_for_a_picture_of_the_width_of_a_page():
    url = fetching._checked(fetching.URL("https://cdn.shopify.com/s/files/1/a.jpg?v=3"), is_public)
    assert (url.query["width"], url.query["v"]) == ("800", "3")


async def test_all_of_them_take_limited_time(server, monkeypatch):
    monkeypatch.setattr(fetching, "ALL_SECONDS", 0.2)
    found = await fetch_pictures([f"{server}/late.png?{n}" for n in range(20)], allowed=anywhere)
    assert found == {}
