"""Release: `main` of the deployment repository becomes the candidate that was checked; Argo CD brings it in."""

from ci.deployment import CANDIDATE, clone
from ci.stage import FOLDER, Stopped, head, main, read, run


def work() -> str:
    """Move main forward, and only forward."""
    told = read(FOLDER / "rendered.json", "ci/13-render")
    if told["commit"] != head():
        raise Stopped(f"{told['commit']} was rendered; expected {head()}: run ci/12-commit and ci/13-render")
    clone_ = clone(CANDIDATE)
    candidate = told["candidate"]
    try:
        run("git", "push", "--quiet", "origin", f"{candidate}:refs/heads/main", cwd=clone_)
    except Stopped as refused:
        raise Stopped(
            f"main of the deployment repository cannot move to {candidate}; repeat from ci/12-commit: {refused}"
        ) from None
    return f"main is {candidate[:12]}, for {told['overlay']}"


if __name__ == "__main__":
    main(work)
