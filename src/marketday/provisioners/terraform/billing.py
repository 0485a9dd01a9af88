"""Which resources an environment's stacks had, and for how long: the record that `marketday cost --ran` reads. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marketday.provisioners.terraform.model import Action, Run, RunState


def held(runs: Sequence[Run], now: datetime) -> dict[str, Any]:
    """Return which stacks existed, each from the request of its apply to the end of its destroy, or until `now`.

    `runs` are all of one environment, oldest first. A stack that was applied again continues with its new resources; a
    stack that was made and destroyed several times is listed several times. `capacity.cost.run` has the same format.
    """
    plans = {run.id: run for run in runs if run.action is Action.PLAN}
    standing: dict[str, Run] = {}
    found: list[dict[str, Any]] = []

    def end(stack: str, at: datetime) -> None:
        begun = standing.pop(stack, None)
        if begun is not None:
            found.append(_row(begun, at, plans))

    for run in runs:
        if run.action is Action.APPLY:
            end(run.stack, run.asked_at)
            standing[run.stack] = run  # also after a failed apply: what it built costs money
        elif run.action is Action.DESTROY and run.state is RunState.DONE and run.ended_at is not None:
            end(run.stack, run.ended_at)
    for stack in list(standing):
        end(stack, now)
    return {"stacks": found}


def _row(apply: Run, until: datetime, plans: dict[Any, Run]) -> dict[str, Any]:
    plan = plans.get(apply.plan_of)
    return {
        "stack": apply.stack.value,
        "existed_from": apply.asked_at.isoformat(),
        "existed_until": until.isoformat(),
        "resources": [dict(one) for one in plan.resources] if plan else [],
    }
