import base64
import hashlib

import pytest

from marketday.drops import pictures
from marketday.drops.errors import UnreadablePicture
from marketday.drops.pictures import SUFFIXES, data_url, picture_of, written


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


@pytest.mark.parametrize("suffix", [".svg", ".PNG", ".jpg", ".jpeg", ".webp", ".avif", ".gif"])
def test_every_kind_of_the_malls_pictures_comes_back_as_it_was_on_any_machine(tmp_path, suffix):
    (tmp_path / f"a{suffix}").write_bytes(b"a picture")
    shown = picture_of(data_url(tmp_path, f"media/a{suffix}"))
    assert shown.content == b"a picture"
    assert shown.kind in SUFFIXES
    assert shown.name.endswith(SUFFIXES[shown.kind])


def test_a_pictures_name_is_the_hash_of_its_content():
    name = picture_of(written("image/png", b"a")).name
    assert name == hashlib.sha256(b"a").hexdigest()[:32] + ".png"
    assert name != picture_of(written("image/png", b"b")).name


def test_no_picture_is_no_picture():
    assert picture_of("") is None


@pytest.mark.parametrize(
    "image",
    [
        "https://example.com/a.png",
        "data:text/html;base64,PGI+",
        "data:image/tiff;base64,AAAA",
        "data:image/png,AAAA",
        "data:image/png;base64",
        "data:image/png;base64,",
        "data:image/png;charset=x;base64,AAAA",
        "data:image/png;base64,AA\x1b[2J",
        "data:image/png;base64,AAA",
        "data:image/png;base64,\u00e4AAA",
        "x" * 1_000_000,
    ],
)
def test_what_cannot_be_read_is_one_short_sentence(image):
    with pytest.raises(UnreadablePicture) as refused:
        picture_of(image)
    said = refused.value.detail
    assert "expected" in said
    assert said.isprintable()
    assert len(said) < 250
