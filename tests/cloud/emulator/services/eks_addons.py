"""EKS: add-ons, which moto does not have, and the tags of everything but clusters."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks.exceptions import InvalidParameterException
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from emulator.patching import added, around, notes
from emulator.services.eks_access import associate
from emulator.services.eks_kept import (
    ADDON,
    ASSOCIATION,
    ENTRY,
    Record,
    arn_in,
    asked,
    cluster_of,
    kept,
    new,
    one,
    updated,
)
from emulator.services.eks_refusals import refuse_addon

KNOWN = {"coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni"}
GIVEN = ("addonVersion", "serviceAccountRoleArn", "configurationValues")
ARNS = {ENTRY: "accessEntryArn", ADDON: "addonArn", ASSOCIATION: "associationArn"}


@added(EKSResponse)
def create_addon(self: Any) -> ActionResult:
    name = self._get_param("addonName")
    if name not in KNOWN:
        raise InvalidParameterException(message=f"Addon {name} specified is not supported")
    _refuse(self, name)
    where = arn_in(self, "addon", name, str(mock_random.uuid4()))
    fields = {"addonName": name, "addonArn": where, "status": "ACTIVE", "health": {"issues": []}, **asked(self, *GIVEN)}
    addon = new(self, ADDON, name, fields)
    _link(self, addon)
    return ActionResult({"addon": addon})


def _refuse(request: Any, name: str) -> None:
    given = (request._get_param(each) for each in ("addonVersion", "configurationValues"))
    refuse_addon(name, *given, cluster_of(request).version)


def _link(request: Any, addon: Record) -> None:
    _unlink(request, addon)
    wanted = request._get_param("podIdentityAssociations") or []
    links = [{"namespace": "kube-system", "ownerArn": addon["addonArn"], **link} for link in wanted]
    addon["podIdentityAssociations"] = [associate(request, link)["associationArn"] for link in links]


def _unlink(request: Any, addon: Record) -> None:
    for arn in addon.get("podIdentityAssociations", []):
        kept(request, ASSOCIATION).pop(arn.rpartition("/")[2], None)


@added(EKSResponse)
def describe_addon(self: Any) -> ActionResult:
    return ActionResult({"addon": one(self, ADDON, self._get_param("addonName"))})


@added(EKSResponse)
def list_addons(self: Any) -> ActionResult:
    return ActionResult({"addons": sorted(kept(self, ADDON))})


@added(EKSResponse)
def update_addon(self: Any) -> ActionResult:
    addon = one(self, ADDON, self._get_param("addonName"))
    _refuse(self, addon["addonName"])
    addon.update(asked(self, *GIVEN), modifiedAt=utcnow())
    if self._get_param("podIdentityAssociations") is not None:
        _link(self, addon)
    return updated(self, "AddonUpdate")


@added(EKSResponse)
def delete_addon(self: Any) -> ActionResult:
    addon = one(self, ADDON, self._get_param("addonName"))
    _unlink(self, addon)
    return ActionResult({"addon": kept(self, ADDON).pop(addon["addonName"])})


# moto tags clusters only.
@around(EKSBackend)
def tag_resource(tag: Any, self: Any, resource_arn: str, tags: dict[str, str]) -> None:
    known = _tags(self, resource_arn)
    if known is None:
        tag(self, resource_arn, tags)
    else:
        known.update(tags)


@around(EKSBackend)
def untag_resource(untag: Any, self: Any, resource_arn: str, tag_keys: Any) -> None:
    known = _tags(self, resource_arn)
    if known is None:
        untag(self, resource_arn, tag_keys)
        return
    for key in [tag_keys] if isinstance(tag_keys, str) else tag_keys:
        known.pop(key, None)


def _tags(backend: Any, arn: str) -> dict[str, str] | None:
    groups = (group for cluster in backend.clusters.values() for group in cluster.nodegroups.values())
    known: dict[str, dict[str, str]] = {group.arn: group.tags for group in groups}
    for kind, name in ARNS.items():
        known |= {each[name]: each["tags"] for records in notes(backend, kind).values() for each in records.values()}
    return known.get(arn)
