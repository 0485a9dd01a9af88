"""Our schemas of other projects' kinds: every object in them is closed, and each misspelt member is refused."""

import copy
import json

import pytest

from .manifests import HERE, check

SCHEMAS = {file.stem: json.loads(file.read_text("utf-8")) for file in (HERE / "schemas").glob("*.json")}
KINDS = sorted(schema["properties"]["kind"]["const"] for schema in SCHEMAS.values())
# Below these an account or a person chooses the names.
FREE = {"annotations", "data", "labels", "matchLabels", "tags"}
OF_KUBERNETES = ("spec", "template", "spec")  # of a Rollout: compared with Kubernetes' own schema (test_delivery.py)


def parts(value, path=()):
    """Each dict in nested dicts and lists, with the path that leads to it."""
    if isinstance(value, dict):
        yield path, value
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(each, dict | list):
            yield from parts(each, (*path, key))


def misspelt(one):
    """A copy of an object for each of its members, with that member misspelt."""
    for path, members in parts(one):
        if (path and path[-1] in FREE) or (one["kind"] == "Rollout" and path[:3] == OF_KUBERNETES):
            continue
        for member in members.keys() - {"apiVersion", "kind"}:
            copied = copy.deepcopy(one)
            part = copied
            for key in path:
                part = part[key]
            part[f"{member}s"] = part.pop(member)
            yield "|".join(map(str, (*path, member))), copied


@pytest.fixture(scope="module")
def findings(trees, prod):
    """What is found in each misspelt object, by (kind, path of the member)."""
    broken = {}
    for one in prod:
        if one["kind"] in KINDS:
            broken.update({f"{one['kind']} {path}": [copied] for path, copied in misspelt(one)})
    return {tuple(name.split(" ")): found for name, found in check(broken).items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_misspelt_member_is_refused_by_name(findings, kind):
    found = {path: wrong for (of, path), wrong in findings.items() if of == kind}
    assert len(found) > 6

    def told(path):
        member = path.rpartition("|")[2]
        return any(rule == "schema" and f"('{member}s' was unexpected)" in what for rule, what in found[path])

    assert [path for path in found if not told(path)] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_of_a_schema_is_closed(name):
    objects = [part for _, part in parts(SCHEMAS[name]) if part.get("type") == "object"]
    assert len(objects) > 4
    assert [part for part in objects if part.get("additionalProperties") not in (False, {"type": "string"})] == []


def test_every_schema_is_named_after_its_kind_and_used(trees):
    assert sorted(SCHEMAS) == sorted(kind.lower() for kind in KINDS)
    assert set(KINDS) <= {one["kind"] for tree in trees.values() for one in tree}
