"""An archive that somebody else made writes nothing outside of its folder, also with Python 3.11.2."""

import io
import tarfile

import pytest
from ci.unpack import Leaves, unpack


def _archive(*members: tuple[str, bytes, str]) -> tarfile.TarFile:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, content, 0o4755
            member.size = len(content) if kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(content.encode()))
    packed.seek(0)
    return tarfile.open(fileobj=packed)


@pytest.mark.parametrize(
    "member",
    [
        ("../out", tarfile.REGTYPE, "x"),
        ("a/../../out", tarfile.REGTYPE, "x"),
        ("/marketday-out", tarfile.REGTYPE, "x"),
        ("../out", tarfile.SYMTYPE, "/etc"),
        ("hard", tarfile.LNKTYPE, "/etc/passwd"),
        ("pipe", tarfile.FIFOTYPE, ""),
        ("device", tarfile.CHRTYPE, ""),
    ],
)
def test_what_would_be_written_elsewhere_is_refused(tmp_path, member):
    with pytest.raises(Leaves, match=member[0].rsplit("/", 1)[-1]):
        unpack(_archive(("inside", tarfile.REGTYPE, "kept"), member), tmp_path / "folder")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_nothing_is_written_through_a_link(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    led = ("door", tarfile.SYMTYPE, str(outside))
    with pytest.raises(FileExistsError):
        unpack(_archive(led, ("door/file", tarfile.REGTYPE, "x")), tmp_path / "folder")
    assert not list(outside.iterdir())


def test_files_folders_and_links_come_as_they_were(tmp_path):
    members = ("run", tarfile.REGTYPE, "all"), ("empty", tarfile.DIRTYPE, ""), ("to", tarfile.SYMTYPE, "run")
    unpack(_archive(*members), tmp_path)
    assert (tmp_path / "to").read_text() == "all"
    assert (tmp_path / "empty").is_dir()
    assert (tmp_path / "run").stat().st_mode & 0o7777 == 0o755
