"""The walls by themselves: the filter's lines, the honest sentence, the files of a plane."""

import os
import stat
from pathlib import Path

import pytest

from marketday.kit.private import private_folder, private_opener, write_whole
from marketday.provisioners.local import accounts
from marketday.provisioners.local.errors import HomeUnusable, NoAccount
from marketday.provisioners.local.home import open_home
from marketday.provisioners.local.walls import calls
from marketday.provisioners.local.walls.showing import closed_part
from marketday.provisioners.local.walls.standing import WallsHere
from marketday.testing.folders import folder_for_servers

ALLOWED, REFUSED, PRETENDED = 0x7FFF0000, 0x00050001, 0x00050000
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives accounts to planes")


def verdict(machine, number, *arguments, architecture=None, **options):
    """Run the filter as the kernel does."""
    words = {0: number, 4: architecture or ARCHITECTURE[machine]}
    words |= {16 + 8 * place: value & 0xFFFFFFFF for place, value in enumerate(arguments)}
    lines, at, register = calls.filter_lines(machine, **options), 0, 0
    while True:
        code, then, otherwise, value = lines[at]
        match code:
            case 0x20:
                register = words.get(value, 0)
            case 0x54:
                register &= value
            case 0x06:
                return value
            case _:
                holds = {0x15: register == value, 0x35: register >= value, 0x45: bool(register & value)}[code]
                at += then if holds else otherwise
        at += 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ((0,), ALLOWED),  # read
        ((41, 2, 1, 6), ALLOWED),  # socket(AF_INET, SOCK_STREAM, TCP)
        ((41, 10, 1 | 0o2000000, 0), ALLOWED),  # AF_INET6, close on exec
        ((41, 1, 1, 0), REFUSED),  # AF_UNIX
        ((41, 2, 1, 262), REFUSED),  # MPTCP
        ((41, 2, 2, 0), REFUSED),  # a datagram socket
        ((41, 16, 3, 0), REFUSED),  # netlink
        ((53, 1, 1, 0), ALLOWED),  # socketpair, as asyncio makes it
        ((53, 1, 2, 0), REFUSED),  # one that can be pointed elsewhere
        ((44, 3, 0, 0, 0x4000), ALLOWED),  # sendto
        ((44, 3, 0, 0, 0x20000000), REFUSED),  # it connects, and no rule is asked
        ((46, 3, 0, 0x20000000), REFUSED),
        ((307, 3, 0, 0, 0x20000000), REFUSED),
        ((302, 0, 7), ALLOWED),  # prlimit of oneself
        ((302, 4711, 7), REFUSED),
        ((141, 0, 0, 19), ALLOWED),  # setpriority of oneself
        ((141, 0, 4711, 19), REFUSED),  # of another
        ((141, 1, 0, 19), REFUSED),  # of one's whole group
        ((141, 2, 0, 19), REFUSED),  # of all processes of one's user
        ((251, 1, 0, 7), ALLOWED),  # ioprio_set of oneself
        ((251, 1, 4711, 7), REFUSED),
        ((251, 2, 0, 7), REFUSED),
        ((251, 3, 0, 7), REFUSED),
        ((203, 0), ALLOWED),  # sched_setaffinity
        ((203, 4711), REFUSED),
        ((256, 4711), REFUSED),  # migrate_pages
        ((279, 0), ALLOWED),  # move_pages: PostgreSQL asks where its own memory is
        ((425, 8), REFUSED),  # io_uring_setup
        ((90,), REFUSED),  # chmod
        ((29,), REFUSED),  # shmget
        ((101,), REFUSED),  # ptrace
        ((0x40000000 | 90,), REFUSED),  # the same by x86's third interface
    ],
)
def test_what_the_filter_lets_through(call, expected):
    assert verdict("x86_64", *call) == expected


def test_the_filter_knows_the_other_architecture():
    assert verdict("aarch64", 198, 1, 1, 0) == REFUSED
    assert verdict("aarch64", 198, 2, 1, 0) == ALLOWED
    assert verdict("aarch64", 52) == REFUSED
    assert verdict("aarch64", 140, 0, 0, 19) == verdict("aarch64", 30, 1, 0, 7) == ALLOWED
    assert verdict("aarch64", 140, 2, 0, 19) == verdict("aarch64", 30, 2, 0, 7) == REFUSED
    assert verdict("x86_64", 41, 2, 1, 0, architecture=0x40000003) == REFUSED  # 32-bit calls have other numbers
    with pytest.raises(KeyError):
        calls.filter_lines("vax")


def test_what_a_process_needs_is_left_to_it():
    assert verdict("x86_64", 29, shared_memory=True) == ALLOWED
    assert verdict("x86_64", 90, chmod_is_ignored=True) == PRETENDED


