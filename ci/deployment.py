"""Commit: writes the digests into the deployment repository, on the branch `candidate`; Argo CD follows `main`.

Each overlay has a folder of its own there, so a delivery to staging changes nothing of prod: staging/overlays/staging.
The manifests come from the commit that is delivered. What belongs to an account stays as the deployment repository
has it: the files ACCOUNTS, the names of registries, and the digests of what is not delivered now. The Applications of
Argo CD come too, in the folder's `argocd` (ci/gitops/layout.py).

The second half of the migrations is delivered only if DELIVERY_CONTRACT says so: until then the version before can come
back.
"""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from ci.gitops import layout
from ci.gitops.objects import Refused
from ci.push import scanned
from ci.sign import check
from ci.stage import FOLDER, ROOT, Stopped, head, main, run, setting, write

ACCOUNTS = ("account.yaml", "controller.env", "database-ca.pem")
OF_ARGOCD = ("account.yaml", "sign-in.yaml")
CONTRACT = "  - ../../components/contract\n"
CLONE = FOLDER / "deployment"
CANDIDATE = "candidate"
Images = dict[str, tuple[str, str]]  # newName and digest of each image of an overlay


def clone(branch: str) -> Path:
    """Bring a branch of the deployment repository here."""
    url = setting("DELIVERY_REPOSITORY", "the address of the deployment repository")
    shutil.rmtree(CLONE, ignore_errors=True)
    try:
        run("git", "clone", "--quiet", "--branch", branch, "--", url, CLONE)
    except Stopped as reason:
        raise Stopped(f"the deployment repository has no branch {branch} that can be read: {reason}") from None
    return CLONE


def overlay() -> str:
    """Return the overlay that is delivered."""
    return setting("DELIVERY_OVERLAY", "an overlay", "staging")


def images_of(text: str) -> Images:
    """Return the images of a kustomization."""
    return {each["name"]: (each["newName"], each["digest"]) for each in yaml.safe_load(text)["images"]}


def with_images(text: str, images: Images) -> str:
    """Return a kustomization with other values of its images; comments stay."""
    for name, (registry, digest) in images.items():
        entry = re.compile(rf"(- name: {re.escape(name)}\n +newName: )\S+(\n +digest: )\S+")
        text, count = entry.subn(rf"\g<1>{registry}\g<2>{digest}", text)
        if count != 1:
            raise Stopped(f"kustomization.yaml names {name} {count} times with newName and digest; expected once")
    return text


def accounts(wanted: str) -> list[Path]:
    """Return the files of an overlay's folder that hold the account's values: a delivery keeps them as they are."""
    argocd = Path("argocd") / "overlays" / wanted
    return [*(Path("overlays") / wanted / name for name in ACCOUNTS), *(argocd / name for name in OF_ARGOCD)]


def lay(commit: str, tree: Path, wanted: str) -> None:
    """Put the manifests of a commit into an overlay's folder; the account's files stay."""
    kept = {name: (tree / name).read_bytes() for name in accounts(wanted)}
    with TemporaryDirectory() as folder:
        checkout = layout.of_commit(ROOT, commit, Path(folder) / "checkout")
        shutil.rmtree(tree)
        layout.lay(checkout, tree, wanted)
    for name, content in kept.items():
        (tree / name).write_bytes(content)


def with_contract(text: str) -> str:
    """Return a kustomization with or without the second half of the migrations, as DELIVERY_CONTRACT says."""
    wish = setting("DELIVERY_CONTRACT", "yes or no", "no")
    if wish not in {"yes", "no"}:
        raise Stopped(f"DELIVERY_CONTRACT is {wish}; expected yes or no")
    if text.count(CONTRACT) != 1:
        raise Stopped(f"kustomization.yaml names components/contract {text.count(CONTRACT)} times; expected once")
    return text if wish == "yes" else text.replace(CONTRACT, "")


def write_digests(commit: str, tree: Path, wanted: str, digests: dict[str, str]) -> list[str]:
    """Change an overlay's folder to what is delivered; return the images that it has."""
    file = tree / "overlays" / wanted / "kustomization.yaml"
    if missing := [name for name in (file.relative_to(tree), *accounts(wanted)) if not (tree / name).is_file()]:
        raise Stopped(f"the deployment repository has no {wanted}/{missing[0]}; expected your account's")
    images = images_of(file.read_text("utf-8"))
    delivered = [name for name in digests if f"marketday/{name}" in images]
    lay(commit, tree, wanted)
    for name in delivered:
        images[f"marketday/{name}"] = (images[f"marketday/{name}"][0], digests[name])
    file.write_text(with_contract(with_images(file.read_text("utf-8"), images)), "utf-8")
    return delivered


def work() -> str:
    """Commit digests, all of them signed."""
    digests, commit, wanted = scanned(), head(), overlay()
    for name, digest in digests.items():
        check(name, digest)
    try:
        delivered = write_digests(commit, clone("main") / wanted, wanted, digests)
    except Refused as refused:
        raise Stopped(f"the manifests of {commit[:12]} cannot be laid out: {refused}") from None
    run("git", "add", "--all", wanted, cwd=CLONE)
    if run("git", "status", "--porcelain", cwd=CLONE):  # or it is there already, from a run before
        who = ["-c", "user.name=Marketday delivery", "-c", "user.email=delivery@marketday.invalid"]
        body = "\n".join(f"{name} {digests[name]}" for name in delivered)
        run("git", *who, "commit", "--quiet", "-m", f"Deliver {commit[:12]} to {wanted}", "-m", body, cwd=CLONE)
    run("git", "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{CANDIDATE}", cwd=CLONE)
    candidate = run("git", "rev-parse", "HEAD", cwd=CLONE).strip()
    write("candidate.json", {"candidate": candidate, "commit": commit, "overlay": wanted})
    return f"{', '.join(delivered)} of {commit[:12]} as {candidate[:12]} on {CANDIDATE}, for {wanted}"


if __name__ == "__main__":
    main(work)
