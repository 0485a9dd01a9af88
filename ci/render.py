"""Render: renders and checks the candidate's Applications as `make gitops` does, and compares them with main's.

The difference goes into build/delivery/review.md, which Jenkins archives and GitHub shows on the page of the run.
"""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from ci.admission import refused
from ci.deployment import CANDIDATE, clone
from ci.gitops import layout, render
from ci.gitops.__main__ import kubernetes_version
from ci.gitops.difference import changes, report
from ci.gitops.render import Outcome
from ci.gitops.verdict import Finding, by_trivy, examples, findings
from ci.sign import public_key
from ci.signatures import read_public_key
from ci.stage import FOLDER, Stopped, main, read, run, setting, write

REVIEW = "review.md"
NO_CHARTS = "none"
SHOWN = 200_000  # characters
# Values of our examples, which belong to no account.
EXAMPLES = re.compile(
    r"111122223333|[a-z.]*\bexample\.com|A{28}|\b(?:sg|lt|vpc)-0{16}[0-9]|state-example|\.0{12}\.|(?<![0-9a-f])0{40}(?![0-9a-f])"
)


def charts() -> Path | None:
    """Return the folder of charts; None if DELIVERY_CHARTS says that what needs one is left out."""
    named = setting("DELIVERY_CHARTS", f"a folder with files such as karpenter-1.14.0.tgz, or the word {NO_CHARTS}")
    if named == NO_CHARTS:
        return None
    if not Path(named).is_dir():
        raise Stopped(f"DELIVERY_CHARTS is {named}; expected a folder, or the word {NO_CHARTS}")
    return Path(named).resolve()


def unfilled(outcome: Outcome) -> list[Finding]:
    """Return where values of the examples are left, and where RDS's certificates are missing."""
    found = examples(outcome.rendered)
    for name, each in sorted(outcome.rendered.items()):
        text = each.text()
        if left := sorted(set(EXAMPLES.findall(text))):
            found.append(Finding(name, "example", f"values of the examples: {', '.join(left)}; expected the account's"))
        if "database-ca.pem: " in text and "BEGIN CERTIFICATE" not in text:
            found.append(Finding(name, "example", "database-ca.pem has no certificate; expected those of the region"))
    return found


def rendered(folder: Path, overlay: str, workspace: Path, charts_: Path | None) -> Outcome:
    """Render one overlay of a deployment repository."""
    starts = {overlay: layout.start_of(overlay)}
    return render.deployment(folder, starts, workspace, charts_, kubernetes_version())


def before(folder: Path, overlay: str, workspace: Path, charts_: Path | None) -> Outcome:
    """Render what main has; nothing if main has no Applications of this overlay yet."""
    main_ = layout.of_commit(folder, "origin/main", workspace / "main")
    if not (main_ / layout.start_of(overlay)).is_dir():
        return Outcome()
    return rendered(main_, overlay, workspace / "base", charts_)


def look(folder: Path, overlay: str, charts_: Path | None) -> str:
    """Render, check and compare an overlay of a clone; write the review; stop at any finding."""
    key = read_public_key(public_key())
    with TemporaryDirectory(prefix="gitops-") as place:
        workspace = Path(place).resolve()
        after = rendered(folder, overlay, workspace / "head", charts_)
        wrong = findings(after.rendered, after.projects, kubernetes_version())
        wrong += [*by_trivy(after.rendered, workspace), *unfilled(after), *refused(after.rendered, key)]
        base = before(folder, overlay, workspace, charts_)
    publish(report(base.rendered, after.rendered, wrong, "main"))
    missing = [name for name, each in after.rendered.items() if each.missing]
    if missing and charts_ is not None:
        raise Stopped(f"{'; '.join(after.rendered[name].missing for name in missing)}: put it into DELIVERY_CHARTS")
    if wrong:
        told = "".join(f"\n{each.application}: {each.rule}: {each.what}" for each in wrong)
        raise Stopped(f"the manifests of {overlay} are refused, {len(wrong)} findings:{told}")
    left = f"; not rendered: {', '.join(sorted(missing))}" if missing else ""
    return f"{len(changes(base.rendered, after.rendered))} objects differ from main{left}"


def publish(text: str) -> None:
    """Write the review where people find it: GitHub shows the file that it names, up to a megabyte."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / REVIEW).write_text(text, "utf-8")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}\n\nThe rest is in build/delivery/{REVIEW}.\n"
        with Path(summary).open("a", encoding="utf-8") as page:
            page.write(shown)


def work() -> str:
    """Render and check the candidate."""
    told, charts_ = read(FOLDER / "candidate.json", "ci/12-commit"), charts()
    folder = clone(CANDIDATE)
    found = run("git", "rev-parse", "HEAD", cwd=folder).strip()
    if found != told["candidate"]:
        raise Stopped(
            f"{CANDIDATE} is {found} now; expected {told['candidate']}: another delivery runs, or repeat ci/12-commit"
        )
    differ = look(folder, told["overlay"], charts_)
    write("rendered.json", told)
    return f"{told['overlay']} is as schemas and policies want it; {differ}: build/delivery/{REVIEW}"


if __name__ == "__main__":
    main(work)
