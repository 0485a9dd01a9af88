"""What `make release` refuses to release, each in a sentence; nothing is written then."""

import os

import pytest
from ci.stage import Stopped
from release import make

from .scratch_repository import VERSION, commit, git, write


def refused(scratch, said):
    with pytest.raises(Stopped, match=said):
        make.make(scratch, tag=False)


@pytest.fixture
def small(tmp_path, key, monkeypatch):
    """A repository with the few files that are looked at; what is built of them has its own tests."""
    monkeypatch.setattr(make, "built", lambda *_: {})
    folder = tmp_path / "small"
    (folder / "src/marketday").mkdir(parents=True)
    (folder / "sql").mkdir()
    (folder / "sql/README.md").write_text("# SQL\n", "utf-8")
    (folder / "src/marketday/__init__.py").write_text(f'"""A."""\n\n__version__ = "{VERSION}"\n', "utf-8")
    (folder / "CHANGELOG.md").write_text(f"## [{VERSION}] - 2027-01-02\n\n- Tea.\n", "utf-8")
    for name in ("LICENSE", make.LOCK):
        (folder / name).write_text("", "utf-8")
    (folder / ".gitignore").write_text("dist/\nbuild/\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    return folder


def a_changed_file(folder):
    (folder / "LICENSE").write_text("mine", "utf-8")


def an_untracked_file(folder):
    (folder / "src/marketday/mine.py").write_text("", "utf-8")


def a_commit_that_is_not_merged(folder):
    commit(folder)


def no_main(folder):
    git(folder, "checkout", "--quiet", "--detach")
    git(folder, "update-ref", "-d", "refs/remotes/origin/main")
    git(folder, "branch", "--quiet", "-D", "main")


def a_tag_at_another_commit(folder):
    commit(folder)
    git(folder, "tag", f"v{VERSION}")
    git(folder, "reset", "--quiet", "--hard", "HEAD~")


def a_greater_tag(folder):
    git(folder, "tag", "v8.0.0")


def merged(change):
    """Commit a change, as if it were on main."""

    def spoil(folder):
        change(folder)
        commit(folder)
        git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")

    return spoil


def a_link_outside(folder):
    (folder / "sql" / "link.sql").symlink_to("/etc/passwd")


def an_export_ignore(folder):
    (folder / ".gitattributes").write_text("sql/README.md export-ignore\n", "utf-8")


def an_export_subst(folder):
    (folder / ".gitattributes").write_text("src/marketday/__init__.py export-subst\n", "utf-8")
    write(folder, "src/marketday/__init__.py", '"""', '"""$Format:%H$ ')


def another_version(version):
    return lambda folder: write(folder, "src/marketday/__init__.py", VERSION, version)


def a_version_that_git_looks_away_from(folder):
    another_version("9.9.9")(folder)
    git(folder, "update-index", "--assume-unchanged", "src/marketday/__init__.py")
    git(folder, "tag", f"v{VERSION.replace('9', '10')}")


def a_commit_that_replaces_it(folder):
    (folder / "sql/README.md").write_text("another", "utf-8")
    commit(folder)
    other = git(folder, "rev-parse", "HEAD")
    git(folder, "reset", "--quiet", "--hard", "HEAD~")
    git(folder, "replace", "HEAD", other)


SPOILT = {
    "a version beside the commit": (a_version_that_git_looks_away_from, f"is {VERSION}, and 7.8.10 is released"),
    "a replaced commit": (a_commit_that_replaces_it, "files differ from the commit"),
    "a changed file": (a_changed_file, "files differ from the commit, such as LICENSE"),
    "an untracked file": (an_untracked_file, "such as src/marketday/mine.py"),
    "not merged": (a_commit_that_is_not_merged, "is not on refs/remotes/origin/main"),
    "no main": (no_main, "there is no branch main here"),
    "a tag elsewhere": (a_tag_at_another_commit, f"the tag v{VERSION} is at"),
    "a greater release": (a_greater_tag, f"is {VERSION}, and 8.0.0 is released"),
    "not semantic": (merged(another_version("0.1.0+dev")), "0.1.0[+]dev"),
    "another section": (merged(another_version("7.8.10")), r"no section \[7.8.10\]"),
    "a link out of the tree": (merged(a_link_outside), "sql/link.sql is a link to /etc/passwd"),
    "left out by an attribute": (merged(an_export_ignore), "sql/README.md is missing in the archive"),
    "changed by an attribute": (merged(an_export_subst), "src/marketday/__init__.py is not in the archive as in"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_cannot_be_released_is_refused_in_a_sentence(small, name):
    spoil, said = SPOILT[name]
    spoil(small)
    refused(small, said)
    assert not (small / "dist").exists()


@pytest.mark.parametrize(
    ("file", "said"), [(None, "is not set"), ("missing.pem", "there is no"), ("ours.pub", "cannot be")]
)
def test_without_a_key_that_signs_nothing_is_made(small, keys, monkeypatch, file, said):
    monkeypatch.delenv(make.KEY, raising=False)
    if file:
        monkeypatch.setenv(make.KEY, str(keys / file))
    refused(small, said)


def test_the_tag_is_made_when_it_is_wanted_and_a_repetition_changes_nothing(small, monkeypatch):
    for whose in ("GLOBAL", "SYSTEM"):  # a name that the tester's git has
        monkeypatch.setenv(f"GIT_CONFIG_{whose}", os.devnull)
    with pytest.raises(Stopped, match=r"git has no user\.name"):
        make.make(small, tag=True)
    git(small, "config", "user.name", "Tester")
    git(small, "config", "user.email", "tester@example.com")
    for _ in range(2):
        assert f"The tag v{VERSION} is here" in make.make(small, tag=True)
    assert git(small, "rev-parse", f"v{VERSION}^{{commit}}") == git(small, "rev-parse", "HEAD")


def test_a_folder_with_something_else_is_not_written_over(small):
    (small / "dist" / VERSION).mkdir(parents=True)
    (small / "dist" / VERSION / "mine").touch()
    refused(small, "also has mine")
