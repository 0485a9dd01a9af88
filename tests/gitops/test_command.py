"""`make gitops` as people call it: what it says, what it leaves, and how it ends."""

import pytest
import yaml
from ci.gitops import __main__ as command
from ci.gitops.verdict import as_known_kinds

from .repository import CONFIG, URL, WEB, application, lay


@pytest.fixture
def gitops(tmp_path, monkeypatch, capsys):
    """Run the command; return its exit status and all that it says. trivy takes long; `make manifests` runs it."""
    monkeypatch.setattr(command, "by_trivy", lambda *_: [])
    monkeypatch.delenv("GITOPS_CHARTS", raising=False)

    def run(*words):
        try:
            status = command.main([*map(str, words), *(() if "--out" in words else ("--out", str(tmp_path / "out")))])
        except SystemExit as ended:
            status = ended.code
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def asked(tmp_path, files, *sources):
    file = tmp_path / "app.yaml"
    file.write_text(application(*sources), "utf-8")
    return "--application", file, "--repository", f"{URL}={lay(tmp_path / 'shop', files)}"


def test_an_application_of_your_own(gitops, tmp_path):
    status, said = gitops(*asked(tmp_path, {"plain/a.yaml": CONFIG}, {"path": "plain"}))
    assert (status, "1 of 1 Applications rendered, 1 objects, 0 findings" in said) == (0, True), said
    assert yaml.safe_load((tmp_path / "out" / "own" / "shop.yaml").read_text("utf-8"))["data"] == CONFIG["data"]
    status, said = gitops(*asked(tmp_path, {"plain/a.yaml": CONFIG | {"datas": {}}}, {"path": "plain"}))
    assert (status, "own/shop: schema: ConfigMap/settings:" in said) == (1, True), said
    assert "'datas' was unexpected" in (tmp_path / "out" / "report.md").read_text("utf-8")


def test_a_chart_that_is_not_there_is_a_failure_unless_it_was_left_out(gitops, tmp_path):
    chart = {"repoURL": "https://charts.example.com", "chart": "shop", "targetRevision": "1.2.4"}
    words = asked(tmp_path, {"plain/a.yaml": CONFIG}, chart)
    status, said = gitops(*words)
    assert (status, "own/shop: not rendered: the chart shop 1.2.4" in said) == (1, True), said
    status, said = gitops(*words, "--without-charts")
    assert (status, "0 of 1 Applications rendered" in said) == (0, True), said
    assert "## Not rendered" in (tmp_path / "out" / "report.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--base", "no-such-commit"), "no-such-commit is no commit of"),
        (("--base", "--output=x"), "expected one argument"),
        (("--base", "HEAD", "--application", "x"), "cannot be used with --application"),
        (("--application", "none.yaml"), "none.yaml cannot be read"),
        (("--application", "Makefile"), "Makefile is not YAML"),
        (("--application", ".github/dependabot.yml"), "cannot be read"),
        (("--charts", "none"), "expected a folder with files such as"),
        (("--repository", "a=b"), "--repository is for --application"),
        (("--repository", "a", "--application", "x"), "expected ADDRESS=FOLDER"),
    ],
)
def test_a_wrong_question_is_one_sentence_and_2(gitops, words, says):
    status, said = gitops(*words)
    assert status == 2
    assert says in said
    assert "Traceback" not in said


def test_a_folder_with_something_else_is_not_emptied(gitops, tmp_path):
    other = lay(tmp_path / "other", {"report.md": "mine"})
    status, said = gitops(*asked(tmp_path, {"plain/a.yaml": CONFIG}, {"path": "plain"}), "--out", other)
    assert (status, "expected a new or empty folder" in said) == (2, True)
    assert (other / "report.md").read_text("utf-8") == "mine"


def test_nothing_that_is_said_has_a_secret_or_is_obeyed_by_a_terminal(gitops, tmp_path):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": 314159265}}
    loud = CONFIG | {"metadata": {"name": "\x1b[2Jloud"}, "datas": {}}
    status, said = gitops(*asked(tmp_path, {"plain/a.yaml": secret, "plain/b.yaml": loud}, {"path": "plain"}))
    assert status == 1
    assert "Secret/s: it is not as its schema wants it" in said
    assert "?[2Jloud" in said
    everything = said + "".join(file.read_text("utf-8") for file in (tmp_path / "out").rglob("*") if file.is_file())
    assert "314159265" not in everything
    assert "\x1b" not in said


def test_trivy_is_shown_a_rollout_as_a_deployment():
    (one,) = yaml.safe_load_all(as_known_kinds([WEB | {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}]))
    assert (one["apiVersion"], one["kind"]) == ("apps/v1", "Deployment")
    assert one["spec"]["template"] == WEB["spec"]["template"]
