"""The folders of the project's own data files: in the checkout, or inside the installed package."""

from collections.abc import Sequence
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]
_SQL, _EXAMPLES, _PRICES = _NAMES = ("sql", "examples", "infra/prices")


def _folder(name: str) -> Path:
    installed = _PACKAGE / "_files" / name
    return installed if installed.is_dir() else _CHECKOUT / name


def data_folders() -> Sequence[Path]:
    """Return all these folders: our own programs may have to read them, in addition to their code."""
    return [_folder(name) for name in _NAMES]


def sql_folder(database: str) -> Path:
    """Return the folder of the migrations of `database`, `mall` or `drop`."""
    return _folder(_SQL) / database


def examples_folder() -> Path:
    """Return the folder of the example catalogue and drops."""
    return _folder(_EXAMPLES)


def prices_folder() -> Path:
    """Return the folder of the price tables, with a file for each region."""
    return _folder(_PRICES)
