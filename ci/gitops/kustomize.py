"""Renders a kustomization; what an Application says about it is put into the kustomization, as Argo CD does."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ci.gitops.application import filled, known
from ci.gitops.objects import Refused, documents, dump, not_too_large
from ci.gitops.programs import run
from ci.gitops.repositories import within

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
IMAGE = re.compile(r"(?P<name>[^=@]+?)(:(?P<tag>[\w][\w.-]*))?(@(?P<digest>sha256:[0-9a-f]{64}))?")
# What kustomize would take from elsewhere.
REMOTE = re.compile(r"://|^git@|^github\.com[/:]|[?&](ref|version|timeout|submodules)=|^[\w.-]+:[\w./-]+\.git")
FILES = (
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "transformers",
    "generators",
    "validators",
    "patchesStrategicMerge",
)
Kustomization = dict[str, Any]


def file_of(folder: Path) -> Path | None:
    """Return the kustomization of a folder."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def render(home: Path, root: Path, path: str, options: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """Return what a kustomization of a repository becomes. Its file is changed for that time, and then put back."""
    folder = within(root, path, "the path")
    file = file_of(folder)
    if file is None:
        raise Refused(f"{path} has no kustomization")
    before = file.read_bytes()
    _look_for_remotes(root, folder, set())
    try:
        for text in _texts(dict(options)):
            _look_for_bombs(root, folder, text)
        if options:
            text = file.read_text("utf-8")
            (given,) = documents(text, f"{path}/{file.name}") or [{}]
            file.write_text(dump(with_options(given, options, variables, folder)), "utf-8")
        return run(home, "kubectl", "kustomize", folder)
    finally:
        file.write_bytes(before)


def _look_for_remotes(root: Path, folder: Path, seen: set[Path]) -> None:
    file = file_of(folder)
    if file is None or folder in seen:
        return
    seen.add(folder)
    for given in documents(file.read_text("utf-8"), str(file.relative_to(root))):
        if not isinstance(given, dict):
            raise Refused(f"{file.relative_to(root)} is not a kustomization")
        for text in _texts(given):
            _look_for_bombs(root, folder, text)
        for part in FILES:
            for each in given.get(part) or []:
                _look_at(str(each), root, folder, seen)
        for part in ("helmCharts", "helmChartInflationGenerator"):
            if given.get(part):
                raise Refused(f"{file.relative_to(root)} has {part}; Argo CD renders these only if it is told to")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _look_for_bombs(root: Path, folder: Path, text: str) -> None:
    """Look at YAML that kustomize would read, in place or in a file: it has no limit of its own."""
    if "\n" in text:
        not_too_large(text, "a patch")
    elif len(text) < 4096 and "\x00" not in text and (folder / text).is_file():  # noqa: PLR2004 - longest path
        file = _inside(root, folder / text, text)
        if file.suffix in {".yaml", ".yml", ".json"}:
            not_too_large(file.read_text("utf-8"), text)


def _look_at(entry: str, root: Path, folder: Path, seen: set[Path]) -> None:
    if "\n" in entry:  # written in place
        return
    if REMOTE.search(entry) and not (folder / entry).exists():
        raise Refused(f"a kustomization takes {entry} from elsewhere, which cannot be rendered offline")
    if (folder / entry).is_dir():
        _look_for_remotes(root, _inside(root, folder / entry, entry), seen)


def _inside(root: Path, path: Path, entry: str) -> Path:
    found = path.resolve()
    if not found.is_relative_to(root.resolve()):
        raise Refused(f"a kustomization names {entry}, which leaves the repository")
    return found


def with_options(
    given: Kustomization, options: Mapping[str, Any], variables: Mapping[str, str], folder: Path
) -> Kustomization:
    """Return a kustomization with what an Application says about it."""
    told = dict(given)
    for name in ("namePrefix", "nameSuffix", "namespace"):
        if options.get(name):
            told[name] = str(options[name])
    if options.get("images"):
        images = [filled(str(each), variables, "kustomize.images") for each in options["images"]]
        told["images"] = with_images(given.get("images") or [], images)
    if options.get("replicas"):
        told["replicas"] = _with_replicas(given.get("replicas") or [], options["replicas"])
    if options.get("commonLabels"):
        _add_labels(told, options, variables)
    if options.get("commonAnnotations"):
        _add_annotations(told, options, variables)
    if options.get("patches"):
        told["patches"] = [*(given.get("patches") or []), *map(_patch, options["patches"])]
    if options.get("components"):
        there = [
            each for each in options["components"] if (folder / str(each)).is_dir() or not _may_be_missing(options)
        ]
        told["components"] = [*(given.get("components") or []), *there]
    return told


def _may_be_missing(options: Mapping[str, Any]) -> bool:
    return options.get("ignoreMissingComponents") is True


def with_images(present: list[dict[str, Any]], wanted: list[str]) -> list[dict[str, Any]]:
    """Return the images of a kustomization after `kustomize edit set image`, which replaces those of the same name."""
    images = {str(each["name"]): dict(each) for each in present}
    for text in wanted:
        name, _, rest = text.partition("=") if "=" in text else ("", "", text)
        found = IMAGE.fullmatch(rest)
        if not found or ("=" in text and not name):
            raise Refused(f"kustomize.images has {text!r}; expected [NAME=]IMAGE[:TAG][@DIGEST]")
        new: dict[str, Any] = {"name": name or found["name"]}
        if name:
            new["newName"] = found["name"]
        if found["tag"]:
            new["newTag"] = found["tag"]
        if found["digest"]:
            new["digest"] = found["digest"]
        images[new["name"]] = new
    return [images[name] for name in sorted(images)]


def _with_replicas(present: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts = {each["name"]: each for each in present}
    for each in wanted:
        known(each, {"name", "count"}, "kustomize.replicas")
        counts[each["name"]] = {"name": each["name"], "count": int(each["count"])}
    return [counts[name] for name in sorted(counts)]


def _add_labels(told: Kustomization, options: Mapping[str, Any], variables: Mapping[str, str]) -> None:
    labels = {
        name: filled(str(value), variables, "kustomize.commonLabels") for name, value in options["commonLabels"].items()
    }
    there = set(told.get("commonLabels") or {})
    there |= {name for each in told.get("labels") or [] for name in each.get("pairs") or {}}
    if (twice := sorted(there & set(labels))) and not options.get("forceCommonLabels"):
        raise Refused(f"the kustomization has the label {twice[0]} already; expected forceCommonLabels")
    entry: dict[str, Any] = {"pairs": labels}
    if not options.get("labelWithoutSelector"):
        entry["includeSelectors"] = True
    elif options.get("labelIncludeTemplates"):
        entry["includeTemplates"] = True
    told["commonLabels"] = {
        name: value for name, value in (told.get("commonLabels") or {}).items() if name not in labels
    }
    if not told["commonLabels"]:
        del told["commonLabels"]
    told["labels"] = [*(told.get("labels") or []), entry]


def _add_annotations(told: Kustomization, options: Mapping[str, Any], variables: Mapping[str, str]) -> None:
    annotations = {name: str(value) for name, value in options["commonAnnotations"].items()}
    if options.get("commonAnnotationsEnvsubst"):
        where = "kustomize.commonAnnotations"
        annotations = {name: filled(value, variables, where) for name, value in annotations.items()}
    there = told.get("commonAnnotations") or {}
    if (twice := sorted(set(there) & set(annotations))) and not options.get("forceCommonAnnotations"):
        raise Refused(f"the kustomization has the annotation {twice[0]} already; expected forceCommonAnnotations")
    told["commonAnnotations"] = {**there, **annotations}


def _patch(given: Mapping[str, Any]) -> dict[str, Any]:
    known(given, {"path", "patch", "target", "options"}, "kustomize.patches")
    if given.get("target"):
        members = {"group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"}
        known(given["target"], members, "kustomize.patches.target")
    return dict(given)
