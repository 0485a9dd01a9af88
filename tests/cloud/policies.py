"""What a role's policies decide about a request: IAM's rules, as far as the policies here use them.

AWS checks a request once for each resource that it names; all must be allowed. A `Deny` wins over each `Allow`. The
context holds the condition keys: those of the request are the same for each of its resources, those of a resource
(`aws:ResourceTag/...`) are its own.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .terraform import Terraform

Context = Mapping[str, str | Sequence[str]]
Statement = Mapping[str, Any]
"""A statement as the provider tells it: effect, actions, resources, condition."""


@dataclass(frozen=True)
class Resource:
    """A resource of a request, with the condition keys that are its own."""

    arn: str
    context: Context = field(default_factory=dict)


def allowed(statements: Iterable[Statement], action: str, resources: Iterable[Resource], context: Context) -> bool:
    """Whether the statements allow an action on all the resources."""
    known = list(statements)
    asked = list(resources)
    assert asked, "AWS checks at least one resource; one without an ARN is *"
    return all(_allowed(known, action, each, {**context, **each.context}) for each in asked)


def may(statements: Iterable[Statement], action: str) -> bool:
    """Whether the statements allow an action on anything at all."""
    return any(
        _like(pattern.lower(), action.lower())
        for each in statements
        if each["effect"] in {None, "Allow"}
        for pattern in each["actions"]
    )


def _allowed(statements: Sequence[Statement], action: str, resource: Resource, context: Context) -> bool:
    matching = [each["effect"] for each in statements if _matches(each, action, resource.arn, context)]
    return "Deny" not in matching and any(effect in {None, "Allow"} for effect in matching)


def _matches(statement: Statement, action: str, arn: str, context: Context) -> bool:
    assert (statement["not_actions"], statement["not_resources"]) == (None, None), "not used by these policies"
    return (
        any(_like(pattern.lower(), action.lower()) for pattern in statement["actions"])
        and any(_like(pattern, arn) for pattern in statement["resources"])
        and all(_holds(condition, context) for condition in statement["condition"])
    )


def _holds(condition: Mapping[str, Any], context: Context) -> bool:
    test, key, expected = condition["test"], condition["variable"], condition["values"]
    found = next((value for name, value in context.items() if name.lower() == key.lower()), None)
    if test == "Null":
        return (found is None) == (expected == ["true"])
    if test.endswith("IfExists"):
        return found is None or _holds({**condition, "test": test.removesuffix("IfExists")}, context)
    quantifier, _, test = test.rpartition(":")
    negated = "Not" in test
    if found is None and not quantifier:
        return negated  # a key that is missing is not equal to anything
    values = [found] if isinstance(found, str) else list(found or [])
    results = [_compares(test.replace("Not", ""), value, expected) is not negated for value in values]
    return all(results) if quantifier == "ForAllValues" else any(results)


def _compares(test: str, value: str, expected: Sequence[str]) -> bool:
    match test:
        case "StringEquals":
            return value in expected
        case "StringEqualsIgnoreCase":
            return value.lower() in [each.lower() for each in expected]
        case "Bool":
            return value.lower() in [each.lower() for each in expected]
        case "StringLike":
            return any(_like(pattern, value) for pattern in expected)
        case "ArnEquals" | "ArnLike":
            return any(_like_arn(pattern, value) for pattern in expected)
    raise NotImplementedError(test)


def _like_arn(pattern: str, value: str) -> bool:
    """Match part by part: a wildcard in an ARN does not go beyond a colon before the sixth part."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) and all(map(_like, patterns, values))


def _like(pattern: str, value: str) -> bool:
    """Match as IAM does: `*` for any characters, `?` for one; nothing else is special."""
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern), re.DOTALL)


def as_json(statement: Statement) -> dict[str, Any]:
    """Return a statement as IAM takes it."""
    conditions: dict[str, dict[str, Any]] = {}
    for each in statement["condition"]:
        conditions.setdefault(each["test"], {})[each["variable"]] = each["values"]
    parts = {"Sid": statement["sid"], "Effect": statement["effect"] or "Allow", "Action": statement["actions"]}
    return {
        name: each
        for name, each in (parts | {"Resource": statement["resources"], "Condition": conditions}).items()
        if each
    }


def documents(terraform: Terraform, folder: Path, written: str, also: Mapping[str, str]) -> dict[str, list[Statement]]:
    """Run one native test, `written`, in the stack in `folder`; return each document's statements, by its address.

    With a mocked provider a document is not rendered, but its statements are in the state with all their values.
    """
    (folder / "tests" / "rights.tftest.hcl").write_text(written, "utf-8")
    terraform.run(folder, "init", also=dict(also))
    asked = ("-json", "-verbose", "-filter=tests/rights.tftest.hcl")
    done = terraform.run(folder, "test", *asked, also=dict(also))
    [state] = [line for line in done.stdout.splitlines() if '"type":"test_state"' in line]
    return dict(_documents(json.loads(state)["test_state"]["root_module"]))


def _documents(module: Mapping[str, Any]) -> Iterable[tuple[str, list[Statement]]]:
    for each in module.get("resources", []):
        if each["type"] == "aws_iam_policy_document":
            yield each["address"], each["values"]["statement"]
    for child in module.get("child_modules", []):
        yield from _documents(child)
