"""What DMS says of its tables, look by look."""

import json
from dataclasses import dataclass
from typing import Any

VALIDATED = "Validated"
TABLE_ERROR = "Table error"
HALF_LOADED, LOADED = 2, 3  # by the look; from the next one on everything is validated


@dataclass(frozen=True)
class TableScript:
    """How a table ends: its rows, its validation state, how many rows failed, and what was changed while it ran."""

    rows: int = 100
    outcome: str = VALIDATED
    failed: int = 0
    inserts: int = 0
    updates: int = 0
    deletes: int = 0


def tables_of(mappings: str) -> dict[str, TableScript]:
    """Return the tables that a task's mappings include by name; for a pattern the name is its own."""
    rules = [rule for rule in json.loads(mappings)["rules"] if rule["rule-type"] == "selection"]
    included = [rule["object-locator"] for rule in rules if rule.get("rule-action") in {"include", "explicit"}]
    return {f"{place['schema-name']}.{place['table-name']}": TableScript() for place in included}


def at_look(look: int, name: str, table: TableScript) -> dict[str, Any]:
    """Return the statistics of a table as the look of this number (from 1) finds them."""
    schema, _, short = name.rpartition(".")
    done, broken = look > LOADED, table.outcome == TABLE_ERROR
    loaded = table.rows if look >= LOADED else table.rows // 2 if look == HALF_LOADED else 0
    state = "Table completed" if look >= LOADED else "Full load" if look == HALF_LOADED else "Before load"
    return {
        "SchemaName": schema,
        "TableName": short,
        "FullLoadRows": loaded,
        "FullLoadErrorRows": 0,
        "Inserts": table.inserts if done else 0,
        "Updates": table.updates if done else 0,
        "Deletes": table.deletes if done else 0,
        "Ddls": 0,
        "TableState": TABLE_ERROR if broken and look >= HALF_LOADED else state,
        "ValidationState": table.outcome if done else "Pending records",
        "ValidationPendingRecords": 0 if done else table.rows - loaded // 2,
        "ValidationFailedRecords": max(table.failed, table.outcome == "Mismatched records") if done else 0,
        "ValidationSuspendedRecords": 0,
    }
