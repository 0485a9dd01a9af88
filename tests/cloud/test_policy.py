"""What goes with `make lint`, which lets checkov and cfn-lint read infra/: each waiver has its reason."""

import re

from .terraform import ROOT

INFRA = ROOT / "infra"
WAIVER = re.compile(r"checkov:skip=(?P<check>\w+)(?::(?P<reason>.*))?")
FEWEST_WORDS = 3


def test_every_waiver_gives_its_reason():
    waivers = [
        (path.relative_to(ROOT), match["check"], match["reason"] or "")
        for path in INFRA.rglob("*")
        if path.suffix in {".tf", ".hcl", ".yaml"}
        for match in WAIVER.finditer(path.read_text("utf-8"))
    ]
    assert [waiver for waiver in waivers if len(waiver[2].split()) < FEWEST_WORDS] == []


def test_lint_reads_a_template_for_recovery():
    assert list((INFRA / "cloudformation").glob("*.yaml"))
