"""CloudFront, written as moto writes its services: moto's own has no policies and drops half of a distribution.

Everything that has a configuration is the same: it is kept as it was sent, and its ETag changes with it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.cloudfront import urls
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import ActionResult, BaseResponse

from emulator.patching import AwsError

LAST_MODIFIED = datetime(2026, 1, 1, tzinfo=UTC)
# The policies that AWS manages, by the ids that it has given them.
MANAGED = {
    "CachePolicy": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": "Managed-CachingOptimized",
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": "Managed-CachingDisabled",
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": "UseOriginCacheControlHeaders",
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": "Managed-AllViewer",
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": "Managed-AllViewerExceptHostHeader",
    },
    "ResponseHeadersPolicy": {"67f7725c-6f97-4210-82d7-5512b31e9d03": "Managed-SecurityHeadersPolicy"},
}
KINDS = ("Distribution", "CachePolicy", "OriginRequestPolicy", "ResponseHeadersPolicy", "OriginAccessControl")
HAS_UPPER_ID = {"Distribution", "OriginAccessControl"}


def new_etag() -> str:
    """Return an ETag as CloudFront makes them."""
    return f"E{uuid.uuid4().hex[:13].upper()}"


@dataclass
class Configured:
    """A thing that is what its configuration says."""

    id: str
    config: dict[str, Any]
    etag: str = field(default_factory=new_etag)


class CloudFrontBackend(BaseBackend):
    """What an account has in CloudFront."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.things: dict[str, dict[str, Configured]] = {kind: {} for kind in KINDS}
        self.functions: dict[str, Any] = {}
        self.stores: dict[str, Any] = {}
        self.tags: dict[str, dict[str, str]] = {}

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a thing of this account."""
        return f"arn:aws:cloudfront::{self.account_id}:{kind}/{name}"

    def find(self, kind: str, id_: str, etag: str | None = None) -> Configured:
        """Return a thing; with an ETag, only as long as nobody has changed it."""
        if id_ not in self.things[kind]:
            raise AwsError(f"NoSuch{kind}", f"The {kind} {id_} does not exist.")
        thing = self.things[kind][id_]
        if etag not in {None, thing.etag}:
            raise AwsError("PreconditionFailed", f"{etag} is not the ETag of {kind} {id_}.")
        return thing


cloudfront_backends = BackendDict(CloudFrontBackend, "cloudfront", use_boto3_regions=False, additional_regions=["aws"])


class CloudFrontResponse(BaseResponse):
    """The operations of CloudFront."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudfront")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> CloudFrontBackend:
        return cloudfront_backends[self.current_account]["aws"]

    def create_distribution_with_tags(self) -> ActionResult:
        given = self._get_param("DistributionConfigWithTags")
        thing = _create(self.backend, "Distribution", given["DistributionConfig"])
        tags = given["Tags"].get("Items") or []
        self.backend.tags[self.backend.arn("distribution", thing.id)] = {tag["Key"]: tag["Value"] for tag in tags}
        return _answer(self.backend, "Distribution", thing)

    def create_invalidation(self) -> ActionResult:
        self.backend.find("Distribution", self._get_param("DistributionId"))
        batch = self._get_param("InvalidationBatch")
        made = {"Id": new_etag(), "Status": "Completed", "CreateTime": LAST_MODIFIED, "InvalidationBatch": batch}
        return ActionResult({"Invalidation": made})

    def list_tags_for_resource(self) -> ActionResult:
        tags = self.backend.tags.get(self._get_param("Resource"), {})
        return ActionResult({"Tags": {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}})

    def tag_resource(self) -> ActionResult:
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags")["Items"]}
        self.backend.tags.setdefault(self._get_param("Resource"), {}).update(tags)
        return ActionResult({})

    def untag_resource(self) -> ActionResult:
        for key in self._get_param("TagKeys")["Items"]:
            self.backend.tags.get(self._get_param("Resource"), {}).pop(key, None)
        return ActionResult({})


def _create(backend: CloudFrontBackend, kind: str, config: dict[str, Any]) -> Configured:
    thing = Configured(new_etag() if kind in HAS_UPPER_ID else str(uuid.uuid4()), _complete(kind, config))
    backend.things[kind][thing.id] = thing
    return thing


