"""The home of one machine from version to version: taken from the last release, refused if a newer format wrote it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from marketday import __version__
from marketday.kit.migrations import DatabaseIsNewer, migrate
from marketday.provisioners.local.errors import HomeUnusable
from marketday.provisioners.local.home import FORMAT, VERSION_NOTE, find_home, open_home
from marketday.testing.folders import folder_for_servers

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home():
    with folder_for_servers() as folder:
        yield folder / "home"


def note(home):
    return json.loads((home / VERSION_NOTE).read_text("utf-8"))


def test_a_home_says_who_wrote_it_and_is_taken_from_earlier_versions(home):
    open_home(home)
    assert note(home) == {"format": FORMAT, "version": __version__}
    for earlier in (None, {"format": FORMAT, "version": "0.0.1"}):  # of a time before there was a note
        (home / VERSION_NOTE).unlink()
        if earlier:
            (home / VERSION_NOTE).write_text(json.dumps(earlier), "utf-8")
        assert find_home(home) == open_home(home)
        assert note(home)["version"] == __version__
    open_home(home).empty()
    assert [each.name for each in home.iterdir()] == [VERSION_NOTE]


@pytest.mark.parametrize("opened", [open_home, find_home])
def test_a_home_of_a_newer_format_is_refused_and_not_touched(home, opened):
    open_home(home)
    (home / VERSION_NOTE).write_text(json.dumps({"format": FORMAT + 1, "version": "9.0.0\u001b[2J"}), "utf-8")
    with pytest.raises(HomeUnusable) as refused:
        opened(home)
    assert f"in format {FORMAT + 1}, and this is {__version__}" in str(refused.value)
    assert str(refused.value).isprintable()
    assert note(home)["format"] == FORMAT + 1


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x", "version": "1.0.0"}', "\0"])
def test_a_damaged_note_is_named(home, text):
    open_home(home)
    (home / VERSION_NOTE).write_text(text, "utf-8")
    with pytest.raises(HomeUnusable, match=r"home\.json is damaged; expected"):
        find_home(home)


async def test_a_database_that_a_newer_version_has_narrowed_is_refused_and_one_that_it_widened_is_not(
    postgres_server, tmp_path
):
    for name in ("0001_tea.sql", "0002_cup.sql", "0003_tea.contract.sql"):
        (tmp_path / name).write_text(f"CREATE TABLE t{name[:4]} ()", "utf-8")
    with postgres_server.clone("template1") as database:
        url = postgres_server.url(database)
        await migrate(url, tmp_path)
        (tmp_path / "0002_cup.sql").unlink()
        assert await migrate(url, tmp_path) == []  # back to the version before, which knows no cups
        (tmp_path / "0003_tea.contract.sql").unlink()
        (tmp_path / "0004_pot.sql").write_text("CREATE TABLE pot ()", "utf-8")
        with pytest.raises(DatabaseIsNewer, match=r"0003_tea\.contract\.sql, which removed"):
            await migrate(url, tmp_path)
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT to_regclass('pot')") is None
        await connection.close()


def marketday(home, code, *words):
    """Run the command of a version to its end."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(home.parent), "MARKETDAY_HOME": str(home), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "marketday.apps.command", *words]
    environment = {**plain, "PYTHONPATH": str(code)}
    done = subprocess.run(command, env=environment, cwd=home.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
def test_a_mall_of_the_last_release_goes_on_with_this_version_and_back(home, kept):
    """Stop it, install the other version, start it: accounts, goods and addresses are the same."""
    old, new = kept.code(home.parent / "old"), ROOT / "src"
    try:
        addresses = marketday(home, old, "up")
        catalogue = str(ROOT / "examples/catalog.csv")
        marketday(home, old, "catalog", "import", catalogue, "--currency", "KRW")
        for code in (new, old, new):
            marketday(home, code, "down")
            assert marketday(home, code, "up") == addresses
            told = marketday(home, code, "catalog", "import", catalogue, "--currency", "KRW", "--dry-run")
            assert "unchanged" in told
    finally:
        marketday(home, new, "down", "--purge")
    assert not home.exists()
