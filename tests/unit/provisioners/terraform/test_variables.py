"""Every variable of the stacks `event` and `link` is given by code, handed over by `permanent`, or right by default."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from marketday.environments.model import requested
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import InvalidFacts
from marketday.provisioners.terraform.facts import SANDBOX, Controller, Images, Prod, StackFacts, is_sandbox
from marketday.provisioners.terraform.variables import (
    FEWEST_REQUESTS,
    MOST_WRITES,
    WINDOW_SECONDS,
    choose_network,
    event_variables,
    link_variables,
)
from marketday.testing.definitions import dawn_serum

from .test_provisioner import FACTS

STACKS = Path(__file__).resolve().parents[4] / "infra" / "terraform"
# What every environment has alike: another value is another commit of the stack, which each build clones anew.
LEFT_TO_THE_STACK = {
    "event": {"database_version", "deletion_protection", "log_retention_days"},
    "link": {"replication"},
}
OUTPUTS = {
    "vpc_id": "vpc-event",
    "vpc_cidr": "10.64.0.0/20",
    "database": {"host": "drop-db", "port": 5432, "name": "drop", "secret_arn": "arn:owner"},
    "cache": {"host": "cache", "port": 6379, "security_group_id": "sg-2", "secret_arn": "arn:cache"},
}
ALL = StackFacts.model_validate(
    {
        **FACTS,
        "edge_key_value_store_arn": "arn:store",
        "permissions_boundary_arn": "arn:boundary",
        "other_cidrs": ["192.168.0.0/16"],
        "database_ca_pem": "the certificates",
        "provider_max_retries": 7,
        "recovery": {"region": "ap-northeast-1", "kms_key_arn": "arn:copies"},
    }
)


def given(stack, facts=ALL, **changes):
    drop = dawn_serum().model_copy(update=changes)
    environment = requested(new_id(), drop, drop.schedule())
    if stack == "event":
        return event_variables(environment, facts, choose_network(environment.id, facts, []), 2)
    return link_variables(environment, facts, OUTPUTS, "drop_x", drop.schedule().closes_at + timedelta(hours=1))


@pytest.mark.parametrize("stack", ["event", "link"])
def test_no_variable_of_a_stack_is_lost(stack):
    text = "".join(path.read_text("utf-8") for path in sorted((STACKS / stack).glob("variables*.tf")))
    declared = set(re.findall(r'^variable "(\w+)"', text, re.MULTILINE))
    assert set(given(stack)) == declared - LEFT_TO_THE_STACK[stack]
    assert declared >= LEFT_TO_THE_STACK[stack]


@pytest.mark.parametrize(
    ("a_second", "requests", "writes"),
    [(20, 6000, 5000), (1.1, 330, 330), (0.1, 100, 100), (100_000, 30_000_000, 5000)],
)
def test_what_one_address_may_send_is_what_the_drop_says(a_second, requests, writes):
    limits = dawn_serum().rate_limits.model_copy(update={"requests_per_second": a_second})
    assert given("event", rate_limits=limits)["rate_limits"] == {"requests": requests, "writes": writes}


def test_the_firewall_counts_as_long_and_lets_write_as_much_as_is_said_here():
    firewall = (STACKS / "modules" / "load_balancer" / "firewall.tf").read_text("utf-8")
    assert f"evaluation_window_sec = {WINDOW_SECONDS}\n" in firewall
    [variable] = re.findall(
        r'^variable "rate_limits" \{.+?^\}',
        (STACKS / "event" / "variables_sizes.tf").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert f"writes = {MOST_WRITES} }}" in variable
    assert f"var.rate_limits.writes >= {FEWEST_REQUESTS} " in variable


def test_a_drop_for_other_regions_is_not_built_in_this_one():
    with pytest.raises(InvalidFacts, match=r"region ap-northeast-2: drop 'dawn-serum' is for us-west-2, eu-west-1"):
        given("event", regions=("us-west-2", "eu-west-1"))
    assert given("event", regions=("us-west-2", "ap-northeast-2"))["region"] == "ap-northeast-2"


def test_permanent_hands_over_exactly_the_facts():
    text = (
        (STACKS / "permanent" / "parameters.tf").read_text("utf-8").partition("  facts = {\n")[2].partition("\n  }")[0]
    )
    assert set(re.findall(r"^    (\w+) +=", text, re.MULTILINE)) == set(StackFacts.model_fields)


def test_a_link_learns_of_the_controllers_place_if_there_is_one():
    assert "controller" not in given("link")["prod"]
    place = {"security_group_id": "sg-3", "subnet_cidrs": ["10.0.216.0/23"], "route_table_ids": ["rtb-3"]}
    facts = StackFacts.model_validate({**FACTS, "prod": {**FACTS["prod"], "controller": place}})
    assert given("link", facts)["prod"]["controller"] == place


def test_prod_tells_exactly_what_a_link_is_told():
    outputs = (STACKS / "prod" / "outputs.tf").read_text("utf-8")
    told = outputs.partition('output "link" {')[2].partition("  value = {\n")[2].partition("\n  }\n")[0]
    assert set(re.findall(r"^    (\w+) +=", told, re.MULTILINE)) == set(Prod.model_fields)
    assert set(re.findall(r"^      (\w+) +=", told, re.MULTILINE)) == set(Controller.model_fields)


@pytest.mark.parametrize("stack", ["event", "link"])
def test_what_the_operator_said_arrives(stack):
    variables = given(stack)
    assert (variables["database_ca_pem"], variables["provider_max_retries"]) == ("the certificates", 7)
    assert variables["permissions_boundary_arn"] == "arn:boundary"
    nothing = given(stack, StackFacts.model_validate(FACTS))
    assert not {"database_ca_pem", "provider_max_retries", "permissions_boundary_arn"} & set(nothing)


def test_a_network_has_the_length_and_the_neighbours_that_the_operator_said():
    facts = StackFacts.model_validate(
        {**FACTS, "pool": "10.0.0.0/14", "prefix": 16, "other_cidrs": ["10.1.0.0/16", "10.2.9.0/24"]}
    )
    variables = given("event", facts)
    assert variables["vpc_cidr"] == "10.3.0.0/16"
    assert variables["other_cidrs"] == ["10.0.0.0/16", "10.1.0.0/16", "10.2.9.0/24"]


def test_a_network_that_the_stack_would_refuse_is_refused_before():
    with pytest.raises(ValidationError, match="prefix"):
        StackFacts.model_validate({**FACTS, "prefix": 23})


@pytest.mark.parametrize(
    ("url", "sandbox"),
    [
        ("https://sandbox.example.com", True),
        ("https://pay.sandbox.example.com:8443/v1", True),
        ("https://pay.example.com", False),
        ("https://pay.example.com/sandbox", False),
        ("https://pay.example.com/?to=sandbox.example.com", False),
        ("https://sandbox.example.com@pay.example.com", False),
        ("https://sandbox.example.com:443@pay.example.com/", False),
        ("https://pay.example.com\\.sandbox.example.com", False),
        ("https://notsandbox.example.com", False),
        ("https://sandbox-not.example.com", False),
        ("http://sandbox.example.com", False),
        ("https://sandbox", False),
        ("", False),
    ],
)
def test_the_address_of_a_gateway_says_whether_it_is_a_sandbox(url, sandbox):
    assert is_sandbox(url) is sandbox


def test_permanent_refuses_the_same_gateways_for_a_site_of_previews():
    variable = (STACKS / "permanent" / "variables_facts.tf").read_text("utf-8").partition('variable "previews"')[2]
    assert f'regex("{SANDBOX.pattern}"'.replace("\\", "\\\\") in variable


@pytest.mark.parametrize(
    "image", ["r.example.com:5000/marketday/gate:1", "r.example.com:5000/marketday/gate@sha256:ab", "gate:1", "gate"]
)
def test_the_images_of_a_commit_are_in_the_same_repositories(image):
    place = image.removesuffix("@sha256:ab").removesuffix(":1")
    images = Images(gate=image, store=image, worker=image, migrate=image)
    assert set(dict(images.of("c0ffee")).values()) == {f"{place}:c0ffee"}
