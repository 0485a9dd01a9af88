"""EKS: clusters and node groups, what moto drops of them, and how they change."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks.exceptions import InvalidParameterException
from moto.eks.models import EKSBackend, Nodegroup
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from emulator.patching import added, around, notes
from emulator.services.eks_access import node_entry
from emulator.services.eks_kept import KINDS, UPDATE, cluster_of, one, updated
from emulator.services.eks_refusals import refuse_network, refuse_role

CONFIGURED = {
    "access_config": "accessConfig",
    "upgrade_policy": "upgradePolicy",
    "zonal_shift_config": "zonalShiftConfig",
}


# AWS has no remote access where none was asked for; moto makes one up.
@around(Nodegroup)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    if not kwargs.get("remote_access"):
        self.remote_access = None


@around(EKSResponse)
def create_cluster(create: Any, self: Any) -> ActionResult:
    asked, network = self._get_param("resourcesVpcConfig"), self._get_param("kubernetesNetworkConfig") or {}
    refuse_network(self.region, self.current_account, asked["subnetIds"], network.get("serviceIpv4Cidr"))
    refuse_role(self.current_account, self._get_param("roleArn"), "eks.amazonaws.com")
    answer: ActionResult = create(self)
    made = answer.result["cluster"]
    made.access_config = {"authenticationMode": "CONFIG_MAP", **(self._get_param("accessConfig") or {})}
    made.upgrade_policy = self._get_param("upgradePolicy") or {"supportType": "EXTENDED"}
    made.zonal_shift_config = self._get_param("zonalShiftConfig")
    issuer = mock_random.get_random_string(32).upper()  # moto gives all clusters the same
    made.identity = {"oidc": {"issuer": f"https://oidc.eks.{self.region}.amazonaws.com/id/{issuer}"}}
    _furnish(made, ec2_backends[self.current_account][self.region])
    return answer


# EKS makes the security group of the control plane and of all nodes itself.
def _furnish(cluster: Any, ec2: Any) -> None:
    network = cluster.resources_vpc_config
    vpc = ec2.get_subnet(network["subnetIds"][0]).vpc_id
    name = f"eks-cluster-sg-{cluster.name}-{mock_random.get_random_string(10)}"
    group = ec2.create_security_group(name, "Created by EKS", vpc_id=vpc, force=True)
    group.add_tags({"aws:eks:cluster-name": cluster.name, f"kubernetes.io/cluster/{cluster.name}": "owned"})
    network |= {"vpcId": vpc, "clusterSecurityGroupId": group.id}


@around(EKSBackend)
def delete_cluster(delete: Any, self: Any, name: str) -> Any:
    cluster = delete(self, name)
    ec2 = ec2_backends[self.account_id][self.region_name]
    ec2.delete_security_group(group_id=cluster.resources_vpc_config["clusterSecurityGroupId"])
    for kind in KINDS:
        notes(self, kind).pop(name, None)
    return cluster


@around(EKSResponse)
def update_cluster_config(_update: Any, self: Any) -> ActionResult:
    cluster = cluster_of(self)
    cluster.resources_vpc_config |= self._get_param("resourcesVpcConfig") or {}
    cluster.logging = self._get_param("logging") or cluster.logging
    for ours, theirs in CONFIGURED.items():
        setattr(cluster, ours, self._get_param(theirs) or getattr(cluster, ours))
    return updated(self, "ConfigUpdate")


@added(EKSResponse)
def update_cluster_version(self: Any) -> ActionResult:
    cluster, wanted = cluster_of(self), self._get_param("version")
    if int(wanted.split(".")[1]) != int(cluster.version.split(".")[1]) + 1:
        raise InvalidParameterException(
            message=f"Unsupported Kubernetes minor version update from {cluster.version} to {wanted}"
        )
    cluster.version = wanted
    return updated(self, "VersionUpdate")


@added(EKSResponse)
def describe_update(self: Any) -> ActionResult:
    return ActionResult({"update": one(self, UPDATE, self._get_param("updateId"))})


@around(EKSResponse)
def create_nodegroup(create: Any, self: Any) -> ActionResult:
    refuse_role(self.current_account, self._get_param("nodeRole"), "ec2.amazonaws.com")
    answer: ActionResult = create(self)
    group = answer.result["nodegroup"]
    group.update_config = self._get_param("updateConfig") or {"maxUnavailable": 1}
    group.node_repair_config = self._get_param("nodeRepairConfig")
    _set_version(group, self)
    node_entry(self, group.node_role)
    return answer


@around(EKSResponse)
def update_nodegroup_config(update: Any, self: Any) -> ActionResult:
    update(self)
    return updated(self, "ConfigUpdate")


@added(EKSResponse)
def update_nodegroup_version(self: Any) -> ActionResult:
    group = self.eks_backend.describe_nodegroup(cluster_of(self).name, self._get_param("nodegroupName"))
    _set_version(group, self)
    group.launch_template = {**(group.launch_template or {}), **(self._get_param("launchTemplate") or {})}
    return updated(self, "VersionUpdate")


def _set_version(group: Any, request: Any) -> None:
    cluster = cluster_of(request)
    group.version = request._get_param("version") or cluster.version
    if int(group.version.split(".")[1]) > int(cluster.version.split(".")[1]):
        raise InvalidParameterException(
            message=f"Requested Nodegroup version {group.version} is newer than {cluster.version}"
        )
    group.release_version = request._get_param("releaseVersion") or f"{group.version}.0-20261101"
