"""The home folder, as root also where the servers' account cannot go."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from marketday.provisioners.local.accounts import reachable_by_others
from marketday.provisioners.local.errors import HomeUnusable
from marketday.provisioners.local.home import open_home

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another account")


@pytest.fixture
def closed(tmp_path):
    """A folder that only its owner can enter, such as a home directory."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_a_home_is_made_and_found_again(server_folder):
    path = Path(tempfile.mkdtemp(dir=server_folder)) / "deep" / "home"
    path.parent.parent.chmod(0o711)
    home = open_home(path)
    assert home.root == path.resolve()
    assert open_home(path) == home
    assert home.planes() == []
    home.remove()
    assert not path.exists()


@as_root
def test_under_a_closed_folder_the_home_is_a_link(closed):
    home = open_home(closed / ".marketday")
    try:
        assert home.link.is_symlink()
        assert reachable_by_others(home.root)
        assert open_home(closed / ".marketday") == home
        shutil.rmtree(home.root)  # someone tidied up
        assert open_home(closed / ".marketday") == home
        assert home.root.is_dir()
    finally:
        home.remove()
    assert not home.root.exists()
    assert not home.link.is_symlink()


@as_root
def test_an_empty_folder_there_is_replaced_and_a_full_one_kept(closed):
    (closed / ".marketday").mkdir()
    open_home(closed / ".marketday").remove()
    (closed / ".marketday").mkdir()
    (closed / ".marketday" / "data").touch()
    with pytest.raises(HomeUnusable, match="holds data"):
        open_home(closed / ".marketday")
    assert (closed / ".marketday" / "data").exists()


@as_root
def test_a_folder_that_another_account_prepared_is_refused(closed):
    home = open_home(closed / ".marketday")
    try:
        os.chown(home.root, 65534, -1)
        home.link.unlink()
        with pytest.raises(HomeUnusable, match="others can change"):
            open_home(closed / ".marketday")
    finally:
        shutil.rmtree(home.root)


def test_a_file_is_no_home(closed):
    (closed / "file").touch()
    with pytest.raises(HomeUnusable, match="is not a folder"):
        open_home(closed / "file")
