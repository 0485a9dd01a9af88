"""docs/lifecycle.md has every step, state, equation and key of a definition."""

from pathlib import Path

from marketday.drops.definition import DropDefinition, DropProduct, RateLimits, ScheduleOverrides
from marketday.environments.model import State, Step
from marketday.kit.database import load_queries

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "lifecycle.md").read_text("utf-8")


def test_every_step_and_state_is_explained():
    assert [step for step in Step if f"| `{step}` |" not in PAGE] == []
    assert [state for state in State if state not in PAGE] == []


def test_every_equation_is_explained_and_no_other():
    equations = set(load_queries("marketday.handback.postgres", "equations.sql"))
    rows = PAGE.partition("| equation |")[2].partition("\n\n")[0].splitlines()
    explained = {row.split("`")[1] for row in rows if row.startswith("| `")}
    assert explained == equations


def test_every_key_of_a_definition_is_explained():
    tables = {
        "drop": DropDefinition,
        "drop.rate_limits": RateLimits,
        "drop.schedule": ScheduleOverrides,
    }
    keys = {
        f"{table}.{field.alias or name}"
        for table, model in tables.items()
        for name, field in model.model_fields.items()
    } - {"drop.rate_limits", "drop.schedule"}
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()
    assert {name for name in DropProduct.model_fields if f"`{name}`" not in PAGE} == set()
