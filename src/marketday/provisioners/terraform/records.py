"""Runs as JSON, for every store that keeps them."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from marketday.provisioners.terraform.model import Action, Run, RunState, Stack


def to_json(run: Run) -> dict[str, Any]:
    """Return `run` as JSON types."""
    values = {field.name: getattr(run, field.name) for field in fields(run)}
    texts = ("id", "environment_id", "plan_of", "asked_at", "ended_at")
    return values | {
        "variables": dict(run.variables),
        "outputs": dict(run.outputs),
        "changes": list(run.changes),
        "resources": [dict(one) for one in run.resources],
        "imports": dict(run.imports),
        "hosts": dict(run.hosts),
        "wanted": [dict(one) for one in run.wanted],
        **{name: _text(values[name]) for name in texts},
    }


def from_json(value: Mapping[str, Any]) -> Run:
    """Read what `to_json` wrote."""
    return Run(
        **{
            **value,
            "id": UUID(value["id"]),
            "environment_id": UUID(value["environment_id"]),
            "plan_of": UUID(value["plan_of"]) if value["plan_of"] else None,
            "stack": Stack(value["stack"]),
            "action": Action(value["action"]),
            "state": RunState(value["state"]),
            "asked_at": datetime.fromisoformat(value["asked_at"]),
            "ended_at": datetime.fromisoformat(value["ended_at"]) if value["ended_at"] else None,
            "changes": tuple(value["changes"]),
            "resources": tuple(value["resources"]),
            "wanted": tuple(value.get("wanted", ())),
        }
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)
