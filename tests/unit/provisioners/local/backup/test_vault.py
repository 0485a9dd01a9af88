"""An attacker who reads or writes the place of the backups: nothing is learnt, taken, or written elsewhere."""

import gzip
import io
import os
import shutil
import tarfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from marketday.kit.errors import MarketdayError
from marketday.provisioners.local.backup import vault as vaults
from marketday.provisioners.local.backup.archives import pack, unpack
from marketday.provisioners.local.backup.errors import BackupFailed, BackupSettings, BackupUnusable, NoBackup
from marketday.provisioners.local.backup.key import BackupKey, make_key, read_key
from marketday.provisioners.local.backup.model import BackupSnapshot, RestoreCheck
from marketday.provisioners.local.backup.places import FolderPlace
from marketday.provisioners.local.backup.vault import Vault

SEGMENT_BYTES = 64 * 1024  # real ones have 16 MB
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ID = "20261129T120000Z-0123abcd"
SEGMENTS = ("000000010000000000000001", "000000010000000000000002")
SECRET = b"somebody@example.com "


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vaults, "SEGMENT_BYTES", SEGMENT_BYTES)


@pytest.fixture
def key(tmp_path: Path) -> BackupKey:
    return make_key(tmp_path / "keys" / "key")


def filled(root: Path, key: BackupKey) -> Vault:
    """Return a vault with a snapshot, two segments and a check."""
    root.mkdir()
    vault = Vault.make(FolderPlace(root), key)
    files = vault.put_part(ID, "files", io.BytesIO(SECRET * 5_000))
    vault.put_snapshot(BackupSnapshot(id=ID, begun_at=NOW, ended_at=NOW, marketday="1", bases=[], files=files))
    for number, segment in enumerate(SEGMENTS):
        vault.put_segment("mall", segment, (SECRET + bytes([number])).ljust(SEGMENT_BYTES, b"\0"))
    vault.put_check(RestoreCheck(snapshot=ID, at=NOW, problems=[], facts={"mall orders": 7}))
    return vault


@pytest.fixture
def vault(tmp_path: Path, key: BackupKey) -> Vault:
    return filled(tmp_path / "store", key)


