"""Each object fits the schema of its kind and our policies, and each rule refuses a tree with one thing broken."""

import os
import re

import pytest

from marketday.telemetry.metrics import IN_FLIGHT

from .breaks import BREAKS, SCALER
from .manifests import HERE, changed, check, find, render


@pytest.fixture(scope="module")
def findings(trees, prod):
    """What is found in the overlays, in the component of the metric, and in each broken tree."""
    broken = {f"{number}": changed(prod, *changes) for number, (_, _, changes) in enumerate(BREAKS)}
    return check({**trees, **broken})


@pytest.mark.parametrize("overlay", ["prod", "staging"])
def test_an_overlay_is_as_schemas_and_policies_want_it(findings, overlay):
    assert findings[overlay] == []


@pytest.mark.parametrize("number", range(len(BREAKS)), ids=lambda number: f"{BREAKS[number][0]}-{number}")
def test_what_is_broken_is_refused_by_its_own_policy_alone(findings, number):
    policy, told, _ = BREAKS[number]
    found = findings[f"{number}"]
    assert {rule for rule, _ in found} == {policy}, found
    assert any(told in what for _, what in found), found


def test_every_rule_of_every_policy_is_broken_once():
    rules = {
        file.stem: len(re.findall(r"^deny contains", file.read_text("utf-8"), re.MULTILINE))
        for file in (HERE / "policies").glob("*.rego")
    }
    assert len(rules) > 10
    told = {policy: {reason for name, reason, _ in BREAKS if name == policy} for policy in rules}
    assert {policy: count for policy, count in rules.items() if len(told[policy]) < count} == {}


def test_the_metric_of_requests_is_added_by_a_component(prod, tmp_path):
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    place = os.path.relpath(HERE, overlay)
    (overlay / "kustomization.yaml").write_text(
        f"resources: [{place}/overlays/prod]\ncomponents: [{place}/components/requests-in-flight]\n", "utf-8"
    )
    with_metric = render(overlay)
    assert check({"it": with_metric})["it"] == []
    before, after = (find(tree, SCALER)["spec"] for tree in (prod, with_metric))
    assert (before["minReplicas"], before["maxReplicas"]) == (2, 10)
    assert [one["resource"]["target"]["averageUtilization"] for one in before["metrics"]] == [60]
    assert after["metrics"][0] == before["metrics"][0]
    assert after["metrics"][1]["pods"]["metric"]["name"] == IN_FLIGHT._name
