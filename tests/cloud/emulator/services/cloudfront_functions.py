"""CloudFront functions and key-value stores; the keys in them are another service, see cloudfront_keys."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from moto.core.responses import ActionResult

from emulator.patching import AwsError, added
from emulator.services.cloudfront import LAST_MODIFIED, CloudFrontResponse, new_etag

DEVELOPMENT, LIVE = "DEVELOPMENT", "LIVE"


@dataclass(frozen=True)
class Function:
    """One stage of a function."""

    config: dict[str, Any]
    code: bytes
    status: str
    etag: str


def _function(response: CloudFrontResponse, stage: str | None = None) -> Function:
    name, stage = response._get_param("Name"), stage or response._get_param("Stage") or DEVELOPMENT
    if stage not in response.backend.functions.get(name, {}):
        raise AwsError("NoSuchFunctionExists", f"The function {name} does not exist in {stage}.")
    found: Function = response.backend.functions[name][stage]
    wanted = response._get_param("IfMatch")
    if wanted not in {None, found.etag}:
        raise AwsError("InvalidIfMatchVersion", f"{wanted} is not the ETag of function {name}.")
    return found


def _save(response: CloudFrontResponse) -> ActionResult:
    stages = response.backend.functions.setdefault(response._get_param("Name"), {})
    config, code = response._get_param("FunctionConfig"), response._get_param("FunctionCode")
    stages[DEVELOPMENT] = Function(config, code, "UNPUBLISHED", new_etag())
    return _summary(response, DEVELOPMENT)


def _summary(response: CloudFrontResponse, stage: str) -> ActionResult:
    name, function = response._get_param("Name"), _function_at(response, stage)
    summary = {
        "Name": name,
        "Status": function.status,
        "FunctionConfig": function.config,
        "FunctionMetadata": {
            "FunctionARN": response.backend.arn("function", name),
            "Stage": stage,
            "CreatedTime": LAST_MODIFIED,
            "LastModifiedTime": LAST_MODIFIED,
        },
    }
    return ActionResult({"FunctionSummary": summary, "ETag": function.etag, "Location": name})


def _function_at(response: CloudFrontResponse, stage: str) -> Function:
    found: Function = response.backend.functions[response._get_param("Name")][stage]
    return found


@added(CloudFrontResponse)
def create_function(self: CloudFrontResponse) -> ActionResult:
    if self._get_param("Name") in self.backend.functions:
        raise AwsError("FunctionAlreadyExists", f"The function {self._get_param('Name')} exists.")
    return _save(self)


@added(CloudFrontResponse)
def update_function(self: CloudFrontResponse) -> ActionResult:
    _function(self, DEVELOPMENT)
    return _save(self)


@added(CloudFrontResponse)
def publish_function(self: CloudFrontResponse) -> ActionResult:
    stages, published = self.backend.functions[self._get_param("Name")], _function(self, DEVELOPMENT)
    stages[DEVELOPMENT] = replace(published, status="UNASSOCIATED")
    stages[LIVE] = replace(published, status="DEPLOYED")
    return _summary(self, LIVE)


@added(CloudFrontResponse)
def describe_function(self: CloudFrontResponse) -> ActionResult:
    _function(self)
    return _summary(self, self._get_param("Stage") or DEVELOPMENT)


@added(CloudFrontResponse)
def get_function(self: CloudFrontResponse) -> ActionResult:
    found = _function(self)
    return ActionResult({"FunctionCode": found.code, "ETag": found.etag, "ContentType": "application/octet-stream"})


@added(CloudFrontResponse)
def delete_function(self: CloudFrontResponse) -> ActionResult:
    _function(self, DEVELOPMENT)
    del self.backend.functions[self._get_param("Name")]
    return ActionResult({})


@added(CloudFrontResponse)
def list_functions(self: CloudFrontResponse) -> ActionResult:
    names = [{"Name": name} for name in self.backend.functions]
    return ActionResult({"FunctionList": {"MaxItems": 100, "Quantity": len(names), "Items": names}})


def _store(response: CloudFrontResponse) -> dict[str, Any]:
    name = response._get_param("Name")
    if name not in response.backend.stores:
        raise AwsError("EntityNotFound", f"The key value store {name} does not exist.")
    found: dict[str, Any] = response.backend.stores[name]
    return found


def _stored(store: dict[str, Any]) -> ActionResult:
    return ActionResult({"KeyValueStore": store, "ETag": store["etag"], "Location": store["Name"]})


@added(CloudFrontResponse)
def create_key_value_store(self: CloudFrontResponse) -> ActionResult:
    name, id_ = self._get_param("Name"), str(uuid.uuid4())
    self.backend.stores[name] = {
        "Name": name,
        "Id": id_,
        "ARN": self.backend.arn("key-value-store", id_),
        "Comment": self._get_param("Comment") or "",
        "Status": "READY",
        "LastModifiedTime": LAST_MODIFIED,
        "etag": new_etag(),
    }
    return _stored(self.backend.stores[name])


@added(CloudFrontResponse)
def describe_key_value_store(self: CloudFrontResponse) -> ActionResult:
    return _stored(_store(self))


@added(CloudFrontResponse)
def update_key_value_store(self: CloudFrontResponse) -> ActionResult:
    _store(self).update(Comment=self._get_param("Comment"), etag=new_etag())
    return _stored(_store(self))


@added(CloudFrontResponse)
def delete_key_value_store(self: CloudFrontResponse) -> ActionResult:
    del self.backend.stores[_store(self)["Name"]]
    return ActionResult({})


@added(CloudFrontResponse)
def list_key_value_stores(self: CloudFrontResponse) -> ActionResult:
    stores = list(self.backend.stores.values())
    return ActionResult({"KeyValueStoreList": {"MaxItems": 100, "Quantity": len(stores), "Items": stores}})
