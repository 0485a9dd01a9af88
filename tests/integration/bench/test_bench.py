"""Some benchmarks run for an instant on real servers and give their rows. No figure is judged."""

import subprocess
import sys
from pathlib import Path

from marketday.testing.folders import folder_for_servers

ROOT = Path(__file__).resolve().parents[3]
ROWS = {
    "join": ("join, a new person", "admission, redeemed"),
    "reserve": ("reservation over HTTP", "the same, p99"),
}  # `make bench` runs the others too


def test_benchmarks_give_their_rows():
    page = ROOT / "docs" / "benchmarks.md"
    before = page.read_bytes()
    with folder_for_servers() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--tiny", "--people", str(folder / "people"), *ROWS],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == before  # what measured nothing is not written
    lines = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    found = [cells[0].removeprefix("| ") for cells in lines]
    for names in ROWS.values():
        for name in names:
            assert any(what.startswith(name) for what in found), (name, done.stdout)
    with_errors = [line for line in done.stdout.splitlines() if " × 5" in line or "no answer" in line]
    assert with_errors == []
