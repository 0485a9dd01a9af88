"""Release: `main` of the deployment repository becomes the candidate that was checked; Argo CD brings it in."""

from ci.deployment import CANDIDATE, clone
from ci.freeze import refuse_while_open
from ci.stage import FOLDER, Stopped, head, main, read, run, write

PUSH_SECONDS = 120


def work() -> str:
    """Move main forward, and only forward."""
    told = read(FOLDER / "rendered.json", "ci/13-render")
    if told["commit"] != head():
        raise Stopped(f"{told['commit']} was rendered; expected {head()}: run ci/12-commit and ci/13-render")
    clone_ = clone(CANDIDATE)
    candidate = told["candidate"]
    although = refuse_while_open()  # last, and what comes after it has little time: a drop may come near meanwhile
    try:
        run("git", "push", "--quiet", "origin", f"{candidate}:refs/heads/main", cwd=clone_, seconds=PUSH_SECONDS)
    except Stopped as refused:
        raise Stopped(
            f"main of the deployment repository cannot move to {candidate}; repeat from ci/12-commit: {refused}"
        ) from None
    write("released.json", told | {"although": although})
    return f"main is {candidate[:12]}, for {told['overlay']}" + (f", {although}" if although else "")


if __name__ == "__main__":
    main(work)
