import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from marketday.capacity.cost.plan import to_json
from marketday.capacity.cost.reference import reference
from marketday.cli.cost import install_cost
from marketday.testing.definitions import DAWN_SERUM

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "drops").glob("*.toml"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    app = typer.Typer()
    install_cost(app)
    file = tmp_path / "drop.toml"

    def invoke(*arguments, text=DAWN_SERUM):
        file.write_text(text, "utf-8")
        return CliRunner().invoke(app, [str(file), *map(str, arguments)])

    return invoke


def write(file, content):
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def told(run, *arguments, **options):
    result = run(*arguments, "--json", **options)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_it_shows_each_resource_the_sums_and_what_was_not_checked(run):
    result = run()
    assert result.exit_code == 0, result.output
    for part in (
        "event stack 26.5 h, link 2 h, 12 drops",
        "aws_db_instance",
        "aws_dms_replication_instance",
        "Saved: 7",
    ):
        assert part in result.output
    assert "not checked against the list" in result.output
    assert "not priced" not in result.output


def test_the_json_adds_up(run):
    bill = told(run)
    for name in ("per_drop_usd", "per_year_usd", "always_on_usd"):
        assert sum(one[name] for one in bill["resources"]) == pytest.approx(bill[name], abs=0.02)
    assert bill["saving"] == pytest.approx(1 - bill["per_year_usd"] / bill["always_on_usd"], abs=1e-3)
    assert bill["saving_by_hour"] == pytest.approx(1 - 26.5 * 12 / 8766, abs=1e-4)
    assert bill["not_priced"] == []
    assert {one["stack"] for one in bill["resources"]} == {"permanent", "event", "link", "prod"}


def test_the_link_stands_for_the_hand_over_each_window_of_the_day_and_a_last_one(run):
    assert told(run)["hours"]["link"] == 2
    longer = DAWN_SERUM.replace("T21:00:00", "T23:30:00")
    assert told(run, text=longer)["hours"]["link"] == 5


def test_what_the_prod_plane_keeps_for_drops_is_paid_all_year_and_saves_nothing(run):
    bill = told(run)
    prod = [one for one in bill["resources"] if one["stack"] == "prod"]
    endpoint = next(one for one in prod if one["type"] == "aws_vpc_endpoint")
    assert endpoint["per_year_usd"] == pytest.approx(342, abs=0.5)  # 228 in two zones
    assert {one["always_on_usd"] for one in prod} == {0}
    assert bill["saving_by_hour"] - bill["saving"] > 0.15
    one_a_week = told(run, "--drops", "52")
    assert one_a_week["permanent_usd"] == pytest.approx(bill["permanent_usd"], abs=0.01)
    own = told(run, "--own-cluster")
    assert own["per_year_usd"] - bill["per_year_usd"] > 876  # its control plane alone
    assert own["always_on_usd"] == pytest.approx(bill["always_on_usd"], abs=0.02)


def test_prices_of_another_region_give_a_warning(run):
    assert "these prices are for" not in run().output
    elsewhere = run(text=DAWN_SERUM.replace("ap-northeast-2", "us-west-2"))
    assert "The drop is in us-west-2, but these prices are for ap-northeast-2" in elsewhere.output


def test_fewer_drops_cost_less_and_save_more(run):
    few, many = told(run, "--drops", "4"), told(run, "--drops", "24")
    assert few["per_year_usd"] < many["per_year_usd"]
    assert few["saving"] > many["saving"]


def test_more_people_never_cost_less(run):
    crowds = [told(run, text=f"{DAWN_SERUM}[drop.forecast]\npeople = {people}\n") for people in (100, 50_000, 900_000)]
    assert [bill["per_drop_usd"] for bill in crowds] == sorted(bill["per_drop_usd"] for bill in crowds)


def test_a_plan_takes_the_place_of_the_reference(run, tmp_path):
    values = {"tags_all": {"marketday:stack": "event"}}
    rows = [
        {"address": f"{type_}.this", "type": type_, "mode": "managed", "values": values}
        for type_ in ("aws_nat_gateway", "aws_subnet", "aws_quantum_computer")
    ]
    plan = write(tmp_path / "plan.json", {"planned_values": {"root_module": {"resources": rows}}})
    bill = told(run, "--plan", plan)
    assert [one["type"] for one in bill["resources"] if one["stack"] != "prod"] == ["aws_nat_gateway"]
    assert bill["not_priced"] == [{"type": "aws_quantum_computer", "address": "aws_quantum_computer.this"}]
    output = run("--plan", plan).output
    assert "not priced: aws_quantum_computer" in output
    assert "One drop: at least $" in output


def test_a_plan_for_another_region_is_refused(run, tmp_path):
    plan = {"variables": {"region": {"value": "us-west-2"}}, "planned_values": {"root_module": {"resources": []}}}
    refused = run("--plan", write(tmp_path / "plan.json", plan))
    assert refused.exit_code == 1
    assert "it is for us-west-2; expected ap-northeast-2, the region of the prices" in refused.output


def test_a_run_is_priced_by_what_really_existed(run, tmp_path):
    event = to_json(one for one in reference() if one.stack == "event")
    stay = {"stack": "event", "existed_from": "2026-12-09T13:00:00Z", "resources": event}
    bills = [
        told(
            run,
            "--ran",
            write(tmp_path / "run.json", {"stacks": [{**stay, "existed_until": f"2026-12-10T{hour}:00:00Z"}]}),
        )
        for hour in ("13", "15", "18")
    ]
    assert [bill["hours"]["event"] for bill in bills] == [24, 26, 29]
    assert [bill["per_drop_usd"] for bill in bills] == sorted({bill["per_drop_usd"] for bill in bills})
    assert {one["stack"] for one in bills[0]["resources"]} == {"event", "permanent", "prod"}  # what stays existed too


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_draws_a_picture(run, tmp_path, lang):
    picture = tmp_path / "cost.svg"
    assert run("--picture", picture, "--lang", lang).exit_code == 0
    assert f'lang="{lang}"' in picture.read_text("utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_has_a_price_for_everything(run, example):
    assert told(run, text=example.read_text("utf-8"))["not_priced"] == []


@pytest.mark.parametrize(
    ("option", "content", "words"),
    [
        ("--plan", "no json", "This is not a Terraform plan in JSON"),
        ("--plan", {"planned_values": {"root_module": {}}}, "the tag marketday:stack"),
        ("--ran", {"stacks": [{"stack": "moon"}]}, "stack = 'moon'"),
        ("--prices", "[prices]\n", "region = None, dated = None, source = None; expected"),
    ],
)
def test_bad_input_is_told_with_its_file_and_status_1(run, tmp_path, option, content, words):
    result = run(option, write(tmp_path / "input", content))
    assert result.exit_code == 1
    assert words in result.output
    assert str(tmp_path / "input") in result.output


def test_a_price_that_is_missing_is_told_and_never_zero(run, tmp_path):
    prices = 'region = "r"\ncurrency = "USD"\ndated = 2026-01-02\nsource = "s"\n[prices]\n'
    file = write(tmp_path / "prices.toml", prices + 'a = { usd = 1, per = "hour", from = "memory" }\n')
    result = run("--prices", file)
    assert result.exit_code == 1
    assert "The price table has no price for a charge" in result.output
    assert "aws_" in result.output


def test_a_plan_and_a_run_are_one_too_many(run, tmp_path):
    file = write(tmp_path / "x.json", {})
    result = run("--plan", file, "--ran", file)
    assert result.exit_code == 1
    assert "expected one of them" in result.output


def test_a_chart_that_cannot_be_written_is_reported(run, tmp_path):
    result = run("--picture", tmp_path / "none" / "cost.svg")
    assert result.exit_code == 1
    assert "expected a file that this account can write" in result.output


def test_a_negative_forecast_is_a_mistake_of_the_definition(run):
    result = run(text=f"{DAWN_SERUM}[drop.forecast]\npeople = -4\n")
    assert result.exit_code == 1
    assert "drop.forecast.people" in result.output


def test_a_drop_that_is_too_large_is_reported(run):
    result = run(text=DAWN_SERUM.replace("admissions_per_second = 20", "admissions_per_second = 90000"))
    assert result.exit_code == 1
    assert "918 tasks; expected at most 1,000" in result.output
