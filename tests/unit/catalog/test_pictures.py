"""Pictures are copied once, and no other files are copied."""

from marketday.catalog.pictures import bring_pictures


def test_pictures_are_copied_once_and_again_when_they_change(tmp_path):
    folder, media = tmp_path / "from", tmp_path / "media"
    folder.mkdir()
    (folder / "soap.svg").write_text("<svg/>")
    assert bring_pictures(folder, media) == 1
    assert bring_pictures(folder, media) == 0
    (folder / "soap.svg").write_text("<svg></svg>")
    assert bring_pictures(folder, media) == 1
    assert (media / "soap.svg").read_text() == "<svg></svg>"


def test_what_is_no_picture_and_what_leads_elsewhere_stays(tmp_path):
    folder, media = tmp_path / "from", tmp_path / "media"
    folder.mkdir()
    (folder / "notes.txt").write_text("secret")
    (tmp_path / "key.png").write_text("secret")
    (folder / "link.png").symlink_to(tmp_path / "key.png")
    assert bring_pictures(folder, media) == 0
    assert list(media.iterdir()) == []


def test_an_absent_folder_has_none(tmp_path):
    assert bring_pictures(tmp_path / "absent", tmp_path / "media") == 0
