"""ElastiCache parameter groups, which moto does not have."""

import re
from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.core.responses import ActionResult
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

from emulator.patching import AwsError, added, around, notes

KIND = "parameter_groups"


def _groups(response: Any) -> dict[str, Any]:
    return notes(response.elasticache_backend, KIND)


def _group(response: Any) -> dict[str, Any]:
    name = response._get_param("CacheParameterGroupName")
    if name not in _groups(response):
        raise AwsError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    found: dict[str, Any] = _groups(response)[name]
    return found


@added(ElastiCacheResponse)
def create_cache_parameter_group(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    if name in _groups(self):
        raise AwsError("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists.")
    arn = f"arn:aws:elasticache:{self.region}:{self.current_account}:parametergroup:{name}"
    _groups(self)[name] = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
        "Description": self._get_param("Description"),
        "IsGlobal": False,
        "ARN": arn,
        "parameters": {},
    }
    self.elasticache_backend.add_tags_to_resource(arn, self._get_param("Tags", []))
    return ActionResult({"CacheParameterGroup": _groups(self)[name]})


@added(ElastiCacheResponse)
def describe_cache_parameter_groups(self: Any) -> ActionResult:
    named = self._get_param("CacheParameterGroupName")
    return ActionResult({"CacheParameterGroups": [_group(self)] if named else list(_groups(self).values())})


@added(ElastiCacheResponse)
def modify_cache_parameter_group(self: Any) -> ActionResult:
    for parameter in self._get_param("ParameterNameValues", []):
        _group(self)["parameters"][parameter["ParameterName"]] = parameter["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": _group(self)["CacheParameterGroupName"]})


@added(ElastiCacheResponse)
def reset_cache_parameter_group(self: Any) -> ActionResult:
    for parameter in self._get_param("ParameterNameValues", []):
        _group(self)["parameters"].pop(parameter["ParameterName"], None)
    return ActionResult({"CacheParameterGroupName": _group(self)["CacheParameterGroupName"]})


@added(ElastiCacheResponse)
def describe_cache_parameters(self: Any) -> ActionResult:
    parameters = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user"}
        for name, value in _group(self)["parameters"].items()
    ]
    return ActionResult({"Parameters": parameters})


@added(ElastiCacheResponse)
def delete_cache_parameter_group(self: Any) -> ActionResult:
    del _groups(self)[_group(self)["CacheParameterGroupName"]]
    return ActionResult({})


# Parameter groups carry tags like everything else.
@around(ElastiCacheBackend)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    self.arn_regex = re.compile(self.arn_regex.pattern.replace("|user)", "|user|parametergroup)"))


@around(ElastiCacheBackend)
def iter_tagged_resources(iterate: Any, self: Any) -> Iterator[TaggedResource]:
    yield from iterate(self)
    for group in notes(self, KIND).values():
        tags = self.tagging_service.get_tag_dict_for_resource(group["ARN"])
        yield TaggedResource(group["ARN"], tags, "elasticache:parametergroup")
