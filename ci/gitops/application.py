"""What an Application says, as far as it decides what is rendered; whatever else it says is refused by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ci.gitops.objects import Object, Refused

API = "argoproj.io/v1alpha1"
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,250}[a-z0-9])?")
REPOSITORY = re.compile(r"(https?://|ssh://|git@|oci://)?[A-Za-z0-9][A-Za-z0-9._~:/@%+-]*")
REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/^~+*-]*")
SOURCE = {"repoURL", "path", "targetRevision", "helm", "kustomize", "directory", "chart", "ref", "name"}
SPEC = {
    "project",
    "source",
    "sources",
    "destination",
    "syncPolicy",
    "ignoreDifferences",
    "info",
    "revisionHistoryLimit",
}
HELM = {
    "valueFiles",
    "parameters",
    "releaseName",
    "values",
    "valuesObject",
    "fileParameters",
    "version",
    "passCredentials",
    "ignoreMissingValueFiles",
    "skipCrds",
    "skipSchemaValidation",
    "skipTests",
    "namespace",
    "apiVersions",
    "kubeVersion",
}
KUSTOMIZE = {
    "namePrefix",
    "nameSuffix",
    "images",
    "replicas",
    "commonLabels",
    "commonAnnotations",
    "forceCommonLabels",
    "forceCommonAnnotations",
    "commonAnnotationsEnvsubst",
    "labelWithoutSelector",
    "labelIncludeTemplates",
    "namespace",
    "patches",
    "components",
    "ignoreMissingComponents",
}
DIRECTORY = {"recurse", "include", "exclude", "jsonnet"}


@dataclass(frozen=True)
class Source:
    """One place from which an Application takes objects, or values for a chart (`ref` alone)."""

    repository: str
    revision: str
    path: str | None
    chart: str | None
    ref: str | None
    kind: str | None  # helm, kustomize or directory, if the Application names one
    options: Mapping[str, Any]

    @property
    def gives_objects(self) -> bool:
        """Whether objects come from it; otherwise only other sources read its files."""
        return self.path is not None or self.chart is not None


@dataclass(frozen=True)
class Application:
    """An Application: where its objects come from and where they go."""

    name: str
    namespace: str  # in which the Application itself is
    project: str
    sources: tuple[Source, ...]
    cluster: str
    destination: str  # the namespace of what names none

    def variables(self, source: Source) -> dict[str, str]:
        """Return the variables of a build that do not change with each commit."""
        return {
            "ARGOCD_APP_NAME": self.name,
            "ARGOCD_APP_NAMESPACE": self.destination,
            "ARGOCD_APP_PROJECT_NAME": self.project,
            "ARGOCD_APP_SOURCE_PATH": source.path or "",
            "ARGOCD_APP_SOURCE_REPO_URL": source.repository,
            "ARGOCD_APP_SOURCE_TARGET_REVISION": source.revision,
        }


def known(given: Mapping[str, Any], names: set[str], where: str) -> None:
    """Refuse a member that is not one of the names."""
    if not isinstance(given, Mapping):
        raise Refused(f"{where} is {given!r}; expected members with names")
    if unknown := sorted(set(given) - names):
        raise Refused(f"{where} has '{unknown[0]}', which cannot be rendered here; expected {', '.join(sorted(names))}")


def filled(text: str, variables: Mapping[str, str], where: str) -> str:
    """Put in the variables of a build, as Argo CD does; refuse one that changes with each commit or is unknown."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if found[0] == "$$":
            return "$"
        if name not in variables:
            raise Refused(f"{where} has ${name}, which is not known here; expected one of {', '.join(variables)}")
        return variables[name]

    return re.sub(r"\$\$|\$(\w+)|\$\{(\w+)\}", value, text)


def _text(given: Mapping[str, Any], name: str, where: str) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or any(ord(each) < 32 for each in value):  # noqa: PLR2004 - no control character
        raise Refused(f"{where}.{name} is {value!r}; expected a text of one line")
    return value


def read_source(given: Mapping[str, Any], where: str) -> Source:
    """Return a source of an Application."""
    if isinstance(given, Mapping) and "plugin" in given:
        raise Refused(f"{where} has a plugin, which runs in Argo CD alone; it is not rendered")
    known(given, SOURCE, where)
    repository = _text(given, "repoURL", where)
    if repository is None or not REPOSITORY.fullmatch(repository):
        raise Refused(f"{where}.repoURL is {repository!r}; expected the address of a repository")
    if re.search(r"://[^/@]*:[^/@]*@", repository):
        raise Refused(f"{where}.repoURL has a password in it; expected a Secret of Argo CD that has it")
    revision = _text(given, "targetRevision", where) or "HEAD"
    path, chart, ref = (_text(given, name, where) for name in ("path", "chart", "ref"))
    if not REVISION.fullmatch(revision) or ".." in revision:
        raise Refused(f"{where}.targetRevision is {revision!r}; expected a branch, a tag, a commit or a version")
    kinds = [kind for kind in ("helm", "kustomize", "directory") if given.get(kind) is not None]
    if len(kinds) > 1:
        raise Refused(f"{where} has {' and '.join(kinds)}; expected one of them")
    if path is not None and chart is not None:
        raise Refused(f"{where} has a path and a chart; expected one of them")
    if path is None and chart is None and ref is None:
        raise Refused(f"{where} has neither path nor chart; expected one of them")
    if chart is not None and kinds not in ([], ["helm"]):
        raise Refused(f"{where} has a chart and {kinds[0]}; expected helm")
    options = given[kinds[0]] if kinds else {}
    if kinds:
        members = {"helm": HELM, "kustomize": KUSTOMIZE, "directory": DIRECTORY}[kinds[0]]
        known(options, members, f"{where}.{kinds[0]}")
    return Source(repository, revision, path, chart, ref, kinds[0] if kinds else None, options)


def read(one: Object) -> Application:
    """Return what an Application says; raises Refused."""
    name = str(one["metadata"].get("name"))
    if not NAME.fullmatch(name):
        raise Refused(f"the Application's name is {name!r}; expected small letters, digits, hyphens and dots")
    if one["apiVersion"] != API:
        raise Refused(f"its apiVersion is {one['apiVersion']}; expected {API}")
    known(one, {"apiVersion", "kind", "metadata", "spec"}, "the Application")
    spec = one.get("spec") or {}
    known(spec, SPEC, "spec")
    given = spec.get("sources") or []
    if ("source" in spec) == bool(given) or not isinstance(given, list):
        raise Refused("it has both source and sources, or none; expected one of them")
    places = [(each, f"spec.sources[{at}]") for at, each in enumerate(given)] or [(spec["source"], "spec.source")]
    sources = tuple(read_source(each, where) for each, where in places)
    refs = [each.ref for each in sources if each.ref]
    if len(set(refs)) < len(refs):
        raise Refused(f"two sources have the ref {refs[0]}; expected different ones")
    if not any(each.gives_objects for each in sources):
        raise Refused("no source has a path or a chart; expected one that gives objects")
    destination = spec.get("destination") or {}
    known(destination, {"server", "name", "namespace"}, "spec.destination")
    clusters = [destination[part] for part in ("server", "name") if destination.get(part)]
    if len(clusters) != 1:
        raise Refused("spec.destination has both server and name, or none; expected one of them")
    project = spec.get("project") or "default"
    namespace = str(one["metadata"].get("namespace") or "argocd")
    return Application(name, namespace, str(project), sources, clusters[0], str(destination.get("namespace") or ""))
