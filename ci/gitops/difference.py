"""What changes between two renderings, object by object, as Markdown for a reviewer. No value of a secret is in it."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ci.gitops.objects import Key, Object, called, dump, shown
from ci.gitops.tree import Rendered
from ci.gitops.verdict import Finding

MOST_LINES = 400  # of one object
CONTEXT = 3


@dataclass(frozen=True)
class Change:
    """One object that is new, gone or other than before."""

    application: str
    key: Key
    what: str  # added, changed, removed
    diff: str


def changes(before: Mapping[str, Rendered], after: Mapping[str, Rendered]) -> list[Change]:
    """Return what differs, Application by Application, in a fixed order."""
    found = []
    for name in sorted({*before, *after}):
        old, new = (side[name].objects if name in side else {} for side in (before, after))
        found += [
            _change(name, key, old.get(key), new.get(key))
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
        ]
    return found


def _change(name: str, key: Key, old: Object | None, new: Object | None) -> Change:
    what = "changed" if old and new else "added" if new else "removed"
    # Only the newer one says that a hidden value differs, so that the two lines do.
    texts = [dump(shown(one, other)).splitlines() if one else [] for one, other in ((old, None), (new, old))]
    lines = list(difflib.unified_diff(*texts, lineterm="", n=CONTEXT))[2:]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"... {len(lines) - MOST_LINES} more lines"]
    return Change(name, key, what, "\n".join(lines))


def fenced(text: str, kind: str = "") -> str:
    """Return a block of code that its own text cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"


def plain(text: str) -> str:
    """Return a text for one line of Markdown, in which it is only text."""
    return re.sub(r"([\\`*_{}\[\]<>()#!|~@&])", r"\\\1", " ".join(text.split()))


def report(
    before: Mapping[str, Rendered] | None,
    after: Mapping[str, Rendered],
    wrong: Sequence[Finding],
    base: str = "",
) -> str:
    """Return the page for a reviewer: findings first, then what is not rendered, then what changes."""
    differ = changes(before, after) if before is not None else []
    lines = ["# What the Applications become", ""]
    lines += _table(after if before is None else {**before, **after}, after, differ, compared=before is not None)
    if wrong:
        lines += ["", f"## Findings: {len(wrong)}", ""]
        lines += [f"- **{plain(each.application)}** {plain(each.rule)}: {plain(each.what)}" for each in wrong]
    if missing := {name: each.missing for name, each in sorted(after.items()) if each.missing}:
        lines += ["", "## Not rendered", "", "Nothing below says anything about what these become.", ""]
        lines += [f"- **{plain(name)}**: {plain(why)}" for name, why in missing.items()]
    if before is not None:
        lines += ["", f"## What changes since {plain(base)}", ""]
        lines += _changes(differ, before) if differ or any(each.problems for each in before.values()) else ["Nothing."]
    return "\n".join(lines) + "\n"


def _table(
    all_: Mapping[str, Rendered], after: Mapping[str, Rendered], differ: Sequence[Change], *, compared: bool
) -> list[str]:
    head = "| Application | objects |" + (" added | changed | removed |" if compared else "")
    lines = [head, "| --- | ---: |" + (" ---: | ---: | ---: |" if compared else "")]
    for name in sorted(all_):
        count = len(after[name].objects) if name in after else 0
        shown_count = (
            "not rendered" if name in after and after[name].missing else "gone" if name not in after else count
        )
        line = f"| {plain(name)} | {shown_count} |"
        if compared:
            kinds = [each.what for each in differ if each.application == name]
            line += "".join(f" {kinds.count(what) or ''} |" for what in ("added", "changed", "removed"))
        lines.append(line)
    return lines


def _changes(differ: Sequence[Change], before: Mapping[str, Rendered]) -> list[str]:
    lines: list[str] = []
    if broken := sorted(name for name, each in before.items() if each.problems):
        lines += [f"The base could not be rendered in full: {plain(', '.join(broken))}.", ""]
    application = ""
    for each in differ:
        if each.application != application:
            application = each.application
            lines += [f"### {plain(application)}", ""]
        lines += [f"**{each.what}** {plain(called(each.key))}", "", fenced(each.diff, "diff"), ""]
    return lines
