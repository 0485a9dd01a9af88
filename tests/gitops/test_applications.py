"""Applications of somebody else's own are rendered as Argo CD would: kustomize, helm, plain folders."""

import subprocess

import pytest
import yaml
from ci.gitops.directory import pattern
from ci.gitops.helm import escaped
from ci.gitops.kustomize import with_images

from .repository import CHART, CONFIG, WEB, application, one, pack, problem

BASE = {
    "base/kustomization.yaml": "resources: [web.yaml]\nimages: [{name: shop/api, newTag: '7'}]\n",
    "base/web.yaml": WEB,
}
DIGEST = "sha256:" + "a" * 64
COMPONENT = "kustomize.config.k8s.io/v1alpha1"


def in_chart(folder="chart"):
    return {f"{folder}/{name}": text for name, text in CHART.items()}


def test_kustomize_with_everything_that_an_application_says(own):
    kustomize = {
        "namePrefix": "my-",
        "nameSuffix": "-1",
        "namespace": "elsewhere",
        "images": [f"shop/web=registry.example.com/web@{DIGEST}"],
        "replicas": [{"name": "web", "count": 3}],
        "commonLabels": {"team": "$ARGOCD_APP_NAME"},
        "commonAnnotations": {"asked": "$ARGOCD_APP_NAME"},
        "patches": [
            {
                "target": {"kind": "Deployment", "name": "web"},
                "patch": "- { op: add, path: /spec/minReadySeconds, value: 7 }",
            }
        ],
    }
    (web,) = one(own(BASE, {"path": "base", "kustomize": kustomize})).values()
    assert (web["metadata"]["name"], web["metadata"]["namespace"]) == ("my-web-1", "elsewhere")
    assert web["metadata"]["annotations"] == {"asked": "$ARGOCD_APP_NAME"}
    assert web["metadata"]["labels"] == web["spec"]["selector"]["matchLabels"] == {"app": "web", "team": "shop"}
    assert (web["spec"]["replicas"], web["spec"]["minReadySeconds"]) == (3, 7)
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == f"registry.example.com/web@{DIGEST}"


def test_labels_without_selectors_components_and_a_variable_in_annotations(own):
    files = BASE | {
        "base/more/kustomization.yaml": f"apiVersion: {COMPONENT}\nkind: Component\nresources: [c.yaml]\n",
        "base/more/c.yaml": CONFIG,
    }
    kustomize = {
        "commonLabels": {"team": "x"},
        "labelWithoutSelector": True,
        "labelIncludeTemplates": True,
        "commonAnnotations": {"asked": "${ARGOCD_APP_NAME}"},
        "commonAnnotationsEnvsubst": True,
        "components": ["more", "none"],
        "ignoreMissingComponents": True,
    }
    objects = one(own(files, {"path": "base", "kustomize": kustomize}))
    web = objects["Deployment/web"]
    assert set(objects) == {"Deployment/web", "ConfigMap/settings"}
    assert web["spec"]["selector"]["matchLabels"] == {"app": "web"}
    assert web["spec"]["template"]["metadata"]["labels"] == {"app": "web", "team": "x"}
    assert web["metadata"]["annotations"]["asked"] == "shop"
    assert objects["ConfigMap/settings"]["metadata"]["namespace"] == "shop", "that of the destination"


def test_a_label_that_is_there_needs_force(own):
    files = BASE | {"base/kustomization.yaml": "resources: [web.yaml]\ncommonLabels: {team: y}\n"}
    given = {"commonLabels": {"team": "x"}}
    assert "has the label team already" in problem(own(files, {"path": "base", "kustomize": given}))
    (web,) = one(own(files, {"path": "base", "kustomize": given | {"forceCommonLabels": True}})).values()
    assert web["metadata"]["labels"]["team"] == "x"


def test_images_replace_those_of_the_same_name():
    present = [{"name": "a", "newTag": "1"}, {"name": "b", "newName": "c", "digest": "old"}]
    asked = ["b=d:2", "host:5000/e:3", f"f@{DIGEST}", "g=h"]
    assert with_images(present, asked) == [
        {"name": "a", "newTag": "1"},
        {"name": "b", "newName": "d", "newTag": "2"},
        {"name": "f", "digest": DIGEST},
        {"name": "g", "newName": "h"},
        {"name": "host:5000/e", "newTag": "3"},
    ]


