"""What an AppProject allows, as Argo CD decides it, and objects that two Applications both have."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ci.gitops.directory import pattern
from ci.gitops.objects import Key, Object, called
from ci.gitops.repositories import same
from ci.gitops.tree import OF_THE_CLUSTER, Rendered

HERE = {"https://kubernetes.default.svc", "in-cluster"}
OPEN = {  # Argo CD makes the project `default` so, if nobody changes it
    "sourceRepos": ["*"],
    "destinations": [{"server": "*", "namespace": "*"}],
    "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
}


def refused(rendered: Rendered, projects: Mapping[str, Object]) -> Iterator[str]:
    """Yield what the project of an Application does not allow."""
    app = rendered.application
    if app is None:
        return
    project = projects.get(app.project)
    if project is None and app.project != "default":
        yield f"there is no AppProject {app.project}"
        return
    spec: Mapping[str, Any] = project["spec"] if project else OPEN
    for source in app.sources:
        if not allowed(source.repository, spec.get("sourceRepos") or []):
            yield f"the project {app.project} does not allow the repository {source.repository}"
    namespaces = {key[2] for key in rendered.objects if key[2]} | {app.destination}
    for namespace in sorted(namespaces - {""}):
        if not _is_destination(spec.get("destinations") or [], app.cluster, namespace):
            yield f"the project {app.project} does not allow the namespace {namespace} of {app.cluster}"
    for key in sorted(rendered.objects):
        if not _is_kind_allowed(key, spec):
            yield f"the project {app.project} does not allow {called(key)}"


def allowed(url: str, patterns: Iterable[str]) -> bool:
    """Whether a repository is among those of a project; `!` refuses what it is for, and allows what it is not for."""
    found = False
    for each in patterns:
        denies = each.startswith("!")
        if _matches(url, each.removeprefix("!")) != denies:
            found = True
        elif denies:
            return False
    return found


def _matches(url: str, glob: str) -> bool:
    return glob == "*" or pattern(same(glob), "/").fullmatch(same(url)) is not None


def _is_destination(places: Iterable[Mapping[str, str]], cluster: str, namespace: str) -> bool:
    """Whether one place is for this namespace of this cluster, and none that begins with `!` refuses it."""
    names = HERE if cluster in HERE else {cluster}
    found = False
    for each in places:
        of_cluster = [each[part] for part in ("server", "name") if each.get(part)]
        there = [(all if glob.startswith("!") else any)(_is_for(glob, name) for name in names) for glob in of_cluster]
        within = _is_for(each.get("namespace") or "", namespace)
        if any(there) and within:
            found = True
        elif (each.get("namespace", "").startswith("!") and not within) or any(
            glob.startswith("!") and not hit for glob, hit in zip(of_cluster, there, strict=True)
        ):
            return False
    return found


def _is_for(glob: str, value: str) -> bool:
    if glob.startswith("!"):
        return pattern(glob[1:]).fullmatch(value) is None
    return pattern(glob).fullmatch(value) is not None


def _is_kind_allowed(key: Key, spec: Mapping[str, Any]) -> bool:
    group, kind, namespace, _ = key
    of_cluster = not namespace or (group, kind) in OF_THE_CLUSTER
    if of_cluster:
        white, black = spec.get("clusterResourceWhitelist") or [], spec.get("clusterResourceBlacklist") or []
        return _listed(group, kind, white) and not _listed(group, kind, black)
    white, black = spec.get("namespaceResourceWhitelist"), spec.get("namespaceResourceBlacklist") or []
    return (white is None or _listed(group, kind, white)) and not _listed(group, kind, black)


def _listed(group: str, kind: str, rules: Iterable[Mapping[str, str]]) -> bool:
    return any(fnmatchcase(group, each["group"]) and fnmatchcase(kind, each["kind"]) for each in rules)


def shared(all_: Mapping[str, Rendered]) -> Iterator[tuple[str, str]]:
    """Yield each object that two Applications of one cluster both have: they would change it in turn."""
    owners: dict[tuple[str, str, Key], str] = {}
    for name, rendered in sorted(all_.items()):
        if rendered.application is None:
            continue
        cluster = "here" if rendered.application.cluster in HERE else rendered.application.cluster
        argo = name.partition("/")[0]
        for key in sorted(rendered.objects):
            owner = owners.setdefault((argo, cluster, key), name)
            if owner != name:
                yield name, f"{called(key)} is also in {owner}"
