import base64

import pytest

from marketday.drops import pictures
from marketday.drops.pictures import data_url


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "toner one.svg").write_text("<svg/>")
    (folder / "notes.txt").write_text("no picture")
    (tmp_path / "secret.svg").write_text("<svg/>")
    return folder


@pytest.mark.parametrize("source", ["media/toner%20one.svg", "/media/toner one.svg", "toner one.svg"])
def test_the_malls_own_picture_travels_in_the_page(media, source):
    assert data_url(media, source) == "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode()


@pytest.mark.parametrize(
    "source",
    [
        "",
        "media/",
        "media/none.svg",
        "media/notes.txt",
        "media/../secret.svg",
        "https://cdn.example/a.png",
        "//x/a.png",
    ],
)
def test_what_is_not_the_malls_own_picture_is_left_out(media, source):
    assert data_url(media, source) == ""


def test_too_large_a_picture_is_left_out(media, monkeypatch):
    monkeypatch.setattr(pictures, "LARGEST_BYTES", 5)
    assert data_url(media, "media/toner one.svg") == ""
