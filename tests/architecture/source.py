"""Where the project's files lie, for the tests that read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

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


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))
