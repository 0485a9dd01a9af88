"""Checkout facts: which commit is delivered, and which commits are new with it."""

from ci.stage import Stopped, head, image_names, main, run, setting, write

PREVIOUS = "GIT_PREVIOUS_SUCCESSFUL_COMMIT"  # Jenkins sets it; a commit that stopped is looked at again with the next


def new_commits(commit: str) -> list[str]:
    """Return the commits of the change: those after DELIVERY_BASE, the last success, or origin/main; or all."""
    if run("git", "rev-parse", "--is-shallow-repository").strip() != "false":
        raise Stopped("this checkout is shallow, so commits are missing; expected all: git fetch --unshallow")
    wanted = setting("DELIVERY_BASE", "a commit", setting(PREVIOUS, "a commit", ""))
    try:
        base = run("git", "rev-parse", "--verify", "--quiet", f"{wanted or 'origin/main'}^{{commit}}").strip()
    except Stopped:
        if wanted:
            raise Stopped(
                f"{wanted} is not in this checkout; expected the commit before the change: DELIVERY_BASE"
            ) from None
        base = ""
    if not wanted and base and not run("git", "rev-list", "-n1", f"{base}..{commit}"):
        base = ""  # this is main itself, and nobody says what was looked at before
    commits = run("git", "rev-list", f"{base}..{commit}" if base else commit).split()
    if not commits:
        raise Stopped(f"no commit is new in {commit}; expected a change after {base}")
    return commits


def work() -> str:
    """Write down the facts."""
    commit = head()
    commits = new_commits(commit)
    author, _, subject = run("git", "show", "--no-patch", "--format=%an%n%s", commit).strip().partition("\n")
    write(
        "facts.json", {"commit": commit, "new": commits, "author": author, "subject": subject, "images": image_names()}
    )
    return f"{commit} with {len(commits)} new commits: {subject}"


if __name__ == "__main__":
    main(work)
