"""The price table beside AWS's price list. The sample has the format of AWS's offer files, and few products."""

import json
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from marketday.capacity.cost.offer import compare, read_offer
from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.capacity.errors import UnreadableOffer
from marketday.cli.cost import install_cost


def product(sku, usage, family="NAT Gateway", **attributes):
    named = {"servicecode": "AmazonEC2", "location": "Asia Pacific (Seoul)", "locationType": "AWS Region"}
    place = {"regionCode": "ap-northeast-2", "usagetype": usage, "operation": "NatGateway"}
    return {"sku": sku, "productFamily": family, "attributes": {**named, **place, **attributes}}


def term(sku, usd, *, currency="USD", tiers=(("0", "Inf"),)):
    """The term of a SKU, with each tier a little cheaper than the one before."""
    dimensions = {
        f"{sku}.JRTCKXETXF.{number}": {
            "rateCode": f"{sku}.JRTCKXETXF.{number}",
            "description": "$0.059 per NAT Gateway Hour",
            "beginRange": begin,
            "endRange": end,
            "unit": "Hrs",
            "pricePerUnit": {currency: f"{usd / (number + 1):.10f}"},
            "appliesTo": [],
        }
        for number, (begin, end) in enumerate(tiers)
    }
    one = {"offerTermCode": "JRTCKXETXF", "sku": sku, "effectiveDate": "2026-11-01T00:00:00Z"}
    return {f"{sku}.JRTCKXETXF": {**one, "priceDimensions": dimensions, "termAttributes": {}}}


LINUX = {"operatingSystem": "Linux", "preInstalledSw": "NA", "tenancy": "Shared", "operation": "RunInstances"}
EC2 = {
    "formatVersion": "v1.0",
    "disclaimer": "This pricing list is for informational purposes only.",
    "offerCode": "AmazonEC2",
    "version": "20261120231500",
    "publicationDate": "2026-11-20T23:15:00Z",
    "products": {
        "NATHOUR000000001": product("NATHOUR000000001", "APN2-NatGateway-Hours"),
        "NATBYTES00000001": product("NATBYTES00000001", "APN2-NatGateway-Bytes"),
        "DISK000000000001": product("DISK000000000001", "APN2-EBS:VolumeUsage.gp3", "Storage"),
        "SMALL00000000001": product("SMALL00000000001", "APN2-BoxUsage:t4g.small", "Compute Instance", **LINUX),
        "SMALLRHEL0000001": product(
            "SMALLRHEL0000001", "APN2-BoxUsage:t4g.small", "Compute Instance", **LINUX | {"operatingSystem": "RHEL"}
        ),
    },
    "terms": {
        "OnDemand": {
            "NATHOUR000000001": term("NATHOUR000000001", 0.059),
            "NATBYTES00000001": term("NATBYTES00000001", 0.059, tiers=(("0", "10240"), ("10240", "Inf"))),
            "DISK000000000001": term("DISK000000000001", 0.0912),
            "SMALL00000000001": term("SMALL00000000001", 0.0208),
            "SMALLRHEL0000001": term("SMALLRHEL0000001", 0.0496),
        },
        "Reserved": {},
    },
}


@pytest.fixture
def offer(tmp_path):
    """Write the sample, changed at the dotted places that are given; return its file."""

    def write(sample=EC2, **changes):
        content = json.loads(json.dumps(sample))
        for place, value in changes.items():
            *path, last = place.split("__")
            at = content
            for name in path:
                at = at[name]
            if value is None:
                del at[last]
            else:
                at[last] = value
        file = tmp_path / "index.json"
        file.write_text(json.dumps(content))
        return file

    return write


def compared(file):
    return {one.key: one for one in compare(read_prices(usual_table()), read_offer(file))}


def test_a_price_is_found_by_its_usage_type_and_only_the_first_tier_counts(offer):
    found = compared(offer())
    for key in ("nat.hour", "nat.gb", "ebs.gp3", "ec2.t4g.small"):
        assert found[key].same, found[key]
    assert all(key.split(".")[0] in {"nat", "ebs", "ec2"} for key in found)  # the other offers are other files


def test_another_price_is_different_and_not_the_same_by_rounding(offer):
    higher = {"terms__OnDemand__NATHOUR000000001": term("NATHOUR000000001", 0.062)}
    one = compared(offer(**higher))["nat.hour"]
    assert (one.same, one.listed_usd, one.problem) == (False, 0.062, "")
    barely = {"terms__OnDemand__NATHOUR000000001": term("NATHOUR000000001", 0.05901)}
    assert compared(offer(**barely))["nat.hour"].same


