"""The Jenkinsfile is right as Groovy, by a linter of others. Whether Jenkins takes it is not shown: there is none."""

import re
import shutil
import subprocess

import pytest

from .ground import ROOT
from .jenkins import JENKINSFILE

pytestmark = pytest.mark.long

LINTER = ROOT / ".venv-ci" / "npm" / "node_modules" / ".bin" / "npm-groovy-lint"
SETTINGS = JENKINSFILE.parent / ".groovylintrc.json"


def lint(folder):
    if not LINTER.exists() or not shutil.which("java"):
        pytest.skip("npm-groovy-lint or Java is not here; `make pipeline` installs the first")
    shutil.copy(SETTINGS, folder)
    command = [LINTER, "--noserver", "--failon=warning", "--path=.", "--files=**/Jenkinsfile"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert re.search(r"results in \S*1\S* linted files", done.stdout), done.stdout + done.stderr
    return done.returncode


def test_the_jenkinsfile_has_no_warning_and_a_broken_one_has(tmp_path):
    text = JENKINSFILE.read_text("utf-8")
    (tmp_path / "Jenkinsfile").write_text(text, "utf-8")
    assert lint(tmp_path) == 0
    (tmp_path / "Jenkinsfile").write_text(text.replace("stages {", "stages ", 1), "utf-8")
    assert lint(tmp_path) != 0
