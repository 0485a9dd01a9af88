import tomllib
from pathlib import Path

from marketday.kit import files
from marketday.provisioners.local.walls.enter import _programs

ROOT = Path(__file__).parents[3]


def test_the_projects_own_files_are_found():
    assert list(files.sql_folder("mall").glob("*.sql"))
    assert list(files.sql_folder("drop").glob("*.sql"))
    assert list((files.examples_folder() / "drops").glob("*.toml"))
    assert list(files.prices_folder().glob("*.toml"))


def test_all_of_them_are_packed_and_may_be_read_behind_the_walls():
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {ROOT / name for name in packed["force-include"]} == set(files.data_folders())
    assert set(files.data_folders()) <= set(_programs())
    asked = [files.sql_folder("mall"), files.sql_folder("drop"), files.examples_folder(), files.prices_folder()]
    assert all(any(folder.is_relative_to(known) for known in files.data_folders()) for folder in asked)
