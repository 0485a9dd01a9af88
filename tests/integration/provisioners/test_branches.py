"""Environments of branches: where they are, and which branch is gone. Real git; nothing runs but in the last test."""

import os
import re
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from marketday.apps.command import app
from marketday.cli.branches import line
from marketday.provisioners.local.branch_names import MOST_CHARACTERS, folder_name, is_folder_name
from marketday.provisioners.local.branches import Branches, NoBranch

STRANGE = [
    "../../x",
    "x" * 200,
    "x" * 201,
    "기능/로그인",
    "기능/로그아웃",
    "-rf",
    "--purge",
    "rf",
    "Main",
    "main",
    "feature/a-b",
    "feature/a/b",
    "feature-a-b",
    "feature/a-b ",
    ".",
    "~",
    "$(touch x)",
    "é",
    "e\u0301",
]


def git(folder, *arguments):
    passed = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    named = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(folder), *named, *arguments], check=True, capture_output=True, env=passed)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "My shop's repository 가게"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    return folder


def test_each_branch_has_a_folder_of_its_own_and_no_name_leads_out_of_it():
    names = {branch: folder_name(branch) for branch in STRANGE}
    assert len({name.lower() for name in names.values()}) == len(STRANGE), (
        "also where upper and lower case are the same"
    )
    assert all(re.fullmatch(r"b-[a-z0-9-]+", name) for name in names.values())
    assert max(map(len, names.values())) == len("b--") + MOST_CHARACTERS + 10
    assert all(map(is_folder_name, names.values()))
    assert not any(map(is_folder_name, ["", "b-", "mall", "b-../x-0123456789", "b-x-0123456789\n"]))


def test_worktrees_share_the_list_and_a_deleted_branch_is_told(repository, tmp_path):
    git(repository, "switch", "-q", "-c", "기능/로그인")
    git(repository, "worktree", "add", "-q", str(tmp_path / "other"), "-b", "feature/X")
    here, there = Branches(repository), Branches(tmp_path / "other")
    for branches in (here, there):
        branches.note(branches.current())
    assert [(one.branch, one.exists, one.runs) for one in here.all()] == [
        ("feature/X", True, False),
        ("기능/로그인", True, False),
    ]
    assert [one.home for one in here.all()] == [one.home for one in there.all()]
    since = here.one("feature/X").since
    there.note("feature/X")
    assert here.one("feature/X").since == since
    git(repository, "worktree", "remove", "--force", str(tmp_path / "other"))
    git(repository, "branch", "-q", "-m", "feature/X", "feature/x")
    assert [one.branch for one in here.gone()] == ["feature/X"]
    here.forget("feature/X")
    assert here.gone() == []


def test_a_branch_without_a_commit_is_not_gone(tmp_path):
    git(tmp_path, "init", "-q")
    branches = Branches(tmp_path)
    branches.note(branches.current())
    assert branches.gone() == []


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"branch": "other", "worktree": "", "since": "2026-01-01T00:00:00Z"}',
     '{"branch": "main", "worktree": "", "since": "yesterday"}'],
)  # fmt: skip
def test_a_note_that_is_not_ours_leads_nowhere(repository, content):
    branches = Branches(repository)
    branches.note("main")
    branches.home("main").with_name(f"{folder_name('main')}.json").write_text(content)
    (repository / ".git" / "marketday" / "mall.json").write_text('{"branch": "mall"}')
    assert branches.all() == []


def test_where_git_says_nothing_no_branch_is_taken_for_gone(repository):
    branches = Branches(repository)
    branches.note("deleted")
    (repository / ".git" / "HEAD").write_text("broken")
    with pytest.raises(NoBranch, match="expected a folder in a git repository"):
        branches.gone()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["up", "--list"], 0, "no branch has an environment"),
        (["down", "nope"], 1, "nope has no environment; expected a branch that has one: none"),
        (["down", "--", "../../x"], 1, "../../x has no environment"),
        (["down", "--gone"], 0, "there is nothing to end"),
        (["--home", "x", "down", "--branch"], 2, "each branch has"),
        (["down", "--all-branches", "main"], 2, "main with --all-branches"),
    ],
)
def test_commands_say_what_they_expect(repository, monkeypatch, arguments, status, words):
    monkeypatch.chdir(repository)
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == status
    assert words in " ".join(done.output.split())


def test_outside_of_a_repository_and_without_a_branch(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(repository, "switch", "-q", "--detach")
    with pytest.raises(NoBranch, match="no branch is checked out"):
        Branches(repository).current()


def test_the_age_of_an_environment_is_since_its_first_start(repository):
    """A stopped one once read "stopped for 3 d", though it had run until just now."""
    branches = Branches(repository)
    branches.note("main")
    [one] = branches.all()
    assert line(one, datetime.now(UTC) + timedelta(days=3)).startswith("main: stopped, first started 3 d ago, home /")


@pytest.mark.long
def test_two_branches_run_beside_each_other(repository, tmp_path, monkeypatch):
    other = tmp_path / "other"
    git(repository, "worktree", "add", "-q", str(other), "-b", "feature/x")
    run = CliRunner().invoke
    try:
        for folder in (repository, other):
            monkeypatch.chdir(folder)
            done = run(app, ["up", "--branch"])
            assert done.exit_code == 0
            [*_, home] = shlex.split(done.output.rpartition("export MARKETDAY_HOME=")[2])
            assert Path(home).is_dir()
        both = Branches(repository).all()
        assert [one.runs for one in both] == [True, True]
        assert len({address for one in both for address in one.addresses}) == 4
        monkeypatch.chdir(other)
        assert run(app, ["down", "--branch", "--purge"]).exit_code == 0
        assert [(one.branch, one.runs) for one in Branches(repository).all()] == [("main", True)]
    finally:
        monkeypatch.chdir(repository)
        assert run(app, ["down", "--all-branches", "--purge"]).exit_code == 0
    assert Branches(repository).all() == []
