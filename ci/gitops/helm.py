"""Renders a chart with `helm template`, with the values that an Application gives, as Argo CD does."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ci.gitops.application import Application, Source, filled, known
from ci.gitops.objects import Refused, documents, dump, not_too_large
from ci.gitops.programs import run
from ci.gitops.repositories import keep_inside, within

Roots = Mapping[str, Callable[[], Path]]  # by ref


def render(home: Path, app: Application, source: Source, root: Path, path: str, refs: Roots, version: str) -> str:
    """Return what a chart of a folder becomes; `root` is the folder that its files must not leave."""
    chart = within(root, path, "the path")
    if not (chart / "Chart.yaml").is_file():
        raise Refused(f"{path} has no Chart.yaml; expected a chart")
    _look_at_dependencies(chart, root)
    for file in sorted(chart.rglob("values.yaml")):
        not_too_large(within(root, str(file.relative_to(root)), "values.yaml").read_text("utf-8"), "values.yaml")
    words = words_of(home, app, source, (root, chart), refs, version)
    first = run(home, "helm", "template", chart, *words)
    if first != run(home, "helm", "template", chart, *words):
        raise Refused(
            "the chart gives something else each time (a random value, or the time), so nothing can be compared"
        )
    return first


def _look_at_dependencies(chart: Path, root: Path) -> None:
    """Refuse charts that are not packed with it: helm would fetch them. One beside it is taken from there."""
    (about,) = documents((chart / "Chart.yaml").read_text("utf-8"), "Chart.yaml") or [{}]
    for each in about.get("dependencies") or []:
        name, place = str(each.get("name")), str(each.get("repository") or "")
        if any((chart / "charts").glob(f"{name}-*.tgz")) or (chart / "charts" / name).is_dir():
            continue
        if not place.startswith("file://"):
            raise Refused(
                f"the chart needs the chart {name} of {place or 'nowhere'}, which is not in its folder charts/"
            )
        beside = within(root, str((chart / place.removeprefix("file://")).relative_to(root)), "a dependency")
        if not (beside / "Chart.yaml").is_file():
            raise Refused(f"the chart needs the chart {name} of {place}, which is not there")
        (chart / "charts").mkdir(exist_ok=True)
        _copy(beside, chart / "charts" / name)
        keep_inside(chart / "charts")


def _copy(beside: Path, to: Path) -> None:
    for file in sorted(beside.rglob("*")):
        if file.is_file():
            place = to / file.relative_to(beside)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())


def words_of(
    home: Path, app: Application, source: Source, place: tuple[Path, Path], refs: Roots, version: str
) -> list[object]:
    """Return the options of `helm template` for an Application; refuse a file that is not there or leaves its place."""
    options, variables = source.options, app.variables(source)
    words: list[object] = ["--name-template", _name(options.get("releaseName") or app.name, "releaseName")]
    words += ["--namespace", _name(options.get("namespace") or app.destination or "default", "namespace")]
    words += ["--kube-version", _name(str(options.get("kubeVersion") or whole(version)), "kubeVersion")]
    for each in options.get("apiVersions") or []:
        words += ["--api-versions", _one(str(each), "apiVersions")]
    words += [] if options.get("skipCrds") else ["--include-crds"]
    words += ["--skip-tests"] if options.get("skipTests") else []
    words += ["--skip-schema-validation"] if options.get("skipSchemaValidation") else []
    for each in options.get("valueFiles") or []:
        file = _file(str(each), place, refs, variables, "helm.valueFiles")
        if not file.is_file():
            if options.get("ignoreMissingValueFiles"):
                continue
            raise Refused(f"helm.valueFiles names {each}, which is not there")
        documents(file.read_text("utf-8"), str(each))  # a bomb is refused before helm reads it
        words += ["--values", file]
    values = options.get("valuesObject") or options.get("values")
    if values:
        own = home / "values.yaml"
        own.write_text(values if isinstance(values, str) else dump(values), "utf-8")
        documents(own.read_text("utf-8"), "helm.values")
        words += ["--values", own]
    for each in options.get("parameters") or []:
        known(each, {"name", "value", "forceString"}, "helm.parameters")
        value = filled(str(each.get("value", "")), variables, f"helm.parameters {each.get('name')}")
        words += [
            "--set-string" if each.get("forceString") else "--set",
            f"{_one(each['name'], 'name')}={escaped(value)}",
        ]
    for each in options.get("fileParameters") or []:
        known(each, {"name", "path"}, "helm.fileParameters")
        file = _file(str(each["path"]), place, refs, variables, "helm.fileParameters")
        if "," in str(file):
            raise Refused(f"helm.fileParameters names {each['path']}; expected a path without a comma")
        words += ["--set-file", f"{_one(each['name'], 'name')}={file}"]
    return words


def whole(version: str) -> str:
    """Return a version of Kubernetes with three numbers, as a cluster tells it: charts compare it."""
    return version if version.count(".") > 1 else f"{version}.0"


def escaped(value: str) -> str:
    """Return a parameter's value for --set: a comma belongs to it, unless it is a list in braces."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return re.sub(r"(?<!\\),", r"\\,", value)


def _one(text: str, what: str) -> str:
    if not text or text.startswith("-") or "\n" in text:
        raise Refused(f"helm has {what} {text!r}; expected one line that does not begin with a hyphen")
    return text


def _name(text: str, what: str) -> str:
    if not re.fullmatch(r"v?[a-z0-9][a-z0-9.+-]*", str(text)):
        raise Refused(f"helm.{what} is {text!r}; expected small letters, digits, hyphens and dots")
    return str(text)


def _file(text: str, place: tuple[Path, Path], refs: Roots, variables: Mapping[str, str], what: str) -> Path:
    """Return a file that values come from: beside the chart, /from the top of its repository, or $of/another source."""
    root, chart = place
    if "://" in text or any(each in text for each in "*?["):
        raise Refused(f"{what} names {text}; expected one file of a repository")
    ref, _, path = text[1:].partition("/")
    if text.startswith("$") and ref in refs:
        return within(refs[ref](), filled(path, variables, what), what)
    if text.startswith("$") and not ref.startswith("ARGOCD_"):
        raise Refused(f"{what} names {text}, but no source has the ref {ref}")
    text = filled(text, variables, what)
    if text.startswith("/"):
        return within(root, text.lstrip("/"), what)
    found = (chart / text).resolve()
    if not found.is_relative_to(root.resolve()):
        raise Refused(f"{what} names {text}, which leaves the repository")
    return found
