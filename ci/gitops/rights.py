"""What an AppProject allows, as Argo CD decides it, and objects that two Applications both have."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

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
        if not any(_is_destination(each, app.cluster, namespace) for each in spec.get("destinations") or []):
            yield f"the project {app.project} does not allow the namespace {namespace} of {app.cluster}"
    for key in sorted(rendered.objects):
        if not _is_kind_allowed(key, spec):
            yield f"the project {app.project} does not allow {called(key)}"


def allowed(url: str, patterns: Iterable[str]) -> bool:
    """Whether a repository is among those of a project; one with a `!` is refused whatever the others say."""
    given = list(patterns)
    if any(_matches(url, each[1:]) for each in given if each.startswith("!")):
        return False
    return any(_matches(url, each) for each in given if not each.startswith("!"))


def _matches(url: str, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(same(url), same(pattern))


def _is_destination(given: Mapping[str, str], cluster: str, namespace: str) -> bool:
    clusters = {each for each in (given.get("server"), given.get("name")) if each}
    here = "*" in clusters or cluster in clusters or (cluster in HERE and bool(clusters & HERE))
    return here and fnmatchcase(namespace, given.get("namespace") or "")


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