def _complete(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """AWS answers with these also where they were not sent, and the provider reads them unasked."""
    return {"OriginGroups": {"Quantity": 0}, **config} if kind == "Distribution" else config


def _render(backend: CloudFrontBackend, kind: str, thing: Configured) -> dict[str, Any]:
    rendered = {"Id": thing.id, f"{kind}Config": thing.config, "LastModifiedTime": LAST_MODIFIED}
    if kind == "Distribution":
        rendered |= {
            "ARN": backend.arn("distribution", thing.id),
            "Status": "Deployed",
            "DomainName": f"{thing.id.lower()}.cloudfront.net",
            "InProgressInvalidationBatches": 0,
            "ActiveTrustedSigners": {"Enabled": False, "Quantity": 0},
            "ActiveTrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        }
    return rendered


def _answer(backend: CloudFrontBackend, kind: str, thing: Configured) -> ActionResult:
    return ActionResult({kind: _render(backend, kind, thing), "ETag": thing.etag, "Location": f"/{thing.id}"})


def _managed(kind: str, id_: str) -> Configured:
    return Configured(id_, {"Name": MANAGED[kind][id_], "MinTTL": 0}, "E0")


def operations(kind: str) -> dict[str, Callable[[CloudFrontResponse], ActionResult]]:
    """Return the six operations that everything with a configuration has, by their names."""

    def create(self: CloudFrontResponse) -> ActionResult:
        return _answer(self.backend, kind, _create(self.backend, kind, self._get_param(f"{kind}Config")))

    def get(self: CloudFrontResponse) -> ActionResult:
        if (id_ := self._get_param("Id")) in MANAGED.get(kind, {}):
            return _answer(self.backend, kind, _managed(kind, id_))
        return _answer(self.backend, kind, self.backend.find(kind, id_))

    def get_config(self: CloudFrontResponse) -> ActionResult:
        thing = self.backend.find(kind, self._get_param("Id"))
        return ActionResult({f"{kind}Config": thing.config, "ETag": thing.etag})

    def update(self: CloudFrontResponse) -> ActionResult:
        thing = self.backend.find(kind, self._get_param("Id"), self._get_param("IfMatch"))
        thing.config, thing.etag = _complete(kind, self._get_param(f"{kind}Config")), new_etag()
        return _answer(self.backend, kind, thing)

    def delete(self: CloudFrontResponse) -> ActionResult:
        thing = self.backend.find(kind, self._get_param("Id"), self._get_param("IfMatch"))
        if kind == "Distribution" and thing.config["Enabled"]:
            raise AwsError("DistributionNotDisabled", f"Distribution {thing.id} is enabled.")
        del self.backend.things[kind][thing.id]
        return ActionResult({})

    def list_(self: CloudFrontResponse) -> ActionResult:
        wanted = self._get_param("Type")
        own = [_item(self.backend, kind, thing, "custom") for thing in self.backend.things[kind].values()]
        managed = [_item(self.backend, kind, _managed(kind, id_), "managed") for id_ in MANAGED.get(kind, {})]
        items = [item for item in own + managed if wanted in {None, item["Type"]}]
        return ActionResult({f"{kind}List": {"MaxItems": 100, "Quantity": len(items), "Items": items}})

    return {"Create": create, "Get": get, "GetConfig": get_config, "Update": update, "Delete": delete, "List": list_}


def _item(backend: CloudFrontBackend, kind: str, thing: Configured, origin: str) -> dict[str, Any]:
    """Lists of policies nest the policy; the others have its fields and those of its configuration in one."""
    rendered = _render(backend, kind, thing)
    return {"Type": origin, kind: rendered, **rendered, **thing.config}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


for _kind in KINDS:
    for _verb, _operation in operations(_kind).items():
        _noun = {"GetConfig": f"Get{_kind}Config", "List": f"List{_kind}s".replace("ys", "ies")}.get(
            _verb, _verb + _kind
        )
        setattr(CloudFrontResponse, _snake(_noun), _operation)

urls.url_paths = {"{0}/2020-05-31/(?P<path>.+)$": CloudFrontResponse.dispatch}
