"""Renders a deployment repository, or Applications in files, with folders that stand for the repositories."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ci.gitops import kustomize
from ci.gitops.application import read
from ci.gitops.objects import Object, Refused, objects_of
from ci.gitops.repositories import Repositories, copied, same, within
from ci.gitops.tree import Rendered, Renderer, is_application


@dataclass
class Outcome:
    """All that was rendered: what each Application becomes, by ARGO/APPLICATION, and the projects by Argo CD."""

    rendered: dict[str, Rendered] = field(default_factory=dict)
    projects: dict[str, Mapping[str, Object]] = field(default_factory=dict)


def deployment(folder: Path, starts: Mapping[str, str], workspace: Path, charts: Path | None, version: str) -> Outcome:
    """Render the Applications of each Argo CD.

    `starts` has for each Argo CD the folder in the deployment repository with the kustomization that it reads first.
    """
    outcome = Outcome()
    for argo, start in sorted(starts.items()):
        place = _fresh(workspace / argo)
        source = copied(folder, place / "source")
        if not within(source, start, "the start").is_dir():
            raise Refused(f"there is no {start}; expected the Applications of {argo}")
        objects = objects_of(kustomize.render(_fresh(place / "run"), source, start, {}, {}), start)
        own = _address(objects, start)
        repositories = Repositories(place, {own: source}, charts, {(own, ""): source})
        _render(outcome, Renderer(argo, repositories, version), objects)
    return outcome


def _address(objects: Sequence[Object], start: str) -> str:
    """Return the address of the repository: that of the Application which keeps the start itself up to date."""
    roots = [source for one in objects if is_application(one) for source in read(one).sources if source.path == start]
    if len(roots) != 1:
        raise Refused(f"{start} has {len(roots)} Applications with the path {start}; expected one, its own")
    return same(roots[0].repository)


def applications(
    files: Sequence[Path], folders: Mapping[str, Path], workspace: Path, charts: Path | None, version: str, argo: str
) -> Outcome:
    """Render the Applications in some files."""
    outcome = Outcome()
    objects: list[Object] = []
    for file in files:
        try:
            objects += objects_of(file.read_text("utf-8"), str(file))
        except (OSError, UnicodeError) as error:
            raise Refused(f"{file} cannot be read: {error}") from None
    if not any(is_application(one) for one in objects):
        raise Refused(f"{', '.join(map(str, files))} has no Application; expected one or more")
    repositories = Repositories(_fresh(workspace / "own"), {same(url): place for url, place in folders.items()}, charts)
    _render(outcome, Renderer(argo, repositories, version), objects)
    return outcome


def _render(outcome: Outcome, renderer: Renderer, objects: Sequence[Object]) -> None:
    outcome.rendered |= renderer.start(objects)
    outcome.projects[renderer.argo] = renderer.projects


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write(rendered: Mapping[str, Rendered], folder: Path) -> None:
    """Write what each Application becomes into a folder that has nothing else afterwards."""
    _fresh(folder)
    for name, each in sorted(rendered.items()):
        argo, _, application = name.partition("/")
        place = folder / argo
        place.mkdir(exist_ok=True)
        if each.objects and each.application is not None:
            (place / f"{application}.yaml").write_text(each.text(), "utf-8")
