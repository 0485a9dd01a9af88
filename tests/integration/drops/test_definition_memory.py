"""A file that nobody would write is refused without much memory, also in a process that has little."""

import subprocess
import sys

from marketday.drops.mistakes import MOST_TOLD
from marketday.testing.definitions import DAWN_SERUM

MEMORY = 2**29
PROGRAM = """
import resource, sys
from pathlib import Path
from marketday.drops.definition import load
from marketday.drops.mistakes import DefinitionErrors

resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]), int(sys.argv[1])))
try:
    load(Path(sys.argv[2]))
except DefinitionErrors as error:
    print(len(error.mistakes))
"""


def test_the_worst_file_takes_no_memory(tmp_path):
    file = tmp_path / "drop.toml"
    keys = "".join(f"k{number} = 1\n" for number in range(15_000))
    file.write_text(f"{DAWN_SERUM}[drop.forecast]\n{keys}{'#' * 1000}", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(MEMORY), file], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == str(MOST_TOLD), done.stderr
