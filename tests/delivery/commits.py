"""The commits that a gate must stop: what each changes, and which stage stops it with which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bad:
    """A change, the stage that must stop it, and what the stage says."""

    stage: str
    says: str
    files: Mapping[str, Callable[[str], str]]  # path, and the new text made of the old one
    settings: Mapping[str, str] = field(default_factory=dict)


# Put together here, so that this file does not have the secret itself.
KEY_ID = "AKIA" + "QYLPMN5HFIQR7XYA"
PRIVATE = "-----BEGIN EC " + "PRIVATE KEY-----\nMHcCAQEEIOKL\n-----END EC " + "PRIVATE KEY-----\n"

FAILING = """
def test_that_fails():
    assert 1 + 1 == 3, "a test that a gate must stop"
"""
SMELL = """

def price_of(a, b, c, d, e, f, g, h):
    try:
        unused = eval(a)
    except Exception:
        pass
"""
VULNERABLE = """jinja2==3.1.0 \\
    --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000
"""
ENDED = """
[[waiver]]
gate = "scan"
id = "CVE-2026-1"
reason = "never called"
owner = "kim@example.com"
ends = 2026-01-01
"""

BAD = {
    "a key of AWS": Bad(
        "ci/02-secrets",
        "a secret is in the change",
        {"src/marketday/apps/mall.py": lambda text: f'{text}\nKEY = "{KEY_ID}"\n'},
    ),
    "a private key": Bad("ci/02-secrets", "deploy.pem:Private Key", {"infra/deploy.pem": lambda _: PRIVATE}),
    "a smell": Bad("ci/03-lint", "S307", {"src/marketday/apps/mall.py": lambda text: text + SMELL}),
    "a failing test": Bad(
        "ci/04-test",
        "test_ids_of_a_fixture.py::test_that_fails",
        {"tests/unit/kit/test_ids_of_a_fixture.py": lambda _: FAILING},
    ),
    "a vulnerable dependency": Bad(
        "ci/06-dependencies",
        "jinja2 3.1.0: ",
        {"vulnerable.lock": lambda _: VULNERABLE},
        {"DELIVERY_LOCK": "vulnerable.lock"},
    ),
    "an image that root runs": Bad(
        "ci/07-build",
        "Last USER should not be root",
        {"images/Containerfile": lambda text: text.replace("USER 10001:10001", "USER root")},
    ),
    "an image that breaks a rule": Bad(
        "ci/07-build",
        "DL3007",
        {"images/Containerfile": lambda text: text.replace("FROM ${BASE} AS base", "FROM debian:latest AS base")},
    ),
    "a waiver that has ended": Bad(
        "ci/06-dependencies",
        "ended on 2026-01-01",
        {"ci/waivers.toml": lambda text: text + ENDED},
    ),
}
