"""Jenkins and GitHub run the scripts of ci/, all of them, in the order of their numbers; what is pushed was scanned."""

import os
import re
from pathlib import Path

import yaml

from .jenkins import JENKINSFILE, stages

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path for path in (ROOT / "ci").iterdir() if path.name[:1].isdigit())
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "delivery.yml").read_text("utf-8"))
STEPS = [step for step in WORKFLOW["jobs"]["delivery"]["steps"] if "run" in step]
SECRET = re.compile(r"(?:ghp_|AKIA|xox[bp]-|-----BEGIN)")


def test_the_scripts_are_numbered_without_a_gap_and_can_be_run():
    assert [int(path.name[:2]) for path in SCRIPTS] == list(range(1, len(SCRIPTS) + 1))
    assert [path.name for path in SCRIPTS if not os.access(path, os.X_OK)] == []


def test_jenkins_runs_each_script_in_the_order_of_the_numbers():
    assert [script for _, script, _ in stages()] == [f"ci/{path.name}" for path in SCRIPTS]
    assert [name for name, _, _ in stages()] == [path.name[3:] for path in SCRIPTS]


def test_github_runs_each_script_in_the_order_of_the_numbers():
    commands = [(step["name"], re.findall(r"ci/\d\d-[a-z]+(?: \w+)?", step["run"])) for step in STEPS]
    assert commands == [(path.name[3:], [f"ci/{path.name}"]) for path in SCRIPTS] + [
        ("stopped", ["ci/16-message stopped"])
    ]


def test_nothing_is_pushed_before_it_was_scanned_nor_written_down_before_it_was_signed():
    names = [path.name[3:] for path in SCRIPTS]
    order = [
        "secrets",
        "test",
        "quality",
        "dependencies",
        "build",
        "sbom",
        "scan",
        "push",
        "sign",
        "commit",
        "render",
        "release",
    ]
    places = [names.index(name) for name in order]
    assert places == sorted(places)


def test_only_main_is_delivered_by_both():
    delivered = {"push", "sign", "commit", "render", "release", "smoke", "message"}
    assert {name for name, _, when in stages() if when == "branch 'main'"} == delivered
    assert {name for name, _, when in stages() if when and when != "branch 'main'"} == set()
    on_main = {step["name"] for step in STEPS if step.get("if") == "github.ref == 'refs/heads/main'"}
    assert on_main == delivered
    assert {step["name"] for step in STEPS if "if" in step} == delivered | {"stopped"}


def test_no_branch_is_built_where_the_credentials_are():
    """A branch brings its own Jenkinsfile and workflow, so their conditions would not stop it."""
    [job] = yaml.safe_load((ROOT / "infra" / "jenkins" / "jenkins.yaml").read_text("utf-8"))["jobs"]
    traits = job["script"].partition("traits {")[2].partition("configuration")[0]
    assert re.search(r"headWildcardFilter \{[^}]*includes\('main'\)\s+excludes\(''\)", traits)
    assert "PullRequest" not in traits
    assert WORKFLOW[True] == {"push": {"branches": ["main"]}}  # YAML reads `on` as true
    assert WORKFLOW["jobs"]["delivery"]["environment"] == "delivery"


def test_no_stage_may_fail_and_the_next_one_run():
    text = JENKINSFILE.read_text("utf-8")
    assert [word for word in ("catchError", "warnError", "returnStatus", "|| true", "parallel") if word in text] == []
    assert [step["name"] for step in STEPS if "continue-on-error" in step or "||" in step["run"]] == []


def test_a_stop_is_told_by_both():
    assert "unsuccessful" in JENKINSFILE.read_text("utf-8").partition("post {")[2]
    assert [step["if"] for step in STEPS if step["name"] == "stopped"] == ["failure() || cancelled()"]


def test_neither_has_a_secret_of_its_own():
    files = [JENKINSFILE, ROOT / ".github" / "workflows" / "delivery.yml", *(ROOT / "infra" / "jenkins").iterdir()]
    assert [file.name for file in files if SECRET.search(file.read_text("utf-8"))] == []


def test_jenkins_as_code_leaves_nothing_to_hands_and_opens_nothing():
    """No schema of JCasC can be had without a running Jenkins, so this looks at what would matter most."""
    code = yaml.safe_load((ROOT / "infra" / "jenkins" / "jenkins.yaml").read_text("utf-8"))
    assert set(code) == {"jenkins", "security", "unclassified", "jobs"}
    assert code["jenkins"]["numExecutors"] == 0
    assert set(code["jenkins"]["securityRealm"]) == {"oic"}
    entries = code["jenkins"]["authorizationStrategy"]["globalMatrix"]["entries"]
    assert [entry["group"]["name"] for entry in entries] == ["${OIDC_OPERATORS}", "${OIDC_DEVELOPERS}"]
    (template,) = code["jenkins"]["clouds"][0]["amazonEC2"]["templates"]
    assert (template["associatePublicIp"], template["minimumNumberOfInstances"], template["maxTotalUses"]) == (
        False,
        0,
        1,
    )
    assert f"agent {{ label '{template['labelString']}' }}" in JENKINSFILE.read_text("utf-8")
    assert "scriptPath('infra/jenkins/Jenkinsfile')" in code["jobs"][0]["script"]


def test_every_plugin_has_a_version_and_each_step_of_the_jenkinsfile_its_plugin():
    lines = (ROOT / "infra" / "jenkins" / "plugins.txt").read_text("utf-8").splitlines()
    plugins = dict(line.split(":", 1) for line in lines if not line.startswith("#"))
    assert all(re.fullmatch(r"[\w.]+\d[\w.]*", version) for version in plugins.values())
    used = {"withCredentials": "credentials-binding", "gitUsernamePassword": "git", "timestamps": "timestamper"}
    text = JENKINSFILE.read_text("utf-8")
    known = {"sh", "stage", "file", "string", "timeout", "logRotator", "buildDiscarder", "disableConcurrentBuilds"}
    assert set(re.findall(r"\b([a-z]\w+)\(", text)) <= known | set(used)
    assert {plugin for step, plugin in used.items() if step in text} <= set(plugins)


def test_every_setting_of_a_stage_is_on_the_page():
    page = (ROOT / "docs" / "delivery.md").read_text("utf-8")
    sources = [path.read_text("utf-8") for path in (ROOT / "ci").iterdir() if path.is_file()]
    used = {name for text in sources for name in re.findall(r"\b(?:DELIVERY|SONAR|WEBHOOK)_[A-Z_]+\b", text)}
    assert len(used) > 15
    assert sorted(name for name in used if f"`{name}`" not in page) == []
