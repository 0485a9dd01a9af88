"""Packs the functions of AWS Lambda into one zip: our code, and the locked dependencies as wheels for arm64.

The same sources and locks give the same bytes, so that Terraform sees a change only if there is one.
"""

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements-aws.lock"
MOST_BYTES = 250 * 1024 * 1024  # limit for an unpacked function (AWS Lambda quotas, "Deployment package size")
FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can record

# What no function imports: the web and its server, the terminal.
LEFT_OUT = frozenset(
    """
    argon2-cffi argon2-cffi-bindings fastapi h11 hiredis httptools jinja2 markdown-it-py mdurl nh3 opentelemetry-api
    prometheus-client pygments python-multipart redis rich shellingham sse-starlette starlette typer uvicorn uvloop
    """.split()  # noqa: SIM905 - a list of thirty quoted words would be thirty lines
)
# Amazon Linux 2, on which Lambda's Python 3.11 runs, has glibc 2.26: 2.17 runs there, 2.28 does not.
PLATFORMS = ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
_REQUIREMENT = re.compile(r"^([a-z0-9.-]+)==\S+.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
# Only for tests, or written by pip with content that is different each time.
_UNWANTED = re.compile(
    r"(^|/)(__pycache__|tests?)/|^bin/|^marketday/testing/|^\.lock$|(^|/)(RECORD|INSTALLER|REQUESTED|direct_url\.json)$"
)


def needed(lock: str) -> str:
    """Return a lock's requirements, with their hashes, without those that are left out."""
    return "".join(found.group(0) for found in _REQUIREMENT.finditer(lock) if found.group(1) not in LEFT_OUT)


def install(target: Path) -> None:
    """Unpack the wheels into `target` and check their hashes: with uv if it is installed, otherwise with pip."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(needed(LOCK.read_text("utf-8")))
        requirements.flush()
        installer = _uv() if shutil.which("uv") else _pip()
        wanted = ("--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version", "3.11.9")
        command = [*installer, *wanted, "--target", str(target), "--requirement", requirements.name]
        subprocess.run(command, check=True)


def _uv() -> list[str]:
    return ["uv", "pip", "install", "--python-platform", "aarch64-manylinux_2_17", "--python", sys.executable]


def _pip() -> list[str]:
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    # An environment without pip uses the pip of the Python that made it: it writes only into `target`.
    python = sys.executable if importlib.util.find_spec("pip") else sys._base_executable  # noqa: SLF001 - documented in site and venv
    return [python, "-m", "pip", "install", "--no-compile", "--implementation", "cp", *platforms]


def contents(packages: Path, project: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Yield the names in the zip, sorted, and the files: the dependencies, and our own code."""
    found = {str(file.relative_to(packages)): file for file in _files(packages)}
    code = project / "src" / "marketday"
    found |= {f"marketday/{file.relative_to(code)}": file for file in _files(code)}
    yield from sorted((name, file) for name, file in found.items() if not _UNWANTED.search(name))


def pack(files: Iterator[tuple[str, Path]], target: Path) -> int:
    """Write the zip, the same bytes for the same files; return how many bytes it has unpacked."""
    total = 0
    with zipfile.ZipFile(target, "w") as archive:
        for name, file in files:
            entry = zipfile.ZipInfo(name, FIRST_MOMENT)
            entry.external_attr, entry.compress_type = 0o100644 << 16, zipfile.ZIP_DEFLATED
            content = file.read_bytes()
            archive.writestr(entry, content)
            total += len(content)
    return total


def main() -> int:
    """Make the zip, and print how large it is; return 1 if Lambda would not accept it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target", type=Path, nargs="?", default=ROOT / "build" / "lambda.zip")
    target: Path = parser.parse_args().target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=target.parent).close()
    except OSError as error:
        sys.stderr.write(f"{target} cannot be written: {error.strerror}; expected a file that this account can write\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        try:
            install(Path(folder))
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"{error.cmd[0]} ended with {error.returncode}: wheels were not installed, see above\n")
            return 1
        total = pack(contents(Path(folder)), target)
    sys.stdout.write(f"{target}: {target.stat().st_size / 2**20:.1f} MB, {total / 2**20:.1f} MB unpacked\n")
    if total > MOST_BYTES:
        sys.stderr.write(f"{total} bytes unpacked; expected at most {MOST_BYTES}\n")
        return 1
    return 0


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
