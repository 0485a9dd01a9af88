"""Versions and what CHANGELOG.md says of them. Only text comes in: no git, no file, no clock.

A release's version is three numbers (https://semver.org, section 2). There are no pre-releases: what is not released
yet has the next version with `.dev0` behind it, and `make release` refuses it.
"""

import re
from datetime import date

from ci.stage import Stopped

_NUMBER = r"(?:0|[1-9][0-9]{0,5})"
_VERSION = re.compile(rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})", re.ASCII)
_WRITTEN = re.compile(r'^__version__ = "([^"\n]*)"$', re.MULTILINE)
_SECTION = re.compile(r"^## \[([^\]\n]*)\](.*)$", re.MULTILINE)
_DATE = re.compile(r" - (\d{4}-\d{2}-\d{2})", re.ASCII)
UNRELEASED = "Unreleased"

Numbers = tuple[int, int, int]


def written_version(module: str) -> str:
    """Return the version that the text of src/marketday/__init__.py has; it is not written anywhere else."""
    found = _WRITTEN.findall(module)
    if len(found) != 1:
        raise Stopped(f'there are {len(found)} lines like __version__ = "0.2.0"; expected one')
    return str(found[0])


def numbers(version: str) -> Numbers:
    """Return the three numbers of a version; stop if it is not semantic, or not a release."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise Stopped(f"the version is {version!r:.60}; expected three numbers such as 0.2.0")
    return int(found[1]), int(found[2]), int(found[3])


def sections(changelog: str) -> dict[str, tuple[str, str]]:
    """Return what follows each version's name on its line, and the lines below, newest first."""
    found = list(_SECTION.finditer(changelog))
    ends = [*(each.start() for each in found[1:]), len(changelog)]
    parts = [(each[1], (each[2], changelog[each.end() : end].strip())) for each, end in zip(found, ends, strict=True)]
    if twice := {name for name, _ in parts if [one for one, _ in parts].count(name) > 1}:
        raise Stopped(f"CHANGELOG.md has two sections [{min(twice)}]; expected one for each version")
    return dict(parts)


def changes(changelog: str, version: str) -> tuple[date, str]:
    """Return the day of a version and its lines; stop unless it is the newest and nothing waits above it."""
    found = sections(changelog)
    _, waiting = found.pop(UNRELEASED, ("", ""))
    if version not in found:
        raise Stopped(f"CHANGELOG.md has no section [{version}]; expected `## [{version}] - YEAR-MONTH-DAY`")
    if (newest := next(iter(found))) != version:
        raise Stopped(f"the newest section of CHANGELOG.md is [{newest}]; expected [{version}]")
    rest, text = found[version]
    day = _DATE.fullmatch(rest)
    try:
        dated = date.fromisoformat(day[1] if day else "")
    except ValueError:
        raise Stopped(
            f"CHANGELOG.md dates [{version}] with {rest.strip()!r:.60}; expected ` - ` and a day such as 2026-12-01"
        ) from None
    if not text:
        raise Stopped(f"the section [{version}] of CHANGELOG.md is empty; expected what changes for those who use it")
    if waiting:
        raise Stopped(f"CHANGELOG.md has lines under [{UNRELEASED}]; expected all of them under [{version}]")
    return dated, text


def earlier(changelog: str, tags: list[str], version: str) -> list[Numbers]:
    """Return the releases that CHANGELOG.md and the tags (`v0.1.0`) know beside this one."""
    named = {*sections(changelog), *(tag.removeprefix("v") for tag in tags)} - {version}
    return sorted(numbers(each) for each in named if _VERSION.fullmatch(each))


def refuse_unless_greater(version: str, before: list[Numbers]) -> None:
    """Stop unless a version is greater than every release before it."""
    if before and numbers(version) <= before[-1]:
        last = ".".join(map(str, before[-1]))
        raise Stopped(f"the version is {version}, and {last} is released; expected a greater one")
