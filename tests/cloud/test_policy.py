"""What two checkers of others say about everything in infra/: checkov, and cfn-lint for CloudFormation."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from cfnlint.api import lint_file

from .terraform import ROOT

INFRA = ROOT / "infra"
SETTING = "MARKETDAY_CHECKOV"
TEMPLATES = sorted((INFRA / "cloudformation").glob("*.yaml"))
WAIVER = re.compile(r"checkov:skip=(?P<check>\w+)(?::(?P<reason>.*))?")
FRAMEWORKS = ("--framework", "terraform", "cloudformation", "secrets")
FEWEST_WORDS = 3
RUN_SECONDS = 240.0


@pytest.fixture
def checkov() -> str:
    """The checker, in an environment of its own; without it the test is skipped."""
    named = os.environ.get(SETTING)
    program = Path(named) if named else ROOT / ".venv-checkov" / "bin" / "checkov"
    if not program.is_file():
        pytest.skip(
            f"checkov is not at {program.name if named is None else program}: "
            f"`pip install -r infra/checkov.lock` into .venv-checkov, or name it in {SETTING}"
        )
    return str(program)


def test_checkov_has_nothing_to_say(checkov, tmp_path):
    done = subprocess.run(
        [checkov, "--directory", str(INFRA), *FRAMEWORKS, "--skip-download", "--output", "json", "--quiet"],
        cwd=tmp_path,
        env={**os.environ, "CHECKOV_RUN_SCA_PACKAGE_SCAN": "false", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.stdout.strip(), done.stderr
    answers = json.loads(done.stdout)
    findings = [
        f"{one['check_id']} {one['file_path']}:{one['file_line_range'][0]} {one['resource']}: {one['check_name']}"
        for answer in (answers if isinstance(answers, list) else [answers])
        for one in answer.get("results", {}).get("failed_checks", [])
    ]
    assert findings == []
    assert done.returncode == 0, done.stderr


def test_every_waiver_gives_its_reason():
    waivers = [
        (path.relative_to(ROOT), match["check"], match["reason"] or "")
        for path in INFRA.rglob("*")
        if path.suffix in {".tf", ".hcl", ".yaml"}
        for match in WAIVER.finditer(path.read_text("utf-8"))
    ]
    assert [waiver for waiver in waivers if len(waiver[2].split()) < FEWEST_WORDS] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_cfn_lint_has_nothing_to_say(template):
    assert [str(match) for match in lint_file(template)] == []


def test_there_is_a_template_for_recovery():
    assert TEMPLATES
