"""What differs between AWS and what Terraform has recorded, told by address and attribute, never by value. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from marketday.provisioners.drift.echoes import ECHOES
from marketday.provisioners.drift.state import walked

_MOST_ATTRIBUTES = 8
_LONGEST = 120
_UNUSUAL = re.compile(r"[^A-Za-z0-9가-힣 _.:/@*=,+()\[\]\"-]")
_INDEX = re.compile(r"\[\d+\]")
_ALL_TAGS = re.compile(r"((?:.*\.)?)tags_all(?:\.|$)")
_NOTHING: tuple[Any, ...] = (None, "", [], {}, 0)  # also False: a provider writes what is not set in each of these ways
# What AWS itself moves, by the type of a resource. `tags` is in `tags_all`, together with the stack's own.
_MOVES: Mapping[str, frozenset[str]] = {
    "aws_db_instance": frozenset(
        {"latest_restorable_time", "allocated_storage", "status", "replicas", "engine_version_actual"}
    ),  # it grows by itself, and takes minor versions
    "aws_autoscaling_group": frozenset({"desired_capacity"}),
    "aws_eks_node_group": frozenset({"scaling_config.desired_size", "status"}),
    "aws_eks_cluster": frozenset({"status", "platform_version"}),
    "aws_instance": frozenset({"instance_state"}),  # stopped at night (module working_hours)
    "aws_vpc_endpoint": frozenset({"cidr_blocks"}),  # the addresses of S3 itself
    "aws_sns_topic_subscription": frozenset({"pending_confirmation", "confirmation_was_authenticated"}),  # by a person
    "aws_ecs_service": frozenset({"desired_count"}),
    "aws_appautoscaling_target": frozenset({"suspended_state"}),
    "aws_dms_replication_task": frozenset({"status", "replication_instance_arn"}),
    "aws_cloudfront_distribution": frozenset({"in_progress_validation_batches", "status", "etag"}),
    "aws_cloudfront_key_value_store": frozenset({"etag", "last_modified_time"}),
    "aws_cloudfrontkeyvaluestore_key": frozenset({"total_size_in_bytes"}),  # of all keys, also other environments'
    "aws_elasticache_replication_group": frozenset({"member_clusters", "cluster_enabled", "engine_version_actual"}),
    "aws_vpc_peering_connection": frozenset({"accept_status"}),
    "aws_lb_target_group": frozenset({"load_balancer_arns"}),
    "aws_lambda_function": frozenset({"last_modified"}),
    # Of its NAT gateway, which is compared itself.
    "aws_eip": frozenset({"association_id", "network_interface", "private_dns", "private_ip"}),
    "aws_iam_policy": frozenset({"attachment_count"}),
    "aws_acm_certificate": frozenset({"status", "renewal_summary", "not_after", "not_before", "pending_renewal"}),
}


class DriftKind(StrEnum):
    """In which way something differs."""

    CHANGED = "changed"  # AWS has it otherwise
    GONE = "gone"  # Terraform has it, AWS has not
    UNMANAGED = "unmanaged"  # AWS has it, Terraform has not
    UNKNOWN = "not looked at"  # and so nothing is known


@dataclass(frozen=True, slots=True, order=True)
class Drifted:
    """One thing that differs. `mark` changes when what AWS has changes again; no value can be read from it."""

    stack: str
    address: str  # in Terraform, or what it is called in AWS
    kind: DriftKind
    what: str = ""
    mark: str = ""

    def __str__(self) -> str:
        what = f": {self.what}" if self.what else ""
        return f"{self.stack}: {self.address} {self.kind}{what}"


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told after a look, compared with what was told last."""

    new: Sequence[Drifted]
    gone: Sequence[Drifted]  # what is as it should be again
    left: int  # how many differences there are now

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)


def news(told: Iterable[Drifted], found: Iterable[Drifted]) -> News:
    """Compare what was told with what is found now. A difference that has changed is new, and not gone."""
    told, found = set(told), set(found)
    named = {(each.stack, each.address, each.kind) for each in found}
    gone = [each for each in told - found if (each.stack, each.address, each.kind) not in named]
    return News(sorted(found - told), sorted(gone), len(found))


def differences(stack: str, plan: Mapping[str, Any], key: str) -> list[Drifted]:
    """Return what a plan made by `-refresh-only` found to be changed or gone. `key` is mixed into the marks."""
    return [each for drift in plan.get("resource_drift", ()) if (each := _difference(stack, drift, key)) is not None]


def resources(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every resource as AWS has it now, from a plan as `terraform show -json` prints it."""
    yield from _resources(plan.get("prior_state", {}).get("values", {}).get("root_module", {}))


def shown(text: str) -> str:
    """Return a text of AWS as people may read it: somebody else may have chosen it, so only usual characters stay."""
    text = _UNUSUAL.sub("?", text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def to_json(found: Iterable[Drifted]) -> str:
    """Return differences as they are kept until the next look."""
    return json.dumps([asdict(each) for each in sorted(found)], ensure_ascii=False, indent=1)


def from_json(text: str) -> list[Drifted]:
    """Read what `to_json` wrote; none if it was not written by it."""
    try:
        return [Drifted(**{**each, "kind": DriftKind(each["kind"])}) for each in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return []


def mark_of(key: str, value: Any) -> str:
    """Return a mark of a value, from which it cannot be guessed without `key`."""
    text = json.dumps([key, value], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _difference(stack: str, drift: Mapping[str, Any], key: str) -> Drifted | None:
    change, address = drift["change"], shown(drift["address"])
    if "delete" in change["actions"]:
        return Drifted(stack, address, DriftKind.GONE)
    before, after = _leaves(change["before"]), _leaves(change["after"])
    ignored = _ignored(drift["type"], (*before, *after))
    changed = {
        path: after.get(path)
        for path in before.keys() | after.keys()
        if not _same(before.get(path), after.get(path)) and not _is_within(path, ignored)
    }
    if not changed:
        return None
    names = sorted({shown(_INDEX.sub("", path)) for path in changed})
    more = f" and {len(names) - _MOST_ATTRIBUTES} more" if len(names) > _MOST_ATTRIBUTES else ""
    words = ", ".join(names[:_MOST_ATTRIBUTES]) + more
    return Drifted(stack, address, DriftKind.CHANGED, words, mark_of(key, changed))


def _ignored(kind: str, paths: Iterable[str]) -> frozenset[str]:
    """Return what is not compared: what AWS moves, what repeats others, and `tags` where `tags_all` is beside it."""
    found = (_ALL_TAGS.match(_INDEX.sub("", path)) for path in paths)
    tags = frozenset(f"{each[1]}tags" for each in found if each)
    return _MOVES.get(kind, frozenset()) | ECHOES.get(kind, frozenset()) | tags


def _is_within(path: str, ignored: Iterable[str]) -> bool:
    bare = _INDEX.sub("", path)
    return any(bare == name or bare.startswith(f"{name}.") for name in ignored)


def _leaves(value: Any) -> dict[str, Any]:
    return dict(walked(_ordered(value)))


def _ordered(value: Any) -> Any:
    """Return a value in which the order of lists says nothing; a text that is JSON is compared as JSON."""
    if isinstance(value, Mapping):
        return {key: _ordered(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((_ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.dumps(_ordered(json.loads(value)), sort_keys=True)
        except ValueError:
            return value
    return value


def _same(one: Any, other: Any) -> bool:
    return one == other or (one in _NOTHING and other in _NOTHING)