def test_helm_with_values_from_everywhere_in_the_right_order(own):
    """Files in their order, then the Application's own values, then parameters."""
    helm = {
        "releaseName": "store",
        "valueFiles": ["environment.yaml", "/shared/size.yaml", "missing.yaml"],
        "ignoreMissingValueFiles": True,
        "valuesObject": {"colour": "green"},
        "parameters": [
            {"name": "count", "value": "2", "forceString": True},
            {"name": "list", "value": "{a,b}"},
            {"name": "colour", "value": "red, or $ARGOCD_APP_NAME"},
        ],
        "fileParameters": [{"name": "file", "path": "environment.yaml"}],
        "skipTests": True,
    }
    files = in_chart() | {"shared/size.yaml": "size: large\ncolour: yellow\n"}
    objects = one(own(files, {"path": "chart", "helm": helm}))
    assert set(objects) == {"ConfigMap/store", "CustomResourceDefinition/things.example.com"}
    assert objects["ConfigMap/store"]["data"] == {
        "colour": "red, or shop",
        "size": "large",
        "count": "2",
        "kind": "string",
        "list": '["a","b"]',
        "file": "size: medium\n",
        "release": "shop v1.35.0",
    }
    assert "namespace" not in objects["CustomResourceDefinition/things.example.com"]["metadata"]


def test_a_chart_of_a_registry_with_values_from_another_source(own, tmp_path):
    chart = {"repoURL": "https://charts.example.com", "chart": "shop", "targetRevision": "1.2.3"}
    helm = {"valueFiles": ["$own/prod/values.yaml"], "skipCrds": True, "values": "count: 5\n"}
    sources = [chart | {"helm": helm}, {"ref": "own"}]
    objects = one(own({"prod/values.yaml": "size: huge\n"}, *sources, charts=pack(tmp_path)))
    assert set(objects) == {"ConfigMap/shop", "Pod/try"}
    assert (objects["ConfigMap/shop"]["data"]["size"], objects["ConfigMap/shop"]["data"]["count"]) == ("huge", "5")


def test_a_chart_that_is_not_there_is_named_and_its_values_are_looked_at_all_the_same(own, tmp_path):
    chart = {"repoURL": "https://charts.example.com", "chart": "shop", "targetRevision": "1.2.4"}
    found = own({"a": ""}, chart, charts=pack(tmp_path))["own/shop"]
    assert "the chart shop 1.2.4 of https://charts.example.com is not here (shop-1.2.4.tgz" in found.missing
    assert (found.problems, found.objects) == ([], {})
    sources = [chart | {"helm": {"valueFiles": ["$own/nothing.yaml"]}}, {"ref": "own"}]
    assert "names $own/nothing.yaml, which is not there" in problem(own({"a": ""}, *sources))


def test_a_chart_with_another_one_beside_it(own):
    main = CHART | {
        "Chart.yaml": CHART["Chart.yaml"]
        + "dependencies: [{name: part, version: 0.1.0, repository: 'file://../part'}]\n"
    }
    part = {"part/Chart.yaml": "apiVersion: v2\nname: part\nversion: 0.1.0\n", "part/templates/c.yaml": CONFIG}
    files = {f"chart/{name}": text for name, text in main.items()} | part
    assert "ConfigMap/settings" in one(own(files, {"path": "chart"}))
    far = {f"chart/{name}": text.replace("file://../part", "https://charts.example.com") for name, text in main.items()}
    assert "the chart part of https://charts.example.com, which is not in its folder" in problem(
        own(far, {"path": "chart"})
    )


NAMES = ["a.yaml", "b.json", "c.txt", "deep/d.yml", "deep/secret.yaml", "e.yaml"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "abe"),
        ({"recurse": True}, "abdes"),
        ({"recurse": True, "exclude": "*secret*"}, "abde"),
        ({"recurse": True, "exclude": "{deep/*,e.yaml}"}, "ab"),
        ({"recurse": True, "include": "deep/*"}, "ds"),
        ({"recurse": True, "include": "{*.yaml,*.yml}", "exclude": "deep/s*"}, "ade"),
        ({"include": "[ab].*"}, "ab"),
    ],
)
def test_a_plain_folder(own, options, found):
    files = {}
    for name in NAMES:
        letter = name.rpartition("/")[2][0]
        files[f"plain/{name}"] = CONFIG | {"metadata": {"name": letter}}
    objects = one(own(files, {"path": "plain", "directory": options}))
    assert "".join(sorted(name.rpartition("/")[2] for name in objects)) == found


@pytest.mark.parametrize(
    ("glob", "name", "fits"),
    [
        ("*.yaml", "a/b.yaml", True),
        ("a?.yaml", "ab.yaml", True),
        ("[!a]b", "ab", False),
        ("[a-c]b", "bb", True),
        ("a.b", "axb", False),
        ("{a,b*}/c", "bx/c", True),
        (r"\*", "*", True),
        ("", "x", False),
    ],
)
def test_globs_are_those_of_argo_cd(glob, name, fits):
    assert bool(pattern(glob).fullmatch(name)) == fits


