"""Every benchmark runs for an instant on real servers and gives its rows. No figure is judged."""

import subprocess
import sys
from pathlib import Path

from bench.rows import BENCHMARKS

from marketday.testing.folders import folder_for_servers

ROOT = Path(__file__).resolve().parents[3]
ROWS = {
    "now": ("`now` through the edge",),
    "join": ("join, a new person", "admission, redeemed"),
    "reserve": ("reservation over HTTP", "the same, p99"),
    "alone": ("reservation alone",),
    "purchase": ("the whole purchase", "the same, orders a second"),
    "exactness": ("what exactness costs",),
    "processes": ("two store processes", "the same, p99"),
    "growth": ("join with 200", "position with 200", "call with 200", "an entry in Valkey"),
    "mall": ("the mall's p99 while",),
}


def test_every_benchmark_gives_its_rows():
    page = ROOT / "docs" / "benchmarks.md"
    before = page.read_bytes()
    with folder_for_servers() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--tiny", "--people", str(folder / "people")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == before  # what measured nothing is not written
    lines = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    found = [cells[0].removeprefix("| ") for cells in lines]
    assert list(ROWS) == list(BENCHMARKS)
    for names in ROWS.values():
        for name in names:
            assert any(what.startswith(name) for what in found), (name, done.stdout)
    with_errors = [line for line in done.stdout.splitlines() if " × 5" in line or "no answer" in line]
    assert with_errors == []
