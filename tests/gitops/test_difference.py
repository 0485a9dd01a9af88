"""What a reviewer sees: each object that differs, no secret, and text that stays text."""

import base64
import copy

from ci.gitops.difference import changes, fenced, plain, report
from ci.gitops.objects import dump, shown
from ci.gitops.verdict import Finding

from .repository import CONFIG, WEB, application

OLD, NEW = "hush-of-yesterday", "hush-of-today"
HOOK = "https://hooks.slack.com/services/" + "T0/B0/x"


def secret(value):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"copy": value}},
        "data": {"a": base64.b64encode(value.encode()).decode(), "same": "c2FtZQ=="},
        "stringData": {"b": value},
    }


def hidden_everywhere(text):
    encoded = [base64.b64encode(value.encode()).decode() for value in (OLD, NEW)]
    return [value for value in (OLD, NEW, HOOK, "c2FtZQ==", *encoded) if value in text] == []


def test_a_secret_says_that_it_differs_and_not_by_what(own):
    before, after = (own({"plain/a.yaml": secret(value)}, {"path": "plain"}) for value in (OLD, NEW))
    text = report(before, after, [], "main")
    assert hidden_everywhere(text)
    assert text.count("(hidden, and it differs)") == 3
    assert "**changed** Secret/s in shop" in text
    assert hidden_everywhere(after["own/shop"].text())
    gone = report(before, {}, [], "main")
    assert hidden_everywhere(gone)
    assert "| own/shop | gone |" in gone


def test_a_secret_in_other_places_is_hidden_too(own):
    parameters = [{"name": "db.password", "value": OLD}, {"name": "colour", "value": "blue"}]
    helm = {"parameters": parameters, "values": f"colour: blue\ntoken: {NEW}\n"}
    child = application({"path": "chart", "helm": helm}, name="child")
    settings = CONFIG | {
        "data": {"HOOK": HOOK, "ADMIN_PASSWORD": OLD, "TOKEN_FILE": "/run/token", "config": f"key: 1\npassword = {OLD}"}
    }
    web = copy.deepcopy(WEB)
    web["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "API_KEY", "value": NEW}]
    files = {"apps/a.yaml": child, "apps/b.yaml": settings, "apps/c.yaml": web}
    after = own(files, {"path": "apps"})
    text = report({}, after, [], "main")
    assert hidden_everywhere(text)
    assert hidden_everywhere(after["own/shop"].text())
    assert "value: blue" in text
    assert "colour: blue" in text
    assert "/run/token" in text


def test_an_object_that_is_no_secret_is_written_as_it_is():
    node = {"apiVersion": "a/v1", "kind": "Node", "metadata": {"name": "x"}, "spec": {"httpTokens": "required"}}
    assert shown(node) == node
    by_name = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x"},
        "data": {"slack": "token: $slack-token\n"},
    }
    assert shown(by_name) == by_name


def test_only_what_differs_is_shown_in_a_fixed_order(own):
    files = {"plain/a.yaml": CONFIG, "plain/b.yaml": WEB}
    before = own(files, {"path": "plain"})
    changed = copy.deepcopy(WEB)
    changed["spec"]["replicas"] = 2
    third = CONFIG | {"metadata": {"name": "third"}}
    after = own(files | {"plain/a.yaml": third, "plain/b.yaml": changed}, {"path": "plain"})
    found = [(each.what, each.key[1], each.key[3]) for each in changes(before, after)]
    assert found == [
        ("removed", "ConfigMap", "settings"),
        ("added", "ConfigMap", "third"),
        ("changed", "Deployment", "web"),
    ]
    text = report(before, after, [], "main")
    assert "-  replicas: 1\n+  replicas: 2" in text
    assert "| own/shop | 2 | 1 | 1 | 1 |" in text
    assert report(after, after, [], "main").rstrip().endswith("Nothing.")


def test_text_cannot_end_its_block_or_become_markup():
    assert fenced("a\n```\n<img>\n````\n").startswith("`````")
    assert plain("a|b\n# <b>`x`") == r"a\|b \# \<b\>\`x\`"
    text = report(None, {}, [Finding("own/x", "rule", "</details>\n# Approved")])
    assert "\n# Approved" not in text


def test_yaml_is_written_so_that_nobody_reads_something_else():
    values = ["1e3", "0440", "on", "1:30", "2026-11-29", "true", "null", "0x1f", "~", "1_000", ".5"]
    text = dump({"a": values})
    assert text.count("'") == 2 * len(values)