def test_an_app_of_apps_several_sources_and_a_list(own):
    child = application({"path": "child"}, name="child")
    items = [CONFIG, CONFIG | {"metadata": {"name": "second", "namespace": "own"}}]
    files = {
        "apps/child.yaml": child,
        "child/list.yaml": {"apiVersion": "v1", "kind": "List", "items": items},
        "more/kustomization.yaml": "resources: [web.yaml]\n",
        "more/web.yaml": WEB,
    }
    rendered = own(files, {"path": "apps"}, {"path": "more"})
    assert set(one(rendered)) == {"Application/child", "Deployment/web"}
    objects = one(rendered, "own/child")
    assert {each["metadata"]["namespace"] for each in objects.values()} == {"shop", "own"}


def test_a_revision_is_taken_from_the_folder_s_git(own, tmp_path):
    folder = tmp_path / "shop"
    own({"plain/a.yaml": CONFIG}, {"path": "plain"})
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "One"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    newer = CONFIG | {"data": {"colour": "new"}}
    assert one(own({"plain/a.yaml": newer}, {"path": "plain"}))["ConfigMap/settings"]["data"] == newer["data"]
    tagged = {"path": "plain", "targetRevision": "v1"}
    assert one(own({"plain/a.yaml": newer}, tagged))["ConfigMap/settings"]["data"] == CONFIG["data"]
    unknown = {"path": "plain", "targetRevision": "v2"}
    assert "shop has no revision v2" in problem(own({}, unknown))


def test_values_are_read_as_go_reads_them(own):
    text = yaml.safe_dump(CONFIG).replace(
        "colour: blue", "a: 2026-11-29\n  b: '1e3'\n  c: \"0440\"\n  d: 1:30\n  e: 12:30:45"
    )
    data = one(own({"plain/a.yaml": text}, {"path": "plain"}))["ConfigMap/settings"]["data"]
    assert data == {"a": "2026-11-29", "b": "1e3", "c": "0440", "d": "1:30", "e": "12:30:45"}


def test_a_comma_belongs_to_a_value_of_a_parameter_unless_it_is_a_list():
    assert [escaped(value) for value in ("a,b", r"a\,b", "{a,b}")] == [r"a\,b", r"a\,b", "{a,b}"]


@pytest.mark.parametrize(
    ("files", "source", "says"),
    [
        ({"a/x.yaml": "# nothing\n---\n# at all\n"}, {}, "nothing comes of it"),
        ({"a/x.txt": "x"}, {}, "nothing comes of it"),
        ({"a/Chart.yaml": "name: x", "a/kustomization.yaml": "{}"}, {}, "expected helm or kustomize in the source"),
        ({"a/x.yaml": {**CONFIG, "metadata": {"generateName": "x-"}}}, {}, "only hooks need no name"),
    ],
)
def test_what_argo_cd_would_not_do_is_told(own, files, source, says):
    assert says in problem(own(files, {"path": "a"} | source))


def test_an_object_in_no_namespace_is_told_if_its_kind_needs_one(own):
    destination = {"server": "https://kubernetes.default.svc"}
    rendered = own({"a/x.yaml": CONFIG}, {"path": "a"}, destination=destination)
    assert problem(rendered) == "ConfigMap/settings is in no namespace; expected one in it, or in spec.destination"


def test_hooks_without_names_are_as_many_as_there_are(own):
    hook = {"argocd.argoproj.io/hook": "PreSync"}
    jobs = [{**WEB, "metadata": {"generateName": "job-", "annotations": hook}} for _ in range(2)]
    rendered = own({"a/x.yaml": "---\n".join(map(yaml.safe_dump, jobs))}, {"path": "a"})["own/shop"]
    assert (rendered.problems, len(rendered.objects)) == ([], 2)


def test_a_kind_of_the_cluster_that_another_application_brings_gets_no_namespace(own):
    """Otherwise a project that allows nothing of the cluster would seem to allow it."""
    thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}}
    files = {"a/later.yaml": application({"path": "b"}, name="later"), "b/x.yaml": thing}
    files |= {"a/more.yaml": application({"path": "c"}, name="more"), "c/crd.yaml": CHART["crds/thing.yaml"]}
    rendered = own(files, {"path": "a"})
    assert [key[1:] for key in rendered["own/later"].objects] == [("Thing", "", "t")]
