"""EKS: access entries with their policies, and pod identities, none of which moto has."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.eks.exceptions import InvalidParameterException, ResourceInUseException, ResourceNotFoundException
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from emulator.patching import added
from emulator.services.eks_kept import ASSOCIATION, ENTRY, Record, arn_in, asked, cluster_of, kept, new, one
from emulator.services.eks_refusals import refuse_policy, refuse_role

NODE = {"username": "system:node:{{EC2PrivateDNSName}}", "kubernetesGroups": ["system:nodes"]}


def _entry(request: Any, principal: str, fields: Record) -> Record:
    where = arn_in(request, "access-entry", *principal.split(":")[5].split("/"), str(mock_random.uuid4()))
    return new(
        request, ENTRY, principal, {"principalArn": principal, "policies": {}, "accessEntryArn": where, **fields}
    )


def node_entry(request: Any, role: str) -> None:
    """Make the entry that EKS itself makes for the role of a managed node group; nobody else can make it then."""
    if cluster_of(request).access_config["authenticationMode"] != "CONFIG_MAP" and role not in kept(request, ENTRY):
        _entry(request, role, {"type": "EC2_LINUX", **NODE})


@added(EKSResponse)
def create_access_entry(self: Any) -> ActionResult:
    if cluster_of(self).access_config["authenticationMode"] == "CONFIG_MAP":
        modes = "[API, API_AND_CONFIG_MAP]"
        raise InvalidParameterException(message=f"The cluster's authentication mode must be set to one of {modes}")
    principal, kind = self._get_param("principalArn"), self._get_param("type") or "STANDARD"
    session = principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/{{SessionName}}"
    known: Record = {"username": session, "kubernetesGroups": []} if kind == "STANDARD" else NODE
    fields = {"type": kind, **known, **asked(self, "username", "kubernetesGroups")}
    if kind != "STANDARD" and self._get_param("kubernetesGroups"):
        raise InvalidParameterException(message=f"The type {kind} cannot have Kubernetes groups")
    return ActionResult({"accessEntry": _entry(self, principal, fields)})


@added(EKSResponse)
def describe_access_entry(self: Any) -> ActionResult:
    return ActionResult({"accessEntry": one(self, ENTRY, self._get_param("principalArn"))})


@added(EKSResponse)
def list_access_entries(self: Any) -> ActionResult:
    return ActionResult({"accessEntries": sorted(kept(self, ENTRY))})


@added(EKSResponse)
def update_access_entry(self: Any) -> ActionResult:
    entry = one(self, ENTRY, self._get_param("principalArn"))
    entry.update(asked(self, "username", "kubernetesGroups"), modifiedAt=utcnow())
    return ActionResult({"accessEntry": entry})


@added(EKSResponse)
def delete_access_entry(self: Any) -> EmptyResult:
    one(self, ENTRY, self._get_param("principalArn"))
    del kept(self, ENTRY)[self._get_param("principalArn")]
    return EmptyResult()


@added(EKSResponse)
def associate_access_policy(self: Any) -> ActionResult:
    entry, policy = one(self, ENTRY, self._get_param("principalArn")), self._get_param("policyArn")
    refuse_policy(policy, entry)
    scope, now = {"namespaces": [], **self._get_param("accessScope")}, utcnow()
    entry["policies"][policy] = {"policyArn": policy, "accessScope": scope, "associatedAt": now, "modifiedAt": now}
    return ActionResult({**_whose(entry), "associatedAccessPolicy": entry["policies"][policy]})


@added(EKSResponse)
def list_associated_access_policies(self: Any) -> ActionResult:
    entry = one(self, ENTRY, self._get_param("principalArn"))
    return ActionResult({**_whose(entry), "associatedAccessPolicies": list(entry["policies"].values())})


@added(EKSResponse)
def disassociate_access_policy(self: Any) -> EmptyResult:
    entry = one(self, ENTRY, self._get_param("principalArn"))
    if entry["policies"].pop(self._get_param("policyArn"), None) is None:
        raise ResourceNotFoundException(message="The policy is not associated with the access entry.")
    return EmptyResult()


def _whose(entry: Record) -> Record:
    return {"clusterName": entry["clusterName"], "principalArn": entry["principalArn"]}


def associate(request: Any, fields: Record) -> Record:
    """Give a service account a role; each has one at most."""
    refuse_role(request.current_account, fields["roleArn"], "pods.eks.amazonaws.com")
    for other in kept(request, ASSOCIATION).values():
        if all(other[name] == fields[name] for name in ("namespace", "serviceAccount")):
            raise ResourceInUseException(message=f"Association already exists: {other['associationId']}")
    key = "a-" + mock_random.get_random_string(17).lower()
    # The provider takes the id of an add-on's association out of its ARN.
    ids = {"associationId": key, "associationArn": arn_in(request, "podidentityassociation", key)}
    return new(request, ASSOCIATION, key, {**ids, "disableSessionTags": False, **fields})


@added(EKSResponse)
def create_pod_identity_association(self: Any) -> ActionResult:
    fields = asked(self, "namespace", "serviceAccount", "roleArn", "disableSessionTags", "targetRoleArn")
    return ActionResult({"association": associate(self, fields)})


@added(EKSResponse)
def describe_pod_identity_association(self: Any) -> ActionResult:
    return ActionResult({"association": one(self, ASSOCIATION, self._get_param("associationId"))})


@added(EKSResponse)
def list_pod_identity_associations(self: Any) -> ActionResult:
    wanted = asked(self, "namespace", "serviceAccount")
    found = [each for each in kept(self, ASSOCIATION).values() if wanted.items() <= each.items()]
    return ActionResult({"associations": found})


@added(EKSResponse)
def update_pod_identity_association(self: Any) -> ActionResult:
    association = one(self, ASSOCIATION, self._get_param("associationId"))
    association.update(asked(self, "roleArn", "disableSessionTags", "targetRoleArn"), modifiedAt=utcnow())
    return ActionResult({"association": association})


@added(EKSResponse)
def delete_pod_identity_association(self: Any) -> ActionResult:
    association = one(self, ASSOCIATION, self._get_param("associationId"))
    del kept(self, ASSOCIATION)[association["associationId"]]
    return ActionResult({"association": association})