def everything(place: Path, key: BackupKey, into: Path) -> str:
    """Read all that is in a place; return what is wrong with it, empty if nothing is."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    try:
        vault = Vault.open(FolderPlace(place), key)
        snapshots, problems = vault.look()
        for number, one in enumerate(snapshots):
            vault.get_part(one, one.files, into / f"files-{number}")
        for segment in vault.segments("mall"):
            vault.segment("mall", segment)
        missing = [f"checks/{name}" for name in vault.place.names("checks") if name not in vault.checks()]
    except MarketdayError as error:
        return error.detail
    return "; ".join([*problems, *missing])


def files_of(vault: Vault) -> list[Path]:
    assert isinstance(vault.place, FolderPlace)
    return sorted(path for path in vault.place.root.rglob("*") if path.is_file())


def test_what_is_put_away_comes_back(vault: Vault, key: BackupKey, tmp_path: Path):
    assert everything(tmp_path / "store", key, tmp_path / "out") == ""
    assert (tmp_path / "out" / "files-0").read_bytes() == SECRET * 5_000
    assert vault.segment("mall", SEGMENTS[1])[len(SECRET)] == 1


def test_a_reader_of_the_place_learns_nothing(vault: Vault, key: BackupKey):
    identity = key.file.read_text("utf-8").splitlines()[-1].encode()
    for path in files_of(vault):
        content = path.read_bytes()
        assert b"example.com" not in content
        assert b"mall orders" not in content
        assert identity not in content
        assert content.startswith(b"age-encryption.org/v1\n")
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("how", ["first", "middle", "last", "cut", "longer", "empty", "gone"])
def test_each_altered_file_is_named(vault: Vault, key: BackupKey, tmp_path: Path, how: str):
    for path in files_of(vault):
        before = path.read_bytes()
        changed = bytearray(before)
        if how in ("first", "middle", "last"):
            changed[{"first": 0, "middle": len(before) // 2, "last": -1}[how]] ^= 1
        changed = {"cut": changed[:-1], "longer": changed + b"x", "empty": bytearray()}.get(how, changed)
        path.unlink() if how == "gone" else path.write_bytes(changed)
        name = str(path.relative_to(tmp_path / "store"))
        found = everything(tmp_path / "store", key, tmp_path / "out")
        if how != "gone" or name.endswith("files") or name == "marketday-backup":
            assert name in found or "has no backup" in found
        path.write_bytes(before)


def test_files_that_are_put_under_another_name_are_not_taken(vault: Vault, key: BackupKey, tmp_path: Path):
    first, second = (tmp_path / "store" / "wal" / "mall" / segment for segment in SEGMENTS)
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)
    assert SEGMENTS[0] in everything(tmp_path / "store", key, tmp_path / "out")


def test_an_older_backup_under_a_newer_name_is_not_taken(vault: Vault, key: BackupKey, tmp_path: Path):
    snapshots = tmp_path / "store" / "snapshots"
    newer = "20261130T120000Z-0123abcd"
    shutil.copytree(snapshots / ID, snapshots / newer)
    assert newer in everything(tmp_path / "store", key, tmp_path / "out")


def test_a_backup_of_another_place_with_the_same_key_is_not_taken(vault: Vault, key: BackupKey, tmp_path: Path):
    filled(tmp_path / "other", key)
    shutil.rmtree(tmp_path / "store" / "snapshots")
    shutil.copytree(tmp_path / "other" / "snapshots", tmp_path / "store" / "snapshots")
    assert "manifest" in everything(tmp_path / "store", key, tmp_path / "out")


def test_who_knows_only_the_public_key_can_make_nothing_that_is_taken(vault: Vault, key: BackupKey, tmp_path: Path):
    import pyrage

    recipient = pyrage.x25519.Recipient.from_str(key.recipient)
    forged = pyrage.encrypt(b"x" * 32 + b"{}", [recipient])
    snapshot = tmp_path / "store" / "snapshots" / ID
    files = (snapshot / "files").read_bytes()
    (snapshot / "files").write_bytes(pyrage.encrypt(gzip.compress(b"x"), [recipient]))
    assert "its SHA-256 is not in the manifest" in everything(tmp_path / "store", key, tmp_path / "out")
    (snapshot / "files").write_bytes(files)
    (snapshot / "manifest").write_bytes(forged)
    assert "not made with the key" in everything(tmp_path / "store", key, tmp_path / "out")


def test_another_key_is_told_as_such(vault: Vault, tmp_path: Path):
    other = make_key(tmp_path / "keys" / "other")
    assert "encrypted for another key" in everything(tmp_path / "store", other, tmp_path / "out")


@pytest.mark.parametrize("part", ["snapshots", f"snapshots/{ID}", "wal", "wal/mall"])
def test_a_folder_that_became_a_link_is_neither_read_nor_written(vault: Vault, tmp_path: Path, part: str):
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "store" / part).rename(elsewhere)
    (tmp_path / "store" / part).symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    name = f"snapshots/{ID}/manifest" if part.startswith("snapshots") else f"wal/mall/{SEGMENTS[0]}"
    for work in (partial(vault.place.put, name, lambda _: None), partial(vault.place.read, name)):
        with pytest.raises(BackupFailed):
            work()
    with pytest.raises(BackupFailed):
        vault.place.remove([name])
    assert sorted(elsewhere.rglob("*")) == before


def test_a_file_that_became_a_link_or_a_pipe_is_not_read(vault: Vault, tmp_path: Path):
    segment = tmp_path / "store" / "wal" / "mall" / SEGMENTS[0]
    segment.unlink()
    segment.symlink_to("/etc/passwd")
    with pytest.raises(BackupFailed):
        vault.segment("mall", SEGMENTS[0])
    assert SEGMENTS[0] not in vault.segments("mall")
    segment.unlink()
    os.mkfifo(segment)
    with pytest.raises(BackupUnusable, match="not a regular file"):
        vault.segment("mall", SEGMENTS[0])


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "a//b", "a/.hidden", "", "a\nb"])
def test_names_that_lead_elsewhere_are_refused(vault: Vault, name: str):
    with pytest.raises((BackupUnusable, IsADirectoryError, ValueError)):
        vault.place.put(name, lambda _: None)


def test_half_files_are_no_backup(vault: Vault, tmp_path: Path):
    def fails(target):
        target.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(BackupFailed, match="No space left"):
        vault.place.put(f"snapshots/{ID[:-1]}e/files", fails)
    vault.put_part(f"{ID[:-1]}f", "files", io.BytesIO(b"x"))  # and then it was killed
    assert [one.id for one in vault.snapshots()] == [ID]
    assert vault.unfinished() == [f"{ID[:-1]}f"]


def test_a_place_takes_one_backup(vault: Vault, key: BackupKey):
    with pytest.raises(BackupSettings, match="expected an empty folder"):
        Vault.make(vault.place, key)


def test_a_place_without_a_backup_is_told(key: BackupKey, tmp_path: Path):
    for place in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NoBackup):
            Vault.open(FolderPlace(place), key)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("nothing", 0o600, "no age key"),
        ("AGE-SECRET-KEY-1QQQQ", 0o600, "expected an age key"),
        ("", 0o600, "no age key"),
        (None, 0o600, "No such file"),
        ("AGE-SECRET-KEY-1QQQQ", 0o640, "others can read"),
    ],
)
def test_a_file_that_has_no_private_key_is_refused(tmp_path: Path, content: str | None, mode: int, said: str):
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    with pytest.raises(BackupSettings, match=said):
        read_key(file)


def test_a_key_is_not_overwritten(key: BackupKey):
    before = key.file.read_bytes()
    with pytest.raises(BackupSettings, match="exists"):
        make_key(key.file)
    assert key.file.read_bytes() == before
    assert key.file.stat().st_mode & 0o777 == 0o600
    assert "SECRET" not in repr(key)


def hostile(*infos: tarfile.TarInfo) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(b"x" * info.size))
    out.seek(0)
    return out


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size, info.mode = kind, target, size, 0o6777
    return info


@pytest.mark.parametrize(
    "infos",
    [
        (entry("../out", size=1),),
        (entry("/marketday-out", size=1),),
        (entry("a/../../out", size=1),),
        (entry("link", tarfile.SYMTYPE, "/etc"), entry("link/x", size=1)),
        (entry("hard", tarfile.LNKTYPE, "/etc/passwd"),),
        (entry("dev", tarfile.CHRTYPE),),
        (entry("fifo", tarfile.FIFOTYPE),),
        (entry("same", size=1), entry("same", size=1)),
    ],
)
def test_a_hostile_archive_writes_nothing_outside(tmp_path: Path, infos: tuple[tarfile.TarInfo, ...]):
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises((BackupUnusable, FileExistsError)):
        unpack(hostile(*infos), target)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert not any(path.is_symlink() for path in target.rglob("*"))


def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path):
    source = hostile(entry("a", size=100_000))
    with pytest.raises(BackupUnusable):
        unpack(io.BytesIO(source.getvalue()[:50_000]), tmp_path)


def test_modes_that_give_rights_are_not_taken(tmp_path: Path):
    unpack(hostile(entry("a", size=1)), tmp_path)
    assert (tmp_path / "a").stat().st_mode & 0o7777 == 0o644


def test_links_are_not_packed(tmp_path: Path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "file").write_text("x")
    out = io.BytesIO()
    pack(out, [(tmp_path / "file", "file"), (tmp_path / "gone", "gone"), (tmp_path / "file", "again")])
    with pytest.raises(OSError, match="link"):
        pack(io.BytesIO(), [(tmp_path / "link", "link")])
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        assert archive.getnames() == ["file", "again"]
