"""This repository's manifests in the layout of a deployment repository, one Argo CD for each overlay.

A delivery lays them out in the same way (ci/deployment.py): the folder of an overlay has infra/kubernetes, and in its
folder `argocd` it has infra/argocd.
"""

import shutil
from pathlib import Path

from ci.gitops.objects import Refused
from ci.gitops.programs import git
from ci.gitops.repositories import unpack
from ci.stage import ROOT

MANIFESTS, ARGOCD = "infra/kubernetes", "infra/argocd"
OVERLAYS = ("prod", "staging")


def start_of(overlay: str) -> str:
    """Return the folder of a deployment repository from which an overlay's Argo CD starts."""
    return f"{overlay}/argocd/overlays/{overlay}"


def lay(source: Path, tree: Path, overlay: str) -> None:
    """Lay out what is in `source` (a checkout) as one overlay's folder `tree`."""
    shutil.copytree(source / MANIFESTS, tree, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    if (source / ARGOCD).is_dir():
        shutil.copytree(source / ARGOCD, tree / "argocd", symlinks=True)
    for overlays in (tree / "overlays", tree / "argocd" / "overlays"):
        for other in overlays.iterdir() if overlays.is_dir() else ():
            if other.name != overlay:
                shutil.rmtree(other)


def of_here(to: Path, commit: str | None = None) -> Path:
    """Return a folder like a deployment repository, made of the files here, or of a commit."""
    source = ROOT
    if commit is not None:
        source = to.with_name(f"{to.name}-checkout")
        unpack(git(ROOT, "archive", _commit(ROOT, commit), "infra"), source, f"the commit {commit}")
    for overlay in OVERLAYS:
        lay(source, to / overlay, overlay)
    return to


def of_commit(folder: Path, commit: str, to: Path) -> Path:
    """Return the files of a commit of a repository."""
    unpack(git(folder, "archive", _commit(folder, commit)), to, f"the commit {commit}")
    return to


def _commit(folder: Path, name: str) -> str:
    try:
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return git(folder, *asked).decode().strip()
    except Refused:
        raise Refused(f"{name} is no commit of {folder.name}; expected a commit, a branch or a tag") from None
