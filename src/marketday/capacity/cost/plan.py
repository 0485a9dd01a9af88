"""Reads Terraform plans in JSON (`terraform show -json PLAN`, format 1.x), and the records made from them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from marketday.capacity.cost.charges import RULES
from marketday.capacity.cost.free import is_free
from marketday.capacity.cost.model import Resource
from marketday.capacity.errors import UnreadablePlan
from marketday.kit.reading import UnreadableFile, read_json

STACKS = ("permanent", "event", "link")
_STACK_TAG = "marketday:stack"
_TASKS = ("aws_ecs_service", "aws_ecs_task_definition")
_LEAST_ZONES = 2  # each of our stacks uses at least two zones


def read_plan(path: Path, region: str | None = None) -> list[Resource]:
    """Return the resources that the plan in the file `path` would create, without free ones.

    Raises:
        UnreadablePlan: it cannot be read, is not a plan of one of our stacks, or is not for `region`.

    """
    try:
        plan = read_json(path, expected="the output of `terraform show -json PLAN`")
    except UnreadableFile as error:
        raise UnreadablePlan(error.detail) from None
    try:
        _refuse_elsewhere(plan, region)
        return resources_of(plan)
    except UnreadablePlan as error:
        raise UnreadablePlan(f"{path}: {error.detail}") from None


def _refuse_elsewhere(plan: Any, region: str | None) -> None:
    """Refuse a plan for another region than `region`, because the prices would be wrong."""
    variable = plan.get("variables", {}).get("region", {}) if isinstance(plan, dict) else {}
    planned = variable.get("value", region) if isinstance(variable, dict) else region
    if region is not None and planned != region:
        raise UnreadablePlan(
            f"it is for {planned}; expected {region}, the region of the prices, or --prices for {planned}"
        )


def resources_of(plan: Any) -> list[Resource]:
    """Return the resources that a plan (in JSON types) would create, without free ones, and their priced attributes.

    An ECS service gets CPU, memory and architecture from its task definition, and a resource in several zones gets
    their number, because a plan does not have the ids that connect them.

    Raises:
        UnreadablePlan: it is not a plan of one of our stacks.

    """
    try:
        found = list(_walk(_root(plan)))
        stack = _stack(found)
        zones = len({zone for one in found if (zone := one["values"].get("availability_zone"))})
        return [
            Resource(stack, one["address"], one["type"], _kept(one, found, max(zones, _LEAST_ZONES)))
            for one in found
            if not is_free(one["type"])
        ]
    except (AttributeError, KeyError, TypeError) as error:
        raise UnreadablePlan(f"{type(error).__name__} {error}; expected the output of `terraform show -json`") from None


def to_json(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Return resources in JSON types, ordered by address: the part of its plan that a run records."""
    ordered = sorted(resources, key=lambda one: one.address)
    return [{"address": one.address, "type": one.type, "values": dict(one.values)} for one in ordered]


def from_json(stack: str, rows: Any) -> list[Resource]:
    """Read the output of `to_json`.

    Raises:
        UnreadablePlan: it is not an output of `to_json`.

    """
    try:
        return [Resource(stack, str(row["address"]), str(row["type"]), dict(row["values"])) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadablePlan(
            f"resources of the stack {stack!r}: {type(error).__name__} {error}; expected address, type and values"
        ) from None


def _root(plan: Any) -> Mapping[str, Any]:
    values = plan.get("planned_values") if isinstance(plan, dict) else None
    root = values.get("root_module") if isinstance(values, dict) else None
    if not isinstance(root, dict):
        raise UnreadablePlan("it has no planned_values; expected the output of `terraform show -json PLAN`")
    return root


def _walk(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in module.get("resources", []):
        if one.get("mode") == "managed":
            yield {**one, "values": one.get("values") or {}}
    for child in module.get("child_modules", []):
        yield from _walk(child)


def _stack(found: Sequence[Mapping[str, Any]]) -> str:
    names = {(one["values"].get("tags_all") or {}).get(_STACK_TAG) for one in found} - {None}
    if len(names) != 1 or not names <= set(STACKS):
        told = ", ".join(sorted(map(str, names))) or "none"
        raise UnreadablePlan(f"the tag {_STACK_TAG} of its resources: {told}; expected one of {', '.join(STACKS)}")
    return str(names.pop())


def _task_of(service: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the task definition of a service: it has the same address, except for the type."""
    wanted = str(service["address"]).replace(*_TASKS)
    for one in found:
        if one["address"] == wanted:
            platforms = one["values"].get("runtime_platform") or [{}]
            sizes = {key: one["values"].get(key) for key in ("cpu", "memory")}
            return {**sizes, "cpu_architecture": platforms[0].get("cpu_architecture") or "X86_64"}
    raise UnreadablePlan(f"{service['address']} has no task definition; expected {wanted}")


def _kept(one: Mapping[str, Any], found: Sequence[Mapping[str, Any]], zones: int) -> dict[str, Any]:
    values, rule = {**one["values"], "zones": zones}, RULES.get(one["type"])
    if one["type"] == "aws_ecs_service":
        values |= _task_of(one, found)
    kept = {key: values[key] for key in (rule.attributes if rule else ()) if values.get(key) is not None}
    if one["type"] == "aws_wafv2_web_acl":
        kept["rule"] = len(values.get("rule") or ())  # only their number matters for the price
    return kept
