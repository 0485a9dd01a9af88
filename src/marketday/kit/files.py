"""Where the project's own data files lie: in the checkout, or inside the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]


def _folder(name: str) -> Path:
    installed = _PACKAGE / "_files" / name
    return installed if installed.is_dir() else _CHECKOUT / name


def sql_folder(database: str) -> Path:
    """Return the folder of the migrations of `database`, `mall` or `drop`."""
    return _folder("sql") / database


def examples_folder() -> Path:
    """Return the folder of the example catalogue and drops."""
    return _folder("examples")


def prices_folder() -> Path:
    """Return the folder of the price tables, a file for each region."""
    return _folder("infra") / "prices"
