"""Dependencies: pip-audit asks a source of known vulnerabilities (OSV) about each package that runs.

Without --strict, and if its source does not answer, pip-audit can end as if all was good; so its whole answer is read.
"""

import json
from pathlib import Path

from ci.stage import ROOT, Failed, Stopped, main, run, setting, tool
from ci.waivers import waived


def findings(answer: str, wanted: set[str]) -> list[tuple[str, set[str]]]:
    """Return each vulnerability in pip-audit's JSON: its package and its numbers; stop if a wanted package is left out.

    A waiver is for one vulnerability, so those of the same package are not put together.
    """
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise Stopped(f"pip-audit gave no list of packages: {answer[-500:] or 'nothing'}") from None
    if skipped := [f"{each['name']} ({each['skip_reason']})" for each in packages if "skip_reason" in each]:
        raise Stopped(f"pip-audit has left out {', '.join(skipped)}; expected every package")
    if missing := sorted(wanted - {each["name"].lower() for each in packages}):
        raise Stopped(f"pip-audit does not speak of {', '.join(missing)}; expected every package of the lock")
    return [
        (f"{each['name']} {each['version']}", {one["id"], *one["aliases"]})
        for each in packages
        for one in each["vulns"]
    ]


def unwaived(found: list[tuple[str, set[str]]], allowed: set[str]) -> list[tuple[str, set[str]]]:
    """Return the vulnerabilities of which no number is waived."""
    return [(name, numbers) for name, numbers in found if not numbers & allowed]


def pinned(lock: Path) -> set[str]:
    """Return the names of the packages in a lock that are installed on every platform, in small letters."""
    lines = [line for line in lock.read_text("utf-8").splitlines() if "==" in line and line[:1].isalnum()]
    return {line.partition("==")[0].lower() for line in lines if ";" not in line}


def work() -> str:
    """Ask about each package."""
    allowed = waived("dependencies")
    lock = ROOT / setting("DELIVERY_LOCK", "a lock file", "requirements-dev.lock")
    if not lock.is_file():
        raise Stopped(f"there is no {lock.name}; expected the lock that is audited")
    url = setting("DELIVERY_OSV_URL", "OSV's query address", "https://api.osv.dev/v1/query")
    options = [
        "--strict",
        "--disable-pip",
        "--require-hashes",
        "--format=json",
        "--progress-spinner=off",
        "--timeout=20",
    ]
    options += ["--vulnerability-service=osv", f"--osv-url={url}", f"--requirement={lock}"]
    program = tool(".venv-ci/bin/pip-audit", ".venv-ci/.installed")
    try:
        answer = run(program, *options)
    except Failed as failed:
        answer = failed.stdout  # it ends with 1 if it found something
        if not answer:
            reason = failed.stderr.strip().splitlines()[-1:]
            raise Stopped(f"the vulnerabilities' source does not answer, so nothing is known: {reason}") from None
    wanted = pinned(lock)
    if left := unwaived(findings(answer, wanted), allowed):
        told = "; ".join(f"{name}: {', '.join(sorted(numbers))}" for name, numbers in left)
        raise Stopped(
            f"packages with known vulnerabilities: {told}; raise their versions, or waive one in ci/waivers.toml"
        )
    return f"no known vulnerability in {len(wanted)} packages"


if __name__ == "__main__":
    main(work)
