"""The mall's pictures: an address with a hash is kept for ever, and changes with the file."""

import os

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from marketday.catalog.model import Image
from marketday.web.files import FOREVER
from marketday.web.mall.media import Media

TONER = Image("media/toner%20one.svg")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "toner one.svg").write_text("<svg/>")
    (folder / "serum.webp").write_bytes(b"RIFF")
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")
    (folder / "link.svg").symlink_to(tmp_path / "secret.svg")
    return folder


@pytest.fixture
def media(folder):
    return Media(folder)


@pytest.fixture
async def client(media):
    app = FastAPI()
    media.mount(app)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://mall") as opened:
        yield opened


async def test_a_pages_picture_is_kept_for_ever_until_it_is_replaced(media, client, folder):
    first = media.address(TONER)
    assert media.address(TONER) == first
    answer = await client.get(first)
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "<svg/>", FOREVER)
    file = folder / "toner one.svg"
    before = file.stat()
    file.write_text("<svg />")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    second = media.address(TONER)
    assert second != first
    assert (await client.get(second)).headers["cache-control"] == FOREVER
    old = await client.get(first)
    assert (old.text, old.headers["cache-control"]) == ("<svg />", "public, max-age=60"), "kept for a short time only"


async def test_an_address_without_a_hash_is_kept_for_a_minute(client):
    answer = await client.get("/media/serum.webp")
    assert (answer.headers["cache-control"], answer.headers["content-type"]) == ("public, max-age=60", "image/webp")
    again = await client.get("/media/serum.webp", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "source",
    ["https://cdn.example/a.png", "media/none.svg", "media/../secret.svg", "media/%2e%2e/secret.svg", "media/link.svg",
     "media/", "media/%00", "media/../../../../dev/zero"],
)  # fmt: skip
async def test_what_is_not_a_file_in_the_folder_has_no_hash_and_is_not_served(media, client, source):
    image = Image(source)
    assert media.address(image) == image.url
    if "://" not in source:
        assert (await client.get(image.url)).status_code in (400, 404)


async def test_a_mall_without_a_folder_has_the_addresses_of_its_catalogue():
    assert Media(None).address(TONER) == "/media/toner%20one.svg"
