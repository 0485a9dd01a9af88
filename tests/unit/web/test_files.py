"""Static files: their address changes with their content, and they are kept for ever."""

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

import marketday.web
from marketday.web.files import FOREVER, mount_files, release

WEB = Path(marketday.web.__file__).parent
NAMED = {
    ".css": re.compile(r"""url\(["']?([^"')]+)"""),
    ".js": re.compile(r"""(?:from|import)\s*\(?\s*["']([^"'\s]+)["']"""),
}
OURS = {f"{file.relative_to(WEB)}".replace("/static/", "/", 1) for file in WEB.glob("*/static/**/*") if file.is_file()}


@pytest.fixture
async def client():
    app = FastAPI()
    mount_files(app)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://gate") as opened:
        yield opened


async def test_every_file_is_served_to_be_kept_for_ever(client):
    assert {"layout/base.css", "gate/room.js", "console/vendor/uplot-1.6.32/uPlot.min.css"} <= OURS
    for path in sorted(OURS):
        answer = await client.get(f"{release().folder}/{path}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, FOREVER), path
        assert answer.content == (WEB / path.replace("/", "/static/", 1)).read_bytes()
        again = await client.get(f"{release().folder}/{path}", headers={"If-None-Match": f"W/{answer.headers['etag']}"})
        assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", FOREVER), path


@pytest.mark.parametrize(("file", "kind"), [("base.css", "text/css"), ("local_time.js", "text/javascript")])
async def test_a_file_has_its_type(client, file, kind):
    assert (await client.get(f"{release().folder}/layout/{file}")).headers["content-type"].startswith(kind)
    assert (await client.head(f"{release().folder}/layout/{file}")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["console/..%2ftemplates/day.html", "console/../templates/day.html", "mall/mall.css", "layout", "", "/etc/passwd"],
)
async def test_nothing_else_is_served(client, path):
    assert (await client.get(f"{release().folder}/{path}")).status_code == 404


async def test_the_address_of_another_release_gets_our_file_and_nobody_keeps_it(client):
    answer = await client.get("/static/0123456789abcdef/layout/base.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


def test_the_address_changes_with_every_file(tmp_path, monkeypatch):
    monkeypatch.setattr("marketday.web.files._WEB", tmp_path)
    (tmp_path / "gate/static").mkdir(parents=True)
    names = set()
    for content in ("a{}", "b{}"):
        for file in ("a.css", "b.css"):
            (tmp_path / "gate/static" / file).write_text(content)
            release.cache_clear()
            names.add(release().name)
    release.cache_clear()
    assert len(names) == 4


def test_a_file_names_only_neighbours_that_exist():
    for path in sorted(OURS):
        file = WEB / path.replace("/", "/static/", 1)
        pattern = NAMED.get(file.suffix)
        for named in pattern.findall(file.read_text("utf-8")) if pattern else ():
            assert not named.startswith("/"), f"{path} names {named}; expected a relative address"
            assert urljoin(f"/{path}", named).lstrip("/") in OURS, f"{path} names {named}"


def test_every_template_names_files_that_exist_by_their_release():
    for template in WEB.glob("*/templates/*.html"):
        text = template.read_text("utf-8")
        assert "/static/" not in text, template
        assert set(re.findall(r"\{\{ static \}\}/([^\"]+)", text)) <= OURS, template
