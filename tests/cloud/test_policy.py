"""What goes with `make lint`, which lets checkov and cfn-lint read infra/: each waiver has its reason."""

import re

from .terraform import ROOT

INFRA = ROOT / "infra"
WAIVER = re.compile(r"checkov:skip=(?P<check>\w+)(?::(?P<reason>.*))?")
FEWEST_WORDS = 3
KEPT_TAG = re.compile(r'test\s+= "(?P<test>\w+:StringNotEquals\w*)".*\n\s+variable = "aws:TagKeys"')


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


def test_a_tag_that_rights_depend_on_is_kept_in_any_spelling():
    """IAM finds a tag without regard to capitals, but compares the values of aws:TagKeys with regard to them."""
    texts = [path.read_text("utf-8") for path in INFRA.rglob("*.tf")]
    tests = [test for text in texts for test in KEPT_TAG.findall(text)]
    assert len(tests) > 1
    assert set(tests) == {"ForAllValues:StringNotEqualsIgnoreCase"}
