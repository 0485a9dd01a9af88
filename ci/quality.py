"""Quality: SonarQube's scanner reports the code and its coverage, and its server's quality gate is waited for.

The scanner is `sonar-scanner` on the path; it reads SONAR_HOST_URL and SONAR_TOKEN, and leaves the number of the
server's task in .scannerwork/report-task.txt. The server's web API says how that ended (api/ce/task,
api/qualitygates/project_status).
"""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from ci.stage import ROOT, UNANSWERED, Stopped, main, run, setting
from ci.waivers import waived

ANSWER_SECONDS = 20
PAUSE_SECONDS = 2.0
TOLD = ROOT / ".scannerwork" / "report-task.txt"


def ask(path: str, **values: str) -> Any:
    """Return what the server's web API answers."""
    host = setting("SONAR_HOST_URL", "the address of SonarQube").rstrip("/")
    if not host.startswith(("https://", "http://127.0.0.1:")):
        raise Stopped(f"SONAR_HOST_URL is {host}; expected an address that begins with https://")
    token = base64.b64encode(f"{setting('SONAR_TOKEN', 'a token of SonarQube')}:".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - looked at above
        f"{host}/{path}?{urllib.parse.urlencode(values)}", headers={"Authorization": f"Basic {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except (*UNANSWERED, ValueError) as error:
        raise Stopped(
            f"SonarQube does not answer {path} at {host}: {error}; without its gate nothing is delivered"
        ) from None


def analysis(task: str, seconds: float) -> str:
    """Wait until the server has read the report; return the number of its analysis."""
    until = time.monotonic() + seconds
    while True:
        found = ask("api/ce/task", id=task).get("task", {})
        status = found.get("status", "nothing")
        if status == "SUCCESS" and found.get("analysisId"):
            return str(found["analysisId"])
        if status not in {"PENDING", "IN_PROGRESS"}:
            raise Stopped(f"SonarQube's task {task} ended with {status}: {found.get('errorMessage', 'no reason')}")
        if time.monotonic() > until:
            raise Stopped(f"SonarQube's task {task} is {status} after {seconds:.0f} seconds; expected SUCCESS")
        time.sleep(PAUSE_SECONDS)


def judge(status: dict[str, Any], allowed: set[str]) -> None:
    """Stop unless the quality gate is OK, or each of its failed conditions is waived."""
    gate = status.get("projectStatus", {})
    failed = {each["metricKey"]: each for each in gate.get("conditions", []) if each.get("status") != "OK"}
    left = {name: each for name, each in failed.items() if name not in allowed}
    if gate.get("status") == "OK" or (gate.get("status") == "ERROR" and failed and not left):
        return
    reasons = [
        f"{name} is {each.get('actualValue')}, limit {each.get('errorThreshold')}" for name, each in left.items()
    ]
    raise Stopped(f"SonarQube's quality gate is {gate.get('status', 'missing')}: {'; '.join(reasons) or 'no reason'}")


def work() -> str:
    """Report the code, and wait for the gate."""
    allowed = waived("quality")
    for name, what in (("SONAR_HOST_URL", "the address of SonarQube"), ("SONAR_TOKEN", "a token of SonarQube")):
        setting(name, what)
    TOLD.unlink(missing_ok=True)  # of an earlier run
    run(setting("DELIVERY_SONAR_SCANNER", "a program", "sonar-scanner"), "-Dproject.settings=ci/sonar.properties")
    try:
        told = dict(line.split("=", 1) for line in TOLD.read_text("utf-8").splitlines() if "=" in line)
        task = told["ceTaskId"]
    except (OSError, KeyError):
        raise Stopped(
            "sonar-scanner left no ceTaskId in .scannerwork/report-task.txt; expected the server's task"
        ) from None
    seconds = float(setting("DELIVERY_QUALITY_SECONDS", "seconds", "600"))
    judge(ask("api/qualitygates/project_status", analysisId=analysis(task, seconds)), allowed)
    return "the quality gate is passed"


if __name__ == "__main__":
    main(work)
