"""Renders a folder of plain files, as Argo CD does: recurse, include and exclude."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ci.gitops.objects import Refused
from ci.gitops.repositories import within

FILE = re.compile(r".*\.(yaml|yml|json|jsonnet)")


def pattern(glob: str, separator: str = "") -> re.Pattern[str]:  # noqa: C901 - one branch for each sign
    """Return a glob as Argo CD reads it: {a,b} is one of both, and `*` also goes over `/`, unless that separates."""
    out, depth, at = "", 0, 0
    one = f"[^{separator}]" if separator else "."
    while at < len(glob):
        each = glob[at]
        if glob[at : at + 2] == "**":
            out, at = f"{out}.*", at + 1
        elif each == "*":
            out += f"{one}*"
        elif each == "?":
            out += one
        elif each == "{":
            out, depth = out + "(?:", depth + 1
        elif each == "}" and depth:
            out, depth = out + ")", depth - 1
        elif each == "," and depth:
            out += "|"
        elif each == "[" and "]" in glob[at:]:
            end = glob.index("]", at)
            inner = glob[at + 1 : end]
            out += f"[{'^' if inner.startswith('!') else ''}{re.escape(inner.lstrip('!')).replace(chr(92) + '-', '-')}]"
            at = end
        elif each == "\\" and at + 1 < len(glob):
            at += 1
            out += re.escape(glob[at])
        else:
            out += re.escape(each)
        at += 1
    if depth:
        raise Refused(f"the pattern {glob!r} opens a brace that it does not close")
    try:
        return re.compile(out, re.DOTALL)
    except re.error:
        raise Refused(f"the pattern {glob!r} cannot be read") from None


def files(root: Path, path: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and text of each file that counts, in the order of their names."""
    folder = within(root, path, "the path")
    if not folder.is_dir():
        raise Refused(f"the path is {path!r}; expected a folder of the repository")
    if options.get("jsonnet"):
        raise Refused("directory.jsonnet cannot be rendered here")
    include, exclude = (pattern(options[name]) if options.get(name) else None for name in ("include", "exclude"))
    found = []
    for file in sorted(folder.rglob("*") if options.get("recurse") else folder.iterdir()):
        place = str(file.relative_to(folder))
        if not file.is_file() or not FILE.fullmatch(file.name):
            continue
        if (exclude and exclude.fullmatch(place)) or (include and not include.fullmatch(place)):
            continue
        if file.name.endswith(".jsonnet"):
            raise Refused(f"{place} is Jsonnet, which cannot be rendered here")
        real = within(root, str(file.relative_to(root)), place)
        text = real.read_text("utf-8", "strict")
        if "+argocd:skip-file-rendering" not in text:
            found.append((place, text))
    return found
