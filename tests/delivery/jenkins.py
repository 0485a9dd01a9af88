"""The stages of the Jenkinsfile, read as text: no Jenkins can be had here."""

import re
from pathlib import Path

JENKINSFILE = Path(__file__).resolve().parents[2] / "infra" / "jenkins" / "Jenkinsfile"
STAGE = re.compile(r"stage\('(\w+)'\)\s*\{(.*?)(?=\bstage\('|\bpost \{)", re.DOTALL)


def stages() -> list[tuple[str, str, str]]:
    """Name, command and condition of each stage, in the order in which Jenkins runs them."""
    found = []
    for name, body in STAGE.findall(JENKINSFILE.read_text("utf-8")):
        (command,) = re.findall(r"\bsh '([^']*)'", body)
        when = re.findall(r"when \{ (.*?) \}", body)
        found.append((name, command, when[0] if when else ""))
    return found
