"""Renders Applications, and the Applications that these give, until there are no more."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ci.gitops import directory, helm, kustomize
from ci.gitops.application import API, Application, Source, read
from ci.gitops.objects import Key, Object, Refused, called, dump, key_of, objects_of, shown
from ci.gitops.repositories import NoChart, Repositories, within

MOST_APPLICATIONS = 500
HOOKS = {"argocd.argoproj.io/hook", "helm.sh/hook"}
# Groups of Kubernetes itself, whose kinds are all known: what is not below is in a namespace.
OF_KUBERNETES = re.compile(r"|apps|autoscaling|batch|policy|[a-z]+(\.[a-z]+)*\.k8s\.io")
# Kinds that are in no namespace; further ones are those that CustomResourceDefinitions of the same Argo CD say.
OF_THE_CLUSTER = {
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("karpenter.k8s.aws", "EC2NodeClass"),
    ("karpenter.sh", "NodePool"),
    ("networking.k8s.io", "IngressClass"),
    ("node.k8s.io", "RuntimeClass"),
    ("policy.sigstore.dev", "ClusterImagePolicy"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
}


@dataclass
class Rendered:
    """What an Application becomes, or why not."""

    name: str  # ARGO/APPLICATION
    application: Application | None = None
    objects: dict[Key, Object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    missing: str = ""  # the chart that is not here

    def text(self) -> str:
        """Return the objects as YAML in a fixed order, without values of secrets."""
        return "".join(f"---\n{dump(shown(self.objects[key]))}" for key in sorted(self.objects))


@dataclass
class Renderer:
    """Renders what belongs to one Argo CD."""

    argo: str  # its name in a report, such as the overlay
    repositories: Repositories
    version: str  # of Kubernetes
    found: dict[str, Rendered] = field(default_factory=dict)
    projects: dict[str, Object] = field(default_factory=dict)
    of_the_cluster: set[tuple[str, str]] = field(default_factory=lambda: set(OF_THE_CLUSTER))

    def start(self, objects: Iterable[Object]) -> dict[str, Rendered]:
        """Render the Applications among some objects, and all that come of them; return them by ARGO/APPLICATION."""
        begin = Rendered(f"{self.argo}/(start)")
        self._take(begin, list(objects), "argocd")
        waiting = list(begin.objects.values())
        seen: set[str] = set()
        while waiting:
            one = waiting.pop(0)
            group, kind, _, name = key_of(one)
            if (group, kind) == ("argoproj.io", "ApplicationSet"):
                begin.problems.append(
                    f"ApplicationSet/{name}: what it makes cannot be rendered here; expected Applications"
                )
            if (group, kind) == ("argoproj.io", "AppProject"):
                self.projects[name] = one
            if (group, kind) != ("argoproj.io", "Application") or dump(one) in seen:
                continue
            seen.add(dump(one))
            if f"{self.argo}/{name}" in self.found:
                self.found[f"{self.argo}/{name}"].problems.append(f"two Applications are called {name}; expected one")
                continue
            if len(self.found) >= MOST_APPLICATIONS:
                raise Refused(f"there are more than {MOST_APPLICATIONS} Applications")
            rendered = self._render(one, name)
            waiting += list(rendered.objects.values())
        if begin.problems:
            self.found[begin.name] = begin
        for rendered in self.found.values():
            self._look_at_namespaces(rendered)
        return self.found

    def _look_at_namespaces(self, rendered: Rendered) -> None:
        """Take the namespace from what is in none, also if another Application brings its kind; say where one lacks."""
        for key, one in list(rendered.objects.items()):
            if key[:2] in self.of_the_cluster and key[2]:
                one["metadata"].pop("namespace")
                del rendered.objects[key]
                rendered.objects[key_of(one)] = one
            elif not key[2] and key[:2] not in self.of_the_cluster and OF_KUBERNETES.fullmatch(key[0]):
                rendered.problems.append(
                    f"{called(key)} is in no namespace; expected one in it, or in spec.destination"
                )

    def _render(self, one: Object, name: str) -> Rendered:
        rendered = Rendered(f"{self.argo}/{name}")
        try:
            app = rendered.application = read(one)
            self.found[rendered.name] = rendered
            for at, source in enumerate(app.sources):
                if source.gives_objects:
                    text = self._of(app, source, at)
                    self._take(rendered, text, app.destination)
        except NoChart as refused:
            rendered.missing = str(refused)
        except Refused as refused:
            rendered.problems.append(str(refused))
        except (OSError, UnicodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            rendered.problems.append(f"it cannot be read: {type(error).__name__}: {str(error)[:200]}")
        if not (rendered.objects or rendered.problems or rendered.missing):
            rendered.problems.append("nothing comes of it; Argo CD would remove everything of it, or stop")
        if rendered.application is None:  # its name may be anything
            rendered.name = f"{self.argo}/(unreadable {len(self.found) + 1})"
            self.found[rendered.name] = rendered
        return rendered

    def _of(self, app: Application, source: Source, at: int) -> list[Object]:
        home = self.repositories.workspace / "run"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        where = f"source {at + 1}"
        refs = {each.ref: (lambda each=each: self.repositories.root(each)) for each in app.sources if each.ref}
        if source.chart is not None:
            try:
                chart = self.repositories.chart(source)
            except NoChart:
                helm.words_of(home, app, source, (home, home), refs, self.version)  # at least what it would be given
                raise
            return objects_of(helm.render(home, app, source, chart, ".", refs, self.version), where)
        root, path = self.repositories.root(source), str(source.path)
        folder = _place(root, path)
        self._without_overrides(folder, app.name)
        kind = source.kind or _kind(folder)
        if kind == "helm":
            return objects_of(helm.render(home, app, source, root, path, refs, self.version), where)
        if kind == "kustomize":
            return objects_of(kustomize.render(home, root, path, source.options, app.variables(source)), where)
        texts = directory.files(root, path, source.options)
        return [each for name, text in texts for each in objects_of(text, name)]

    @staticmethod
    def _without_overrides(folder: Path, name: str) -> None:
        """Argo CD would read these too; what they change could not be seen in the Application."""
        for file in (".argocd-source.yaml", f".argocd-source-{name}.yaml"):
            if (folder / file).exists():
                raise Refused(f"the path has {file}, which changes the Application and is not rendered here")

    def _take(self, rendered: Rendered, objects: list[Object], namespace: str) -> None:
        self.of_the_cluster |= {
            (one["spec"]["group"], one["spec"]["names"]["kind"])
            for one in objects
            if one["kind"] == "CustomResourceDefinition" and one["spec"].get("scope") == "Cluster"
        }
        for one in objects:
            group = key_of(one)[0]
            if (group, one["kind"]) in self.of_the_cluster:
                one["metadata"].pop("namespace", None)
            elif not one["metadata"].get("namespace") and namespace:
                one["metadata"]["namespace"] = namespace
            key = key_of(one)
            if not one["metadata"].get("name"):
                key = self._without_name(rendered, one, key)
            if key in rendered.objects:
                rendered.problems.append(f"{called(key)} is there twice; expected one")
            rendered.objects[key] = one

    @staticmethod
    def _without_name(rendered: Rendered, one: Object, key: Key) -> Key:
        """Return a key of its own for an object that gets its name in the cluster: it is made, and not applied."""
        if not HOOKS & set(one["metadata"].get("annotations") or {}):
            rendered.problems.append(f"{called(key)} has generateName and is no hook; only hooks need no name")
        there = sum(other[:3] == key[:3] and other[3].startswith(key[3]) for other in rendered.objects)
        return (*key[:3], f"{key[3]}{there or ''}")


def _place(root: Path, path: str) -> Path:
    folder = within(root, path, "the path")
    if not folder.is_dir():
        raise Refused(f"the path is {path!r}; expected a folder of the repository")
    return folder


def _kind(folder: Path) -> str:
    chart, kustomization = (folder / "Chart.yaml").is_file(), kustomize.file_of(folder)
    if chart and kustomization:
        raise Refused(f"the path has Chart.yaml and {kustomization.name}; expected helm or kustomize in the source")
    if chart:
        return "helm"
    return "kustomize" if kustomization else "directory"


def is_application(one: Object) -> bool:
    """Whether an object is an Application of Argo CD."""
    return one["kind"] == "Application" and one["apiVersion"] == API