LIST = "the list of AmazonEC2 of 2026-11-20"
SEVERAL = "NATHOUR000000001: 0.059, OTHER: 0.1"
PROBLEMS = {
    "an unknown SKU": (
        {"products__NATHOUR000000001": None},
        f"{LIST} has no SKU with the usage type APN2-NatGateway-Hours",
    ),
    "a missing price": (
        {"terms__OnDemand__NATHOUR000000001": None},
        f"{LIST} has no on-demand price for its SKU NATHOUR000000001",
    ),
    "another currency": (
        {"terms__OnDemand__NATHOUR000000001": term("NATHOUR000000001", 0.4, currency="CNY")},
        f"{LIST} has its SKU NATHOUR000000001 in CNY; expected USD",
    ),
    "two prices": (
        {
            "products__OTHER": product("OTHER", "APN2-NatGateway-Hours"),
            "terms__OnDemand__OTHER": term("OTHER", 0.1),
        },
        f"{LIST} has several SKUs with APN2-NatGateway-Hours ({SEVERAL}); name one by `where`",
    ),
}


@pytest.mark.parametrize("what", PROBLEMS)
def test_what_cannot_be_compared_is_one_sentence(offer, what):
    changes, sentence = PROBLEMS[what]
    found = compared(offer(**changes))
    assert (found["nat.hour"].problem, found["nat.hour"].same) == (sentence, False)
    assert found["nat.gb"].same


def test_a_price_for_many_units_is_compared_for_as_many(offer, tmp_path):
    usage = {"usagetype": "APN2-Request"}
    functions = {
        **EC2,
        "offerCode": "AWSLambda",
        "products": {"CALLS": {"sku": "CALLS", "productFamily": "Serverless", "attributes": usage}},
        "terms": {"OnDemand": {"CALLS": term("CALLS", 0.0000002)}},
    }
    assert compared(offer(functions))["lambda.requests"].listed_usd == pytest.approx(0.2)


@pytest.mark.parametrize("text", ["{}", "[]", '{"offerCode": "AmazonEC2"}', "no JSON"])
def test_a_file_that_is_no_offer_is_refused_with_what_is_expected(tmp_path, text):
    file = tmp_path / "index.json"
    file.write_text(text)
    with pytest.raises(UnreadableOffer, match="expected"):
        read_offer(file)


@pytest.fixture
def check():
    app = typer.Typer()
    install_cost(app)
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_shows_each_price_and_ends_with_an_error_if_one_is_not_right(check, offer, tmp_path):
    shown = check("--check", offer())
    assert "nat.hour: 0.059 per hour, as in the list" in shown.output
    assert "ec2.t3.micro: the list of AmazonEC2 of 2026-11-20 has no SKU with the usage type" in shown.output
    assert shown.exit_code == 1
    few = tmp_path / "prices.toml"
    few.write_text(
        'region = "ap-northeast-2"\ncurrency = "USD"\ndated = 2026-11-26\nsource = "s"\n'
        '[prices]\n"nat.hour" = { usd = 0.059, per = "hour", from = "memory" }\n'
        '[list]\n"nat.hour" = { offer = "AmazonEC2", usage = "APN2-NatGateway-Hours" }\n'
    )
    right = check("--check", offer(), "--prices", few)
    assert (right.exit_code, right.output.splitlines()[-1].split(": ")[1][:10]) == (0, "1 the same")
    other = check("--check", offer(offerCode="AmazonGlacier"))
    assert other.exit_code != 0
    assert "the table has no price of AmazonGlacier; expected one of AWSDatabaseMigrationSvc" in other.output
    assert "DROP: missing" in check().output


def test_each_line_of_the_list_is_for_a_price(offer):
    table = read_prices(usual_table())
    listed = {key for key, price in table.prices.items() if price.listed}
    assert {
        "rds.multi.db.m7g.large",
        "rds.multi.gp3",
        "dms.dms.r6i.large",
        "elasticache.valkey.cache.t4g.small",
    } <= listed
    assert table.prices["rds.multi.db.m7g.large"].listed.usage == "APN2-Multi-AZUsage:db.m7g.large"
    assert table.prices["rds.multi.gp3"].listed.usage == "APN2-RDS:Multi-AZ-GP3-Storage"
    assert not any(".spot." in key for key in listed)
    assert replace(table.prices["nat.hour"], listed=None) != table.prices["nat.hour"]
