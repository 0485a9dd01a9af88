"""Versions, the sections of CHANGELOG.md, and the lists of a release: only text."""

from datetime import date

import pytest
from ci.stage import Stopped
from release.signed import read_sums, version_in
from release.source import refuse_link_outside
from release.version import changes, earlier, numbers, refuse_unless_greater, written_version

LOG = """\
# Changelog

## [Unreleased]

## [0.2.0] - 2027-02-03

### Added

- Tea.

## [0.1.0] - 2026-12-01

- The beginning.
"""


@pytest.mark.parametrize("version", ["0.1.0", "1.0.0", "10.20.30"])
def test_a_version_is_three_numbers(version):
    assert ".".join(map(str, numbers(version))) == version


@pytest.mark.parametrize(
    "version",
    [
        "0.1.0+dev",
        "v0.1.0",
        "1.0",
        "1",
        "",
        "0.1.0.dev0",
        "0.1.0-rc.1",
        "0.1.0rc1",
        "01.0.0",
        "1.0.0\n",
        "1.0.٣",
        "-1.0.0",
    ],
)
def test_anything_else_is_refused_by_its_name(version):
    with pytest.raises(Stopped) as stopped:
        numbers(version)
    assert repr(version) in str(stopped.value)
    assert "expected three numbers such as 0.2.0" in str(stopped.value)


def test_the_version_is_written_once():
    assert written_version('"""A."""\n\n__version__ = "0.2.0"\n') == "0.2.0"
    for text in ("", '__version__ = "1.0.0"\n__version__ = "1.0.1"\n', "__version__ = '1.0.0'\n"):
        with pytest.raises(Stopped, match="expected one"):
            written_version(text)


def test_the_notes_are_the_lines_of_the_version():
    assert changes(LOG, "0.2.0") == (date(2027, 2, 3), "### Added\n\n- Tea.")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## [0.2.0]", "## [0.3.0]", r"no section \[0\.2\.0\]"),
        ("## [Unreleased]", "## [0.3.0] - 2027-05-01\n\n- x", r"newest section of CHANGELOG.md is \[0\.3\.0\]"),
        (" - 2027-02-03", "", "dates .* with ''; expected"),
        (" - 2027-02-03", " - 2027-02-30", "2027-02-30"),
        (" - 2027-02-03", " (3 February)", "3 February"),
        ("### Added\n\n- Tea.", "", "is empty"),
        ("## [Unreleased]", "## [Unreleased]\n\n- Not yet told.", r"has lines under \[Unreleased\]"),
        ("## [0.1.0]", "## [0.2.0]", "two sections"),
    ],
)
def test_a_changelog_that_does_not_fit_is_refused(old, new, said):
    assert LOG.count(old) == 1
    with pytest.raises(Stopped, match=said):
        changes(LOG.replace(old, new), "0.2.0")


def test_a_version_must_be_greater_than_every_one_before():
    before = earlier(LOG, ["v0.1.0", "v0.0.9", "vault", "v1.0"], "0.2.0")
    assert before == [(0, 0, 9), (0, 1, 0)]
    refuse_unless_greater("0.2.0", before)
    refuse_unless_greater("0.1.0", [])
    with pytest.raises(Stopped, match=r"is 0\.2\.0, and 0\.10\.0 is released"):
        refuse_unless_greater("0.2.0", earlier(LOG, ["v0.10.0"], "0.2.0"))


NUMBER = "0" * 64


@pytest.mark.parametrize(
    "line",
    [
        f"{NUMBER}  ../marketday.whl",
        f"{NUMBER}  /etc/passwd",
        f"{NUMBER}  a/b",
        f"{NUMBER}  .hidden",
        f"{NUMBER} *binary",
        f"{NUMBER[1:]}  short",
        f"{NUMBER.upper().replace('0', 'A')}  capital",
        f"{NUMBER}  SHA256SUMS",
        f"{NUMBER}  two\n{NUMBER}  two",
        f"{NUMBER}  한글",
        "",
    ],
)
def test_a_list_names_files_of_its_own_folder_and_nothing_else(line):
    with pytest.raises(Stopped, match="SHA256SUMS"):
        read_sums(f"{line}\n".encode())


def test_the_version_of_a_folder_is_that_of_its_source():
    assert version_in({"marketday-0.1.0-source.tar.gz": b"", "x": b""}) == "0.1.0"
    for names in ({}, {"marketday-0.1.0-source.tar.gz": b"", "marketday-0.2.0-source.tar.gz": b""}):
        with pytest.raises(Stopped, match="expected one"):
            version_in(names)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "..", "../../../infra"])
def test_a_link_out_of_the_archive_is_refused(target):
    with pytest.raises(Stopped, match="expected one that stays among our files"):
        refuse_link_outside("infra/link", target)


def test_a_link_inside_is_allowed():
    refuse_link_outside("infra/a/tests/link", "../../b/file")
