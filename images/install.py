"""Runs while an image is built: puts one service into /out, as it will be in the image, and nothing else.

install.py NAME BASE: NAME is the service, BASE the folder with the base image's own Python library.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
APP, LIBRARY = Path("app"), Path(f"usr/lib/python3.{sys.version_info.minor}")
LANGUAGES = "root|en|ko|ja|zh"  # of Babel's thousand locales; a test compares them with kit/languages.py
LOCALE = re.compile(rf"({LANGUAGES})(_\w+)?\.dat")
# Tests, and what only a compiler or a type checker reads.
UNWANTED = (
    "**/tests",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.pxi",
    "**/*.c",
    "**/*.h",
    "**/INSTALLER",
    "**/REQUESTED",
    "bin",
)
# Modules that a service needs only after its own import: when it starts, or at its first request.
ALSO = (
    "runpy",
    "encodings.idna",
    "asyncio.sslproto",
    "stringprep",
    "urllib.request",
    "pydantic.v1",
    "importlib.readers",
    "encodings.unicode_escape",
    "uvloop",
    "httptools",
    "uvicorn.lifespan.on",
)
SHOW = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        if name.startswith("marketday."):
            raise
for module in list(sys.modules.values()):
    if (getattr(module, "__file__", None) or "").endswith(".py"):
        print(module.__file__)
"""


def main(name: str, base: Path, out: Path = Path("/out")) -> None:
    """Install, cut and compile."""
    app = out / APP
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-cache-dir",
    ]
    pip += ["--no-warn-script-location", "--root-user-action=ignore", f"--target={app}"]
    subprocess.run([*pip, "--require-hashes", "--only-binary=:all:", "-r", HERE / f"{name}.lock"], check=True)
    (wheel,) = HERE.glob("marketday-*.whl")
    subprocess.run([*pip, "--no-deps", "--no-index", wheel], check=True)
    cut(app)
    for library in app.rglob("*.so*"):  # uvloop's is a tenth without what only a debugger reads
        subprocess.run(["strip", "--strip-unneeded", library], check=True)
    compile_imported(name, app, base, out / LIBRARY)
    for path in sorted(out.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def cut(app: Path) -> None:
    """Remove what the service never reads."""
    for path in [found for pattern in UNWANTED for found in app.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in (app / "babel" / "locale-data").glob("*.dat"):
        if not LOCALE.fullmatch(path.name):
            path.unlink()
    shutil.rmtree(app / "marketday" / "testing")


def compile_imported(name: str, app: Path, base: Path, library: Path) -> None:
    """Compile each module that the service imports: its own ones, and those of the base's Python.

    Compiling all would be 15 MB more that nobody loads. The files are not compared with their sources at a start, and
    are the same bytes each time. They are made of the base's sources, because the builder's may be of another patch.
    """
    asked = [sys.executable, "-c", SHOW, f"marketday.apps.{name}", *ALSO]
    environment = {**os.environ, "PYTHONPATH": str(app), "PYTHONDONTWRITEBYTECODE": "1"}
    shown = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True).stdout.splitlines()
    own = Path(os.__file__).parent
    for file in sorted(map(Path, shown)):
        if file.is_relative_to(app):
            _compile(file, APP / file.relative_to(app))
        elif file.is_relative_to(own) and (source := base / file.relative_to(own)).is_file():
            copy = library / file.relative_to(own)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            _compile(copy, LIBRARY / file.relative_to(own))
            copy.unlink()


def _compile(file: Path, place: Path) -> None:
    import py_compile  # noqa: PLC0415 - not before the service's modules were asked for

    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(file), dfile=f"/{place}", doraise=True, invalidation_mode=unchecked)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
