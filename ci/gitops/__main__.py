"""`make gitops`: renders every Application offline, checks it, and writes the difference to a base commit.

    make gitops ARGS="--base main"
    make gitops ARGS="--application app.yaml --repository https://git.example.com/shop.git=../shop"

It ends with 1 if something is wrong or was not rendered, with 2 if it was asked in a wrong way.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ci.gitops import layout, render
from ci.gitops.difference import changes, report
from ci.gitops.objects import Refused
from ci.gitops.render import Outcome
from ci.gitops.verdict import Finding, by_trivy, findings
from ci.stage import ROOT, Stopped

FOLDER = ROOT / "build" / "gitops"
MARK = ".gitops"  # in a folder that may be emptied


def kubernetes_version() -> str:
    """Return the version of Kubernetes that objects are checked for: that of the cluster."""
    found = re.search(r"^KUBERNETES := (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return found[1] if found else ""


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make gitops", description=__doc__.partition("\n")[0])
    parser.add_argument("--base", metavar="COMMIT", help="show what differs from what this commit renders")
    parser.add_argument("--application", metavar="FILE", action="append", default=[], type=Path, help="render these")
    parser.add_argument("--repository", metavar="URL=FOLDER", action="append", default=[], help="a folder for it")
    parser.add_argument("--charts", metavar="FOLDER", default=os.environ.get("GITOPS_CHARTS"), help="NAME-VERSION.tgz")
    parser.add_argument("--without-charts", action="store_true", help="a chart that is not there is no failure")
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=FOLDER, help="where the tree and report.md go")
    given = parser.parse_args(words)
    if given.base and given.application:
        parser.error("--base compares this repository; it cannot be used with --application")
    if given.repository and not given.application:
        parser.error("--repository is for --application")
    if given.charts and not Path(given.charts).is_dir():
        parser.error(f"--charts is {given.charts}; expected a folder with files such as karpenter-1.14.0.tgz")
    given.charts = Path(given.charts).resolve() if given.charts else None
    given.repositories = dict(_pair(parser, each) for each in given.repository)
    if given.out.exists() and (
        not given.out.is_dir() or (any(given.out.iterdir()) and not (given.out / MARK).exists())
    ):
        parser.error(f"--out is {given.out}, which has something else; expected a new or empty folder")
    return given


def _pair(parser: argparse.ArgumentParser, text: str) -> tuple[str, Path]:
    url, _, folder = text.rpartition("=")
    if not url or not Path(folder).is_dir():
        parser.error(f"--repository is {text}; expected ADDRESS=FOLDER, and the folder to exist")
    return url, Path(folder).resolve()


def render_all(given: argparse.Namespace, workspace: Path, version: str) -> tuple[Outcome, Outcome | None]:
    """Render what was asked for, and the base if one is named."""
    if given.application:
        asked = (given.application, given.repositories, workspace / "head", given.charts, version, "own")
        return render.applications(*asked), None
    starts = {overlay: layout.start_of(overlay) for overlay in layout.OVERLAYS}
    folder = layout.of_here(workspace / "base-files", given.base) if given.base else None
    head = render.deployment(layout.of_here(workspace / "files"), starts, workspace / "head", given.charts, version)
    if folder is None:
        return head, None
    there = {argo: start for argo, start in starts.items() if (folder / start).is_dir()}
    return head, render.deployment(folder, there, workspace / "base", given.charts, version)


def printable(text: str) -> str:
    """Return a text without signs that a terminal would obey."""
    return "".join(each if each.isprintable() else "?" for each in text)


def say(outcome: Outcome, base: Outcome | None, wrong: Sequence[Finding], given: argparse.Namespace) -> bool:
    """Print a short result; return whether all is well."""
    for each in wrong:
        print(printable(f"{each.application}: {each.rule}: {each.what}"))  # noqa: T201
    missing = {name: each.missing for name, each in sorted(outcome.rendered.items()) if each.missing}
    for name, why in missing.items():
        print(printable(f"{name}: not rendered: {why}"))  # noqa: T201
    if base and not base.rendered:
        print(f"gitops: {given.base} has no infra/argocd, so everything is new")  # noqa: T201
    differ = f", {len(changes(base.rendered, outcome.rendered))} changes since {given.base}" if base else ""
    objects = sum(len(each.objects) for each in outcome.rendered.values())
    print(  # noqa: T201
        f"gitops: {len(outcome.rendered) - len(missing)} of {len(outcome.rendered)} Applications rendered, "
        f"{objects} objects, {len(wrong)} findings{differ}: {given.out / 'report.md'}"
    )
    if missing and not given.without_charts:
        print(  # noqa: T201
            "gitops: not all was rendered; put the charts into a folder and name it (--charts or GITOPS_CHARTS), "
            "or leave them out with --without-charts"
        )
    return not wrong and (not missing or given.without_charts)


def main(words: Sequence[str]) -> int:
    """Render, check, write the tree and the report; return the exit status."""
    given = arguments(words)
    version = kubernetes_version()
    with TemporaryDirectory(prefix="gitops-") as folder:
        workspace = Path(folder).resolve()
        try:
            head, base = render_all(given, workspace, version)
            wrong = [*findings(head.rendered, head.projects, version), *by_trivy(head.rendered, workspace)]
        except Refused as refused:
            print(f"gitops: {refused}", file=sys.stderr)  # noqa: T201
            return 2
        except Stopped as stopped:
            print(f"gitops: {stopped}", file=sys.stderr)  # noqa: T201
            return 1
    render.write(head.rendered, given.out)
    text = report(base.rendered if base else None, head.rendered, wrong, given.base or "")
    (given.out / MARK).touch()
    (given.out / "report.md").write_text(text, "utf-8")
    return 0 if say(head, base, wrong, given) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
