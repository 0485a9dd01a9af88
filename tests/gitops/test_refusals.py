"""What an attacker, or a mistake, may put into an Application or its repository: refused by name, never skipped."""

import io
import os
import tarfile
from pathlib import Path

import pytest
from ci.gitops import objects, programs, render, repositories
from ci.gitops.objects import Refused
from ci.stage import FOLDER

from .conftest import VERSION
from .repository import CHART, CONFIG, URL, application, lay, one, pack, problem

PLAIN = {"plain/a.yaml": CONFIG}
IN_CHART = {f"chart/{name}": text for name, text in CHART.items()}
KUSTOMIZED = {"base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": CONFIG}

# Files, the source, and what the refusal names.
SOURCES = {
    "a path that leaves": (PLAIN, {"path": "../../etc"}, "leaves the repository"),
    "a path in the middle": (PLAIN, {"path": "plain/../../.."}, "leaves the repository"),
    "an absolute path": (PLAIN, {"path": "/etc"}, "inside of the repository"),
    "no such path": (PLAIN, {"path": "plan"}, "expected a folder of the repository"),
    "an option as a repository": (PLAIN, {"path": "plain", "repoURL": "--upload-pack=touch /tmp/x"}, "the address"),
    "a command as a repository": (PLAIN, {"path": "plain", "repoURL": "ext::sh -c touch% /tmp/x"}, "the address"),
    "another repository": (PLAIN, {"path": "plain", "repoURL": "https://git.example.com/x"}, "no folder stands for"),
    "a password in an address": (PLAIN, {"path": "plain", "repoURL": "https://a:hush@example.com/x"}, "has a password"),
    "an option as a revision": (PLAIN, {"path": "plain", "targetRevision": "--output=/tmp/x"}, "targetRevision is"),
    "a range of revisions": (PLAIN, {"path": "plain", "targetRevision": "a..b"}, "targetRevision is"),
    "a plugin": (PLAIN, {"path": "plain", "plugin": {"name": "x"}}, "plugin, which runs in Argo CD alone"),
    "an unknown member": (PLAIN, {"path": "plain", "jsonnet": {}}, "'jsonnet', which cannot be rendered here"),
    "an unknown option of helm": (IN_CHART, {"path": "chart", "helm": {"postRender": 1}}, "'postRender'"),
    "an unknown option of kustomize": (KUSTOMIZED, {"path": "base", "kustomize": {"version": "v5"}}, "'version'"),
    "jsonnet": (PLAIN | {"plain/b.jsonnet": "{}"}, {"path": "plain"}, "Jsonnet"),
    "jsonnet's options": (PLAIN, {"path": "plain", "directory": {"jsonnet": {"libs": ["x"]}}}, "jsonnet"),
    "two kinds at once": (PLAIN, {"path": "plain", "helm": {"a": 1}, "kustomize": {}}, "helm and kustomize"),
    "helm without a chart": (PLAIN, {"path": "plain", "helm": {"values": "a: 1"}}, "no Chart.yaml"),
    "neither path nor chart": (PLAIN, {"helm": {"values": "a: 1"}}, "neither path nor chart"),
    "files that change it": (PLAIN | {"plain/.argocd-source.yaml": "a: 1"}, {"path": "plain"}, ".argocd-source.yaml"),
    "files of its name": (PLAIN | {"plain/.argocd-source-shop.yaml": "a: 1"}, {"path": "plain"}, ".argocd-source-shop"),
    "values outside": (IN_CHART, {"path": "chart", "helm": {"valueFiles": ["../../../etc/passwd"]}}, "leaves the"),
    "values far away": (IN_CHART, {"path": "chart", "helm": {"valueFiles": ["https://example.com/a"]}}, "one file"),
    "values of nobody": (IN_CHART, {"path": "chart", "helm": {"valueFiles": ["$other/a.yaml"]}}, "no source has"),
    "a file outside": (
        IN_CHART,
        {"path": "chart", "helm": {"fileParameters": [{"name": "file", "path": "../../../../etc/hostname"}]}},
        "leaves the repository",
    ),
    "an option as a parameter": (
        IN_CHART,
        {"path": "chart", "helm": {"parameters": [{"name": "--post-renderer", "value": "x"}]}},
        "does not begin with a hyphen",
    ),
    "an option as a release": (IN_CHART, {"path": "chart", "helm": {"releaseName": "--debug"}}, "releaseName is"),
    "an unknown variable": (
        IN_CHART,
        {"path": "chart", "helm": {"parameters": [{"name": "colour", "value": "$ARGOCD_APP_REVISION"}]}},
        "$ARGOCD_APP_REVISION, which is not known here",
    ),
    "a base elsewhere": (
        {"base/kustomization.yaml": "resources: ['https://example.com/x?ref=1']\n"},
        {"path": "base"},
        "cannot be rendered offline",
    ),
    "a base elsewhere, deep": (
        {"base/kustomization.yaml": "resources: [../deep]\n", "deep/kustomization.yaml": "bases: [github.com/a/b]\n"},
        {"path": "base"},
        "cannot be rendered offline",
    ),
    "a chart in a kustomization": (
        {"base/kustomization.yaml": "helmCharts: [{name: x}]\n"},
        {"path": "base"},
        "helmCharts",
    ),
    "a file outside of a kustomization": (
        {"base/kustomization.yaml": "configMapGenerator: [{name: a, files: [/etc/hostname]}]\n"},
        {"path": "base"},
        "names /etc/hostname, which leaves",
    ),
    "a file beside a kustomization": (
        {"base/kustomization.yaml": "configMapGenerator: [{name: a, files: [../other.txt]}]\n", "other.txt": "x"},
        {"path": "base"},
        "kubectl refuses it",
    ),
    "a folder outside of the repository": (
        {"base/kustomization.yaml": f"resources: [{'../' * 30}etc]\n"},
        {"path": "base"},
        "which leaves the repository",
    ),
    "a key twice": ({"plain/a.yaml": "apiVersion: v1\nkind: A\nkind: B\n"}, {"path": "plain"}, "'kind' is there twice"),
    "no object": ({"plain/a.yaml": "a: 1\n"}, {"path": "plain"}, "without apiVersion and kind"),
    "no name": ({"plain/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"}, {"path": "plain"}, "without a na"),
    "the same twice": (PLAIN | {"plain/b.yaml": CONFIG}, {"path": "plain"}, "settings in shop is there twice"),
    "no YAML": ({"plain/a.yaml": "a: [\n"}, {"path": "plain"}, "is not YAML"),
    "something of Python": (
        {"plain/a.yaml": "apiVersion: v1\nkind: !!python/object/apply:os.system ['x']\n"},
        {"path": "plain"},
        "is not YAML",
    ),
    "an alias of itself": (
        {"plain/a.yaml": "apiVersion: v1\nkind: A\nmetadata: &a {name: x, labels: *a}\n"},
        {"path": "plain"},
        "recursive node",
    ),
    "a chart that is never the same": (
        IN_CHART | {"chart/templates/r.yaml": '{{ printf "#" }}\nkey: {{ randAlphaNum 9 }}\n'},
        {"path": "chart"},
        "something else each time",
    ),
    "a version range": (
        PLAIN,
        {"chart": "shop", "repoURL": "https://charts.example.com", "targetRevision": "1.x"},
        "expected an exact one",
    ),
    "a chart's name that is a path": (
        PLAIN,
        {"chart": "../shop", "repoURL": "https://charts.example.com", "targetRevision": "1.2.3"},
        "is not here",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_cannot_be_rendered_is_refused_by_name(own, name):
    files, source, says = SOURCES[name]
    (found,) = own(files, source).values()
    told = [*found.problems, *filter(None, [found.missing])]
    assert any(says in each for each in told), told


BOMB = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"  a{at}: &a{at} [{','.join([f'*a{at - 1}'] * 10)}]\n" for at in range(1, 9)
)


@pytest.mark.parametrize("place", ["plain/a.yaml", "base/a.yaml", "chart/environment.yaml", "chart/values.yaml"])
def test_a_bomb_does_not_go_off(own, place):
    files = {**KUSTOMIZED, **IN_CHART, place: BOMB}
    folder = place.partition("/")[0]
    helm = {"helm": {"valueFiles": ["environment.yaml"]}} if "environment" in place else {}
    told = problem(own(files, {"path": folder, **helm}))
    assert "counted with its aliases" in told


def test_what_runs_without_end_is_ended(own, monkeypatch):
    monkeypatch.setattr(programs, "SECONDS", 0.5)
    loop = "{{- range until 9999 }}{{- range until 9999 }}{{- range until 9999 }}{{ end }}{{ end }}{{ end }}"
    told = problem(own(IN_CHART | {"chart/templates/l.yaml": loop}, {"path": "chart"}))
    assert "helm has not ended after 0 seconds" in told


@pytest.mark.parametrize("target", ["/etc", "../../..", "../outside"])
def test_a_symbolic_link_out_of_the_repository_is_refused(own, tmp_path, target):
    lay(tmp_path / "outside", {"a.yaml": CONFIG})
    lay(tmp_path / "shop", PLAIN)
    (tmp_path / "shop" / "plain" / "link").symlink_to(target if target.startswith("/") else f"../{target}")
    assert "which leaves it" in problem(own({}, {"path": "plain"}))


def test_a_link_inside_the_repository_is_followed_and_a_pipe_is_refused(own, tmp_path):
    lay(tmp_path / "shop", PLAIN | {"real/b.yaml": CONFIG | {"metadata": {"name": "b"}}})
    (tmp_path / "shop" / "plain" / "b.yaml").symlink_to("../real/b.yaml")
    assert set(one(own({}, {"path": "plain"}))) == {"ConfigMap/settings", "ConfigMap/b"}
    os.mkfifo(tmp_path / "shop" / "plain" / "pipe.yaml")
    assert "neither a file nor a folder" in problem(own({}, {"path": "plain"}))


def test_a_packed_chart_writes_nothing_outside(own, tmp_path):
    charts = tmp_path / "charts"
    charts.mkdir()
    with tarfile.open(charts / "shop-1.2.3.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo("../../escaped")
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    source = {"chart": "shop", "repoURL": "https://charts.example.com", "targetRevision": "1.2.3"}
    assert "cannot be unpacked" in problem(own(PLAIN, source, charts=charts))
    assert list(tmp_path.rglob("escaped")) == []


def test_a_chart_of_another_name_is_not_taken(own, tmp_path):
    charts = pack(tmp_path)
    (charts / "shop-1.2.3.tgz").rename(charts / "shop-1.2.4.tgz")
    source = {"chart": "shop", "repoURL": "https://charts.example.com", "targetRevision": "1.2.4"}
    assert "has the chart shop 1.2.3; expected shop 1.2.4" in problem(own(PLAIN, source, charts=charts))


@pytest.mark.parametrize("name", ["../../escaped", "a/b", "-x", "UPPER", "a b", "", "a" * 300, "."])
def test_a_name_writes_nothing_outside(tmp_path, name):
    file = tmp_path / "app.yaml"
    file.write_text(application({"path": "plain"}, name=name or "''"), "utf-8")
    places = {URL: lay(tmp_path / "shop", PLAIN)}
    rendered = render.applications([file], places, tmp_path / "work", None, VERSION, "own").rendered
    render.write(rendered, tmp_path / "out" / "deep")
    assert [each for each in (tmp_path / "out").rglob("*") if each.is_file()] == []
    ((key, found),) = rendered.items()
    assert "(unreadable" in key
    assert "expected small letters" in found.problems[0]


def test_a_packed_bomb_is_not_unpacked(own, tmp_path, monkeypatch):
    monkeypatch.setattr(repositories, "UNPACKED_BYTES", 100)
    source = {"chart": "shop", "repoURL": "https://charts.example.com", "targetRevision": "1.2.3"}
    assert "when it is unpacked" in problem(own(PLAIN, source, charts=pack(tmp_path)))


@pytest.mark.parametrize("member", ["operation", "status"])
def test_an_application_starts_nothing_by_itself(tmp_path, member):
    file = tmp_path / "app.yaml"
    file.write_text(application({"path": "plain"}) + f"{member}: {{sync: {{revision: x}}}}\n", "utf-8")
    rendered = render.applications(
        [file], {URL: lay(tmp_path / "shop", PLAIN)}, tmp_path / "work", None, VERSION, "own"
    )
    (found,) = rendered.rendered.values()
    assert f"'{member}'" in found.problems[0]


def test_two_applications_of_one_name_are_refused(own):
    child = application({"path": "plain"}, name="shop")
    assert "two Applications are called shop" in problem(own(PLAIN | {"apps/a.yaml": child}, {"path": "apps"}))


def test_an_application_set_is_not_skipped(own):
    many = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: many}\nspec: {}\n"
    found = own(PLAIN | {"apps/a.yaml": many}, {"path": "apps"})
    assert "ApplicationSet/many: what it makes cannot be rendered here" in problem(found, "own/(start)")


SPECS = {
    "no destination": ({"destination": {}}, "both server and name, or none"),
    "source and sources": ({"sources": [{"repoURL": URL, "path": "plain"}]}, "both source and sources"),
    "an unknown member": ({"sourceHydrator": {}}, "'sourceHydrator'"),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_specification_that_is_not_understood_is_refused(own, name):
    spec, says = SPECS[name]
    (found,) = own(PLAIN, {"path": "plain"}, **spec).values()
    assert says in found.problems[0]


def test_programs_find_no_network_no_git_and_no_settings_of_the_user(tmp_path, monkeypatch):
    for name in ("HELM_DEBUG", "HTTPS_PROXY", "KUBECONFIG", "HELM_NAMESPACE"):
        monkeypatch.setenv(name, "https://example.com")
    told = programs.run(tmp_path, "helm", "env")
    assert "example.com" not in told
    assert str(tmp_path) in told


def test_limits_are_below_what_a_machine_has():
    assert objects.MOST_NODES <= 5_000_000
    assert repositories.CHART_BYTES <= 256 * 1024 * 1024
    with pytest.raises(Refused, match="expected at most"):
        objects.documents(" " * (objects.MOST_CHARACTERS + 1), "it")
    deep = "[" * 200 + "]" * 200
    with pytest.raises(Refused, match="nested deeper"):
        objects.documents(deep, "it")
    assert Path("/") != FOLDER
