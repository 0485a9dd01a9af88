"""The reference plans of the stacks, which `marketday cost` uses if no plan is given.

`reference.json` was made from real plans. `differences` shows whether the stacks have changed since. To make it
again, run `python -m marketday.capacity.cost.reference PLAN.json ...` with a plan of each stack.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from marketday.capacity.cost.charges import charges_for
from marketday.capacity.cost.model import Resource
from marketday.capacity.cost.plan import STACKS, from_json, read_plan, to_json

_FILE = Path(__file__).parent / "reference.json"
_SERVICE = re.compile(r"\b(gate|store|worker)\b")


@cache
def reference() -> tuple[Resource, ...]:
    """Return the resources of the permanent, the event and the link stack."""
    content = json.loads(_FILE.read_text("utf-8"))
    return tuple(one for stack in STACKS for one in from_json(stack, content[stack]))


def written(resources: Iterable[Resource]) -> str:
    """Return the text of `reference.json` for `resources`, which come from a plan of each stack."""
    every = list(resources)
    stacks = {stack: to_json(one for one in every if one.stack == stack) for stack in STACKS}
    return json.dumps(stacks, indent=1, sort_keys=True) + "\n"


def differences(resources: Iterable[Resource]) -> list[str]:
    """Return how plans of one or more stacks differ from the reference, and the types without a known price.

    There is one line for each type and stack that differs.
    """
    every = list(resources)
    planned = Counter((one.stack, one.type) for one in every)
    known = Counter((one.stack, one.type) for one in reference())
    stacks = {stack for stack, _ in planned}
    changed = [
        f"{stack}: {planned[stack, type_]} of {type_} are planned, but the reference has {known[stack, type_]}"
        for stack, type_ in sorted(planned | known)
        if stack in stacks and planned[stack, type_] != known[stack, type_]
    ]
    strange = sorted({(one.stack, one.type) for one in every if charges_for(one) is None})
    return changed + [f"{stack}: {type_} has no price rule and is not listed as free" for stack, type_ in strange]


def with_sizes(resources: Iterable[Resource], sizes: Mapping[str, Any]) -> list[Resource]:
    """Return resources with the event stack's variable `sizes` instead of the planned sizes."""
    return [
        replace(one, values={**one.values, **_sized(one, sizes)}) if one.stack == "event" else one for one in resources
    ]


def _sized(resource: Resource, sizes: Mapping[str, Any]) -> dict[str, Any]:
    if resource.type == "aws_db_instance":
        database = sizes["database"]
        return {"instance_class": database["instance_class"], "allocated_storage": database["storage_gb"]}
    if resource.type == "aws_elasticache_replication_group":
        return {"node_type": sizes["cache"]["node_type"], "num_cache_clusters": 1 + sizes["cache"]["replicas"]}
    if resource.type == "aws_lb":
        units = sizes["load_balancer_units"]
        return {"minimum_load_balancer_capacity": [{"capacity_units": units}] if units else []}
    if resource.type == "aws_kinesis_stream":
        return {"shard_count": sizes["stream_shards"]}
    service = _SERVICE.search(resource.address) if resource.type == "aws_ecs_service" else None
    if service is None:
        return {}
    size = sizes[service[1]]
    strategy = [
        {**one, "base": size["min"]}
        if one.get("base")
        else one  # the minimum number of tasks is on demand, the others are on Spot
        for one in resource.values.get("capacity_provider_strategy") or []
    ]
    return {
        "cpu": str(size["cpu"]),
        "memory": str(size["memory"]),
        "desired_count": size["min"],
        "capacity_provider_strategy": strategy,
    }


if __name__ == "__main__":
    _FILE.write_text(written(one for file in sys.argv[1:] for one in read_plan(Path(file))), "utf-8")
