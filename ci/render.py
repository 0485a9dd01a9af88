"""Render: what the candidate's overlay becomes, checked as `make manifests` checks ours: schemas, policies, trivy."""

import re
from pathlib import Path

from ci.deployment import CANDIDATE, MANIFESTS, clone
from ci.scan import TRIVY
from ci.stage import FOLDER, ROOT, Stopped, main, read, run, tool, write

BIN = ".venv-manifests/bin"


def render(folder: Path, file: Path) -> None:
    """Render an overlay into a file and check it; stop at what breaks a schema, a policy or a rule of trivy."""
    objects = run(tool(f"{BIN}/kubectl", "manifests"), "kustomize", folder)
    if "sha256:" + "0" * 64 in objects:
        raise Stopped(
            f"an image of {folder.name} has the digest of the example; expected digests of images that were built"
        )
    file.write_text(objects, "utf-8")
    version = re.search(r"^KUBERNETES := (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    command = '"$1" "$2" "$3" < "$4"'
    checker = [tool(f"{BIN}/python", "manifests"), ROOT / MANIFESTS / "check.py", version[1] if version else ""]
    try:
        run("sh", "-c", command, "check", *checker, file)
        ignored = f"--ignorefile={ROOT / MANIFESTS / '.trivyignore'}"
        run(tool(TRIVY, "manifests"), "config", "--quiet", "--skip-check-update", "--exit-code=1", ignored, file)
    except Stopped as refused:
        raise Stopped(f"the manifests of {folder.name} are refused: {refused}") from None


def work() -> str:
    """Render and check the candidate."""
    told = read(FOLDER / "candidate.json", "ci/12-commit")
    folder = clone(CANDIDATE)
    found = run("git", "rev-parse", "HEAD", cwd=folder).strip()
    if found != told["candidate"]:
        raise Stopped(
            f"{CANDIDATE} is {found} now; expected {told['candidate']}: another delivery runs, or repeat ci/12-commit"
        )
    render(folder / told["overlay"] / "overlays" / told["overlay"], FOLDER / f"{told['overlay']}.yaml")
    write("rendered.json", told)
    return f"{told['overlay']} is as schemas and policies want it"


if __name__ == "__main__":
    main(work)
