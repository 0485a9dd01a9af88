"""One command at a time works on a home, and the others are told which."""

import json
import os
from pathlib import Path

import pytest

from marketday.provisioners.local.errors import HomeInUse, HomeUnusable, NoHome
from marketday.provisioners.local.holding import hold_home, read_holder
from marketday.provisioners.local.home import HOLDER_NOTE, Home, find_home
from marketday.provisioners.local.processes import identify

NOBODY = 65534
LARGEST_PID = 2**22  # of Linux
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return find_home(tmp_path / "home")


def test_whoever_is_refused_is_told_who_holds_it(home):
    with hold_home(home, "marketday demo --keep"):
        for _ in range(2):
            with pytest.raises(HomeInUse) as refused, hold_home(home, "marketday down"):
                pass
        told = str(refused.value)
        assert "`marketday demo --keep`" in told
        assert f"process {os.getpid()} on {os.uname().nodename}" in told
        assert f"`kill {os.getpid()}`" in told
        assert read_holder(home).since in told
    with hold_home(home, "marketday down"):
        assert read_holder(home).command == "marketday down"
    assert list(home.root.iterdir()) == []


def test_a_note_that_a_killed_process_left_holds_nobody_up(home):
    note = {"command": "marketday demo", "pid": LARGEST_PID + 1, "start_ticks": 7, "host": "h", "since": "then"}
    for content in (json.dumps(note), "{", "[]", "", '{"command": 1}'):
        (home.root / HOLDER_NOTE).write_text(content)
        with hold_home(home, "marketday down"):
            assert read_holder(home).pid == os.getpid()


def test_a_note_of_a_process_that_is_gone_is_not_believed(home):
    with hold_home(home, "marketday demo"):
        note = json.loads((home.root / HOLDER_NOTE).read_text())
        (home.root / HOLDER_NOTE).write_text(json.dumps({**note, "start_ticks": note["start_ticks"] + 1}))
        with pytest.raises(HomeInUse, match="a process without a note"), hold_home(home, "marketday down"):
            pass


@pytest.fixture
def as_nobody():
    """Be somebody who may do less, for the length of a test."""
    os.seteuid(NOBODY)
    yield
    os.seteuid(0)


@as_root
def test_a_home_whose_parent_takes_no_files_can_be_held(request, server_folder):
    parent = server_folder / "closed-parent"
    home = parent / "home"
    home.mkdir(parents=True)
    os.chown(home, NOBODY, NOBODY)
    parent.chmod(0o555)
    request.getfixturevalue("as_nobody")
    with hold_home(find_home(home), "marketday down"):
        assert identify(os.getpid())
        assert (home / HOLDER_NOTE).is_file()
    with pytest.raises(PermissionError):
        (parent / "other").touch()


@as_root
def test_a_home_that_takes_no_files_can_be_held(request, server_folder):
    home = server_folder / "closed-home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    home.chmod(0o555)
    request.getfixturevalue("as_nobody")
    found = find_home(home)
    with (
        hold_home(found, "marketday down"),
        pytest.raises(HomeInUse, match="a process without a note"),
        hold_home(found, "x"),
    ):
        pass


def test_a_home_that_was_removed_meanwhile_is_no_home(home, monkeypatch):
    with hold_home(home, "marketday down --purge"):
        descriptor = os.open(home.root, os.O_RDONLY)  # as another command has it that came a moment too late
        home.remove()
        monkeypatch.setattr("marketday.provisioners.local.holding.os.open", lambda *_: os.dup(descriptor))
    with pytest.raises(NoHome, match="just removed by another command"), hold_home(home, "marketday down"):
        pass
    os.close(descriptor)


def test_no_home_is_made_by_looking_for_it(tmp_path):
    with pytest.raises(NoHome, match="is missing"):
        find_home(tmp_path / "deep" / "home")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_home(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(HomeUnusable, match="is not a folder"):
        find_home(tmp_path / "home")
    with pytest.raises(NoHome):
        find_home(tmp_path / "home" / "below")


def test_a_link_that_leads_nowhere_says_where(tmp_path):
    (tmp_path / "home").symlink_to(tmp_path / "gone")
    with pytest.raises(NoHome, match=r"leads to .*gone, which is missing"):
        find_home(tmp_path / "home")


@as_root
def test_the_home_of_another_account_is_refused_by_its_name(request, server_folder):
    home = server_folder / "roots-home"
    home.mkdir()
    request.getfixturevalue("as_nobody")
    with pytest.raises(HomeUnusable, match=r"belongs to the account root"):
        find_home(home)


@as_root
def test_a_home_behind_a_closed_door_is_refused(request, server_folder):
    home = server_folder / "closed-door" / "home"
    home.mkdir(parents=True)
    home.parent.chmod(0o700)
    request.getfixturevalue("as_nobody")
    with pytest.raises(HomeUnusable, match="cannot be reached"):
        find_home(home)


@pytest.mark.parametrize("foreign", ["thesis.odt", ".ssh", "malls"])
def test_what_marketday_did_not_make_is_never_removed(home, foreign):
    (home.root / foreign).mkdir()
    (home.root / "mall").mkdir()
    with pytest.raises(HomeUnusable, match=foreign):
        home.remove()
    assert {each.name for each in home.root.iterdir()} == {foreign, "mall"}


def test_a_removal_that_was_cut_short_is_repeated(home):
    for name in ("environments", "programs", "receipts"):
        (home.root / name).mkdir()
    home.remove()
    assert not home.root.exists()


def test_a_folder_of_something_else_is_no_event_plane(home):
    for name in ("notes", "01900000-0000-7000-8000-000000000001"):
        (home.root / "environments" / name).mkdir(parents=True)
    assert [folder.path.name for folder in Home(home.root, home.link).events()] == [
        "01900000-0000-7000-8000-000000000001"
    ]
    assert isinstance(home.root, Path)
