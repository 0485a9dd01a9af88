"""S3."""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, FakeDeleteMarker, S3Backend
from moto.s3.responses import S3Response

from emulator.patching import added, around


# moto disposes of every version of an object when it removes a bucket, and fails at its own delete markers.
@added(FakeDeleteMarker)
def dispose(self: Any, *args: Any, **kwargs: Any) -> None:
    """Have nothing to dispose of."""


# AWS looks at a statement's conditions (not by TLS, not from this network); moto takes each for fulfilled, and nobody
# could put an object into a bucket that refuses plain HTTP. Here a statement with a condition says nothing.
@around(FakeBucket)
def get_permission(decide: Any, self: Any, action: str, resource: str) -> Any:
    if self.policy is None:
        return decide(self, action, resource)
    policy = json.loads(self.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    plain = [statement for statement in statements if "Condition" not in statement]
    if not plain:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": plain})).is_action_permitted(action, resource)


# moto forgets how many noncurrent versions of an object are kept.
@around(FakeBucket)
def set_lifecycle(set_rules: Any, self: Any, rules: list[dict[str, Any]]) -> None:
    set_rules(self, rules)
    for rule, given in zip(self.rules, rules, strict=True):
        rule.newer_versions = (given.get("NoncurrentVersionExpiration") or {}).get("NewerNoncurrentVersions")


@around(S3Response)
def get_bucket_lifecycle(get: Any, self: Any) -> Any:
    serialized = self.serialized

    def complete(answer: Any) -> Any:
        if isinstance(answer.result, Exception):
            return serialized(answer)
        kept = self.backend.get_bucket_lifecycle(self.bucket_name)
        for rule, told in zip(kept, answer.result["Rules"], strict=True):
            if rule.newer_versions:
                told["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = rule.newer_versions
        return serialized(answer)

    self.serialized = complete
    return get(self)


# AWS copies a new object to the bucket that its own replicates to, and no deletion; moto copies nothing.
@around(S3Backend)
def put_object(put: Any, self: Any, bucket_name: str, key_name: str, value: bytes, *args: Any, **kwargs: Any) -> Any:
    made = put(self, bucket_name, key_name, value, *args, **kwargs)
    for rule in (getattr(self.get_bucket(bucket_name), "replication", None) or {}).get("Rule", ()):
        prefix = (rule.get("Filter") or {}).get("Prefix") or ""
        destination = rule["Destination"]["Bucket"].rpartition(":")[2]
        if key_name.startswith(prefix) and destination in self.buckets:
            put(self, destination, key_name, value)
    return made