@pytest.mark.parametrize(
    ("walls", "kind", "said", "unsaid"),
    [
        (WallsHere(accounts=True, landlock=7, filtered=True), "accounts_landlock", "signals", "not limited"),
        (WallsHere(accounts=True, landlock=0, filtered=True), "accounts", "no Landlock", "ABI"),
        (WallsHere(accounts=False, landlock=3, filtered=True), "landlock", "not limited: TCP ports,", "nothing"),
        (WallsHere(accounts=False, landlock=7, filtered=False), "landlock", "not limited: Unix sockets", "nothing"),
        (WallsHere(accounts=False, landlock=0, filtered=True), "nothing", "nothing keeps their files", "ABI"),
    ],
)
def test_it_says_what_holds_and_what_does_not(walls, kind, said, unsaid):
    assert walls.kind == kind
    assert said in str(walls)
    assert unsaid not in str(walls)


@as_root
def test_a_planes_account_stays_and_is_nobody_elses(tmp_path, monkeypatch):
    planes = [tmp_path / name for name in ("mall", "sandbox", "environments/a", "environments/b")]
    for plane in planes:
        plane.mkdir(parents=True)
    found = [accounts.account_of(plane) for plane in planes]
    assert len(set(found)) == len(planes)
    assert [accounts.account_of(plane) for plane in planes] == found
    assert not any(accounts._is_named(account) for account in found)
    # The next one would be any of these, and then that of a process that runs.
    wishes = iter([*found, 4242, 2_000_000_000])
    monkeypatch.setattr(accounts, "_running", lambda: {4242})
    monkeypatch.setattr(accounts.random.SystemRandom, "choice", lambda *_: next(wishes))
    (tmp_path / "environments/c").mkdir()
    assert accounts.account_of(tmp_path / "environments/c") == 2_000_000_000


@as_root
def test_a_container_with_few_numbers_is_served_or_told(tmp_path, monkeypatch):
    few, none = range(100_000), range(10)
    monkeypatch.setattr(accounts, "_is_mapped", lambda _, numbers: set(numbers[:: len(numbers) - 1]) <= set(few))
    assert accounts.account_of(tmp_path) in accounts._RANGES[1]
    monkeypatch.setattr(accounts, "_is_mapped", lambda _, numbers: numbers.stop in none)
    (tmp_path / "other").mkdir()
    with pytest.raises(NoAccount, match="as an ordinary user"):
        accounts.account_of(tmp_path / "other")


@as_root
def test_giving_a_folder_away_gives_nothing_that_a_link_leads_to(tmp_path):
    secret, tree = tmp_path / "secret", tmp_path / "tree"
    secret.touch()
    (tree / "deep").mkdir(parents=True)
    (tree / "deep" / "file").touch()
    (tree / "link").symlink_to(secret)
    (tree / "folder-link").symlink_to(tmp_path)
    os.link(secret, tree / "second-name")
    accounts.give_tree(tree, 4242)
    assert (secret.stat().st_uid, tmp_path.stat().st_uid) == (0, 0)
    assert (tree / "deep" / "file").stat().st_uid == tree.stat().st_uid == 4242


@as_root
def test_a_link_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "gate").symlink_to("/etc")
    with pytest.raises((NoAccount, FileExistsError)):
        accounts.own_folder(tmp_path / "gate", 4242)
    assert Path("/etc").stat().st_uid == 0


def test_a_home_among_programs_is_refused(monkeypatch):
    with folder_for_servers() as folder:
        monkeypatch.setattr("sys.prefix", str(folder))
        with pytest.raises(HomeUnusable, match="whose programs every service may read"):
            open_home(folder / "home")


@as_root
def test_a_home_of_another_account_is_refused():
    with folder_for_servers() as folder:
        (folder / "theirs").mkdir()
        os.chown(folder / "theirs", 4242, -1)
        with pytest.raises(HomeUnusable, match="belongs to user 4242"):
            open_home(folder / "theirs")


def test_the_closed_part_of_a_path_is_its_first(tmp_path):
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    for folder in (tmp_path / "a" / "b", deep):
        folder.chmod(0o700)
    found = closed_part(deep)
    assert found is not None
    assert deep.is_relative_to(found)
    assert closed_part(Path("/usr")) is None


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777 & ~0o700])
def test_private_files_are_private_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        folder = private_folder(tmp_path / "deep" / "folder")
        write_whole(folder / "file", "x")
        with open(folder / "log", "a", opener=private_opener) as log:
            log.write("x")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_no_file_is_written_through_a_link(tmp_path):
    (tmp_path / "target").write_text("kept")
    (tmp_path / "log").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic"):
        open(tmp_path / "log", "a", opener=private_opener)  # noqa: SIM115
    (tmp_path / "file.new").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic"):
        write_whole(tmp_path / "file", "x")
    assert (tmp_path / "target").read_text() == "kept"
