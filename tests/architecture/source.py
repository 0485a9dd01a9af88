"""Where the project's files lie, for the tests that read them."""

import ast
import gc
import subprocess
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "src" / "marketday"
WEB = PRODUCT / "web"


@cache
def python_files() -> list[Path]:
    """Every Python file of the product."""
    return sorted(PRODUCT.rglob("*.py"))


@cache
def own_files() -> list[Path]:
    """Every file that belongs to the repository, or would with the next commit."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listing.stdout.splitlines()
    if listing.returncode:  # an exported tree, without git
        hidden = {".git", ".venv", ".marketday"}
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [
            str(path) for path in found if not any(part in hidden or part.endswith("_cache") for part in path.parts)
        ]
    return sorted(path for name in names if (path := ROOT / name).is_file())


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def wrong(paths: Iterable[Path], found_in: Callable[[Path], Any]) -> dict[str, Any]:
    """What a rule finds in each file, without those in which it finds nothing: one test shows all that is wrong."""
    return {relative(path): found for path in paths if (found := found_in(path))}


@cache
def text(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file. Python 3.11 fails if what other tests left is collected, and runs code, in the meantime."""
    source = text(path)
    collected = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source, str(path))
    finally:
        if collected:
            gc.enable()


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All nodes of a file's tree; several rules look at each of them."""
    return list(ast.walk(tree(path)))
