"""A copy of a Terraform state, prepared so that its resources can be read again and nothing else. Pure.

The copy has resources alone: no outputs, no data sources, and nothing whose reading would need the right to read a
secret. With it comes a configuration of providers alone: so no variable, no commit and no package of the stack is
needed to look.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marketday.provisioners.drift.errors import StateUnreadable

_AWS = re.compile(r'provider\["registry\.terraform\.io/hashicorp/aws"\](\.[A-Za-z0-9_-]+)?$')
_BUILT_IN = "terraform.io/builtin/terraform"  # terraform_data: it is nowhere but in the state
_REGION_OF_ARN = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d):")
# To read them again takes the right to read what is in them.
SECRET_TYPES = frozenset({"aws_secretsmanager_secret_version"})
_FORMAT = 4  # of states, since Terraform 0.12
_PROVIDER = "provider.tf.json"
STATE = "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class Copy:
    """What Terraform needs to look at one state: files by name, and how much of the state is looked at."""

    files: Mapping[str, str]
    looked_at: int
    left_out: tuple[str, ...]  # addresses
    lineage: str  # a random id that Terraform gave to the state, and that stays


def copied(text: str, name: str, region: str) -> Copy | None:
    """Return the copy of the state `name`; None if it has no resources. `region` is for what has none of its own.

    Raises:
        StateUnreadable: it is not a state that Terraform writes.

    """
    state = _read(text, name)
    kept, left_out = [], list[str]()
    for one in state["resources"]:
        if one.get("mode") != "managed" or _BUILT_IN in one["provider"]:
            continue
        if _AWS.search(one["provider"]) and one["type"] not in SECRET_TYPES:
            kept.append(one)
        else:
            left_out += addresses(one)
    if not kept and not left_out:
        return None
    regions = _regions(kept, region)
    names = {provider: f"r{number}" for number, provider in enumerate(sorted(regions))}
    resources = [_with_provider(one, names[one["provider"]]) for one in kept]
    copy = {**_header(state), "resources": resources}
    blocks = [{"alias": names[provider], "region": place} for provider, place in sorted(regions.items())]
    return Copy(
        {STATE: json.dumps(copy), _PROVIDER: json.dumps(_configuration(blocks, region))},
        sum(len(one["instances"]) for one in kept),
        tuple(left_out),
        str(state.get("lineage", "")),
    )


def addresses(resource: Mapping[str, Any]) -> list[str]:
    """Return the addresses of the instances of a resource of a state."""
    module = f"{resource['module']}." if "module" in resource else ""
    return [f"{module}{resource['type']}.{resource['name']}{_index(instance)}" for instance in resource["instances"]]


def identifiers(text: str, name: str) -> frozenset[str]:
    """Return every text in the attributes of a state's resources: ids, ARNs and names of what Terraform has made.

    Raises:
        StateUnreadable: it is not a state that Terraform writes.

    """
    resources = [one for one in _read(text, name)["resources"] if one.get("mode") == "managed"]
    named = ("id", "arn", "name", "url", "key_id", "identifier", "bucket", "zone_id", "certificate_arn", "key_pair_id")
    return frozenset(
        str(instance["attributes"][key])
        for one in resources
        for instance in one["instances"]
        for key in named
        if instance.get("attributes", {}).get(key)
    )


def attributes(text: str, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the type and the attributes of every resource of a state; raises StateUnreadable."""
    return [
        (one["type"], instance.get("attributes") or {})
        for one in _read(text, name)["resources"]
        if one.get("mode") == "managed"
        for instance in one["instances"]
    ]


def _read(text: str, name: str) -> Any:
    try:
        state = json.loads(text)
        well = state["version"] == _FORMAT and all(
            {"type", "name", "provider", "instances"} <= {*one} for one in state["resources"]
        )
    except (ValueError, KeyError, TypeError):
        well = False
    if not well:
        raise StateUnreadable(f"{name}: no state of Terraform in format {_FORMAT}")
    return state


def _header(state: Mapping[str, Any]) -> dict[str, Any]:
    named = {key: state[key] for key in ("version", "terraform_version", "serial", "lineage") if key in state}
    return {**named, "outputs": {}, "check_results": None}


def _with_provider(one: Mapping[str, Any], alias: str) -> dict[str, Any]:
    return {**one, "provider": f'provider["registry.terraform.io/hashicorp/aws"].{alias}'}


def _regions(resources: list[Any], region: str) -> dict[str, str]:
    """Return in which region each configuration of the provider works: where most ARNs of its resources are."""
    seen: dict[str, Counter[str]] = {}
    for one in resources:
        count = seen.setdefault(one["provider"], Counter())
        for instance in one["instances"]:
            arn = str(instance.get("attributes", {}).get("arn") or "")
            count.update(found[1] for found in (_REGION_OF_ARN.match(arn),) if found)
    return {
        provider: max(count, key=lambda place: (count[place], place), default=region)
        for provider, count in seen.items()
    }


def _configuration(blocks: list[dict[str, str]], region: str) -> dict[str, Any]:
    source = {"source": "hashicorp/aws", "version": "= 5.100.0"}
    return {
        "terraform": {"required_providers": {"aws": source}},
        "provider": {"aws": [{"region": region}, *blocks]},
    }


def _index(instance: Mapping[str, Any]) -> str:
    return f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""


def walked(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of a JSON value with its path; an empty list or object is a leaf."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from walked(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from walked(each, f"{path}[{number}]")
    else:
        yield path, value
