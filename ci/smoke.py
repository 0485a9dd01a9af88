"""Smoke: waits until the cluster runs the digests that were released, and asks the mall for its pages.

It asks all the time: the errors of these requests count for the canary too, which knows nothing without requests.
"""

import json
import time
import urllib.request

from ci.push import scanned
from ci.stage import UNANSWERED, Stopped, main, run, setting

WORKLOADS = {"mall": "rollouts.argoproj.io", "console": "deployment", "controller": "deployment"}
PATHS = ("/readyz", "/")
PAUSE_SECONDS = 5.0
ANSWER_SECONDS = 20


def running(name: str, digest: str) -> str:
    """Return what a workload still waits for; nothing if all its pods are of this digest and ready.

    A canary that was stopped never gets there, so that stops the stage at once.
    """
    kubectl = setting("DELIVERY_KUBECTL", "a program", "kubectl")
    found = json.loads(run(kubectl, "-n", "marketday", "get", WORKLOADS[name], name, "-o", "json", seconds=60))
    images = [each["image"] for each in found["spec"]["template"]["spec"]["containers"]]
    if not all(image.endswith(f"@{digest}") for image in images):
        return f"{name} is {', '.join(images)}; expected {digest}"
    status, wanted = found.get("status", {}), found["spec"].get("replicas", 1)
    if int(status.get("observedGeneration") or 0) < found["metadata"].get("generation", 0):
        return f"{name} is not looked at yet"
    if found["kind"] == "Rollout":
        if status.get("abort") or status.get("phase") == "Degraded":
            raise Stopped(
                f"{name} was stopped, and the version before serves: {status.get('message', 'no reason is told')}"
            )
        if status.get("phase") != "Healthy" or status.get("stableRS") != status.get("currentPodHash"):
            return f"{name} is {status.get('phase', 'nothing')}: {status.get('message', 'no message')}"
    ready = status.get("updatedReplicas") == status.get("readyReplicas") == status.get("replicas")
    if not ready or status.get("readyReplicas", 0) < wanted:
        return f"{name} has {status.get('readyReplicas', 0)} of {wanted} pods ready"
    return ""


def answers(url: str) -> str:
    """Return what is wrong with the answer of an address."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:  # noqa: S310 - looked at by work
            return "" if answer.status == 200 and answer.read() else f"{url} answers {answer.status} with nothing"  # noqa: PLR2004
    except (*UNANSWERED, ValueError) as error:
        return f"{url} does not answer: {error}"


def work() -> str:
    """Wait for the pods, then for the pages."""
    digests = scanned()
    url = setting("DELIVERY_SMOKE_URL", "the mall's address").rstrip("/")
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise Stopped(f"DELIVERY_SMOKE_URL is {url}; expected an address that begins with https://")
    names = [name for name in WORKLOADS if name in digests]
    until = time.monotonic() + float(setting("DELIVERY_SMOKE_SECONDS", "seconds", "2700"))
    while True:
        wrong = [what for name in names if (what := running(name, digests[name]))]
        wrong += [what for path in PATHS if (what := answers(url + path))]
        if not wrong:
            return f"{', '.join(names) or 'no deployment'} as released, and {url} answers"
        if time.monotonic() > until:
            raise Stopped(f"it does not run as released: {'; '.join(wrong)}; what to do: docs/gitops.md")
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(work)
