"""A checkout that lies where only root may go: another account sees what it runs and reads, and nothing else there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marketday.kit.files import data_folders

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]
READING = """
import json, sys, walled
from pathlib import Path
walled.become(65534)
files = [file for file in Path(sys.argv[1]).rglob("*") if file.is_file()]
print(json.dumps({str(file): file.read_text(errors="replace") for file in files}))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another account")
@pytest.mark.skipif(not (CHECKOUT / "src").is_dir(), reason="installed, it lies among the programs")
def test_of_a_closed_checkout_another_account_reads_what_is_ours(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "secret").touch(mode=0o644)
    folders = [CHECKOUT / "src", *data_folders()]
    for folder in folders:
        shutil.copytree(folder, closed / folder.relative_to(CHECKOUT), ignore=shutil.ignore_patterns("__pycache__"))
    copied = {str(file): file.read_text(errors="replace") for file in closed.rglob("*") if file.is_file()}
    found = subprocess.run(
        [sys.executable, "-B", "-c", READING, str(closed)],
        env={**os.environ, "PYTHONPATH": f"{closed / 'src'}:{HERE}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    del copied[str(closed / "secret")]
    assert json.loads(found.stdout) == copied
