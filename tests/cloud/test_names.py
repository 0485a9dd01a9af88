"""A name that one stack takes, every stack takes; and what the product calls a drop, AWS and the stacks take too."""

import re
from collections.abc import Iterator
from functools import cache
from uuid import UUID

import pytest

from marketday.drops.errors import UnknownDrop
from marketday.drops.requests import check_drop
from marketday.handback.model import Window

from . import stack_variables as given
from .terraform import STACKS

VARIABLE = re.compile(r'^variable "(?P<name>\w+)" \{\n(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL)
CONDITION = re.compile(r"^    condition\s*= (?P<condition>.*?)\n    error_message", re.MULTILINE | re.DOTALL)
MATCHES = re.compile(r'can\(regex\("(?P<pattern>(?:[^"\\]|\\.)*)", var\.\w+\)\)')
LONGEST = re.compile(r"length\(var\.\w+\) <= (?P<longest>\d+)")
UNICODE = ["é", "드롭", "ａ"]


@cache
def conditions(stack: str, variable: str) -> list[str]:
    """Return the conditions of a variable, each on one line; none where the stack has no such variable."""
    written = "\n".join(path.read_text("utf-8") for path in sorted((STACKS / stack).glob("*.tf")))
    return [
        " ".join(each["condition"].split())
        for found in VARIABLE.finditer(written)
        if found["name"] == variable
        for each in CONDITION.finditer(found["body"])
    ]


def takes(stack: str, variable: str, value: str) -> bool:
    """Whether the stack takes a name, by the pattern and the length that its conditions state."""
    stated = " ".join(conditions(stack, variable))
    pattern, longest = MATCHES.search(stated), LONGEST.search(stated)
    assert pattern, f"{stack} has no rule for {variable}"
    expression = pattern["pattern"].replace("\\\\", "\\")
    return bool(re.search(expression, value)) and (longest is None or len(value) <= int(longest["longest"]))


def slugs() -> Iterator[str]:
    yield from ("", "a", "9", "-", "-a", "a-", "a--b", "a-b", "A", "a_b", "a.b", "a b", "a/b", "a\tb", *UNICODE)
    for length in (39, 40, 41, 62, 63, 64):
        yield "a" * length
        yield ("ab-" * length)[: length - 1] + "z"


@pytest.mark.parametrize("variable", ["drop", "environment_id", "expires_at", "hostname", "region", "vpc_cidr"])
def test_every_stack_has_the_same_rule_for_a_variable(variable):
    rules = {stack: found for stack in ("event", "link", "permanent") if (found := conditions(stack, variable))}
    assert len({tuple(each) for each in rules.values()}) == 1, rules


def test_the_pool_of_networks_has_the_same_rule_for_prod_which_lets_its_controller_go_there():
    assert conditions("prod", "event_pool") == conditions("permanent", "event_pool") != []


@pytest.mark.parametrize("slug", list(slugs()), ids=repr)
def test_a_slug_that_the_product_takes_both_stacks_take_and_no_other(slug):
    try:
        check_drop(slug)
        ours = True
    except UnknownDrop:
        ours = False
    assert {stack: takes(stack, "drop", slug) for stack in ("event", "link")} == {"event": ours, "link": ours}


@pytest.mark.parametrize("slug", ["a", "a" * 40, "a-" * 19 + "bc"])
def test_the_longest_drop_has_a_staging_schema_that_the_link_takes(slug):
    assert takes("link", "staging_schema", Window(UUID(given.ENVIRONMENT), slug, "").staging)
    assert not takes("link", "staging_schema", "s" * 64)


@pytest.mark.parametrize("label", [63, 64])
def test_a_host_name_is_as_long_as_dns_allows(label):
    for stack in ("event", "permanent"):
        assert takes(stack, "hostname", f"{'a' * label}.example.com") == (label == 63)
        assert not takes(stack, "hostname", ".".join(["a" * 60] * 5) + ".com")
