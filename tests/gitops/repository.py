"""An Application of somebody else's own, its repository and its charts."""

import subprocess

import yaml
from ci.gitops.programs import TOOLS

URL = "https://git.example.com/shop.git"
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"colour": "blue"}}
WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "shop/web:1.0"}]},
        },
    },
}
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.2.3\nappVersion: '9'\n",
    "values.yaml": "colour: blue\nsize: small\ncount: 1\nlist: []\nfile: ''\n",
    "environment.yaml": "size: medium\n",
    "crds/thing.yaml": yaml.safe_dump(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "things.example.com"},
            "spec": {
                "group": "example.com",
                "scope": "Cluster",
                "names": {"kind": "Thing", "plural": "things"},
                "versions": [
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": {"type": "object"}},
                    }
                ],
            },
        }
    ),
    "templates/config.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n"
        "  colour: {{ .Values.colour | quote }}\n  size: {{ .Values.size | quote }}\n"
        "  count: {{ .Values.count | quote }}\n  kind: {{ kindOf .Values.count }}\n"
        "  list: {{ .Values.list | toJson | quote }}\n  file: {{ .Values.file | quote }}\n"
        "  release: {{ .Release.Namespace }} {{ .Capabilities.KubeVersion.Version }}\n"
    ),
    "templates/tests/try.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: try\n  annotations: { helm.sh/hook: test }\n"
        "spec: { containers: [{ name: a, image: a }] }\n"
    ),
}


def lay(folder, files):
    """Write files (text, or an object) into a folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else yaml.safe_dump(content), "utf-8")
    folder.mkdir(exist_ok=True)
    return folder


def application(*sources, name="shop", metadata=None, **spec):
    """The text of an Application."""
    given = [{"repoURL": URL, "targetRevision": "HEAD"} | source for source in sources]
    body = {
        "project": "default",
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "shop"},
        **({"source": given[0]} if len(given) == 1 else {"sources": given}),
        **spec,
    }
    meta = {"name": name, "namespace": "argocd", **(metadata or {})}
    return yaml.safe_dump({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": meta, "spec": body})


def pack(folder, chart=None):
    """A folder of charts with one that helm itself has packed."""
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    source = lay(folder / "of-chart" / "shop", chart or CHART)
    helm = [TOOLS / "bin" / "helm", "package", source, "--destination", charts]
    subprocess.run(helm, check=True, capture_output=True, timeout=60)
    return charts


def one(rendered, name="own/shop"):
    """The objects of the one Application, by Kind/name, and nothing that went wrong."""
    found = rendered[name]
    assert (found.problems, found.missing) == ([], "")
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in found.objects.values()}


def problem(rendered, name="own/shop"):
    """The one sentence that says why an Application was not rendered."""
    (told,) = rendered[name].problems
    return told
