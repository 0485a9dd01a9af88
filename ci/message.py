"""Message: tells Slack that the delivery came to its end, or, with any argument, that it stopped."""

import json
import sys
import urllib.request

from ci.stage import FOLDER, UNANSWERED, Stopped, main, read, run, setting

ANSWER_SECONDS = 20


def work() -> str:
    """Send one line."""
    commit = run("git", "rev-parse", "HEAD").strip()
    link = setting(
        "DELIVERY_RUN_URL", "address of this run", setting("BUILD_URL", "Jenkins' own", "no address of the run")
    )
    if sys.argv[1:]:
        text = f":x: The delivery of {commit[:12]} stopped: {link}"
    else:
        pushed = read(FOLDER / "pushed.json", "ci/10-push")
        although = read(FOLDER / "released.json", "ci/14-release")["although"]  # a drop is open, and why nonetheless
        text = f":white_check_mark: {commit[:12]} runs, {len(pushed)} images{', ' * bool(although)}{although}: {link}"
    hook = setting("DELIVERY_SLACK_WEBHOOK", "the address of an incoming webhook of Slack")
    if not hook.startswith(("https://", "http://127.0.0.1:")):
        raise Stopped("DELIVERY_SLACK_WEBHOOK does not begin with https://; expected an incoming webhook of Slack")
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(hook, body, {"Content-Type": "application/json"})  # noqa: S310 - looked at above
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            answer.read()
    except UNANSWERED as error:
        raise Stopped(f"Slack did not take the message: {error}; nobody was told: {text}") from None
    return text


if __name__ == "__main__":
    main(work)
