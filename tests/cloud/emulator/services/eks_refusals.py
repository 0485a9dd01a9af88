"""EKS: what AWS refuses, by its documentation of each call, and moto would take."""

import json
import re
from ipaddress import ip_network
from typing import Any

from moto.ec2.models import ec2_backends
from moto.eks.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.iam.models import iam_backends

# Of each add-on what our stacks may set, and its type. All settings are texts in `env`.
TAKEN: dict[str, dict[str, Any]] = {
    "coredns": {"tolerations": list, "nodeSelector": dict, "replicaCount": int, "resources": dict},
    "eks-pod-identity-agent": {"tolerations": list, "resources": dict},
    "kube-proxy": {"mode": str, "resources": dict},
    "metrics-server": {"tolerations": list, "nodeSelector": dict, "replicas": int, "resources": dict},
    "vpc-cni": {
        "enableNetworkPolicy": str,
        "resources": dict,
        "env": {
            "AWS_VPC_K8S_CNI_EXTERNALSNAT": str,
            "ENABLE_POD_ENI": str,
            "ENABLE_PREFIX_DELEGATION": str,
            "POD_SECURITY_GROUP_ENFORCING_MODE": str,
            "WARM_PREFIX_TARGET": str,
        },
    },
}
_POLICIES = {"Admin", "ClusterAdmin", "AdminView", "Edit", "View"}
_VERSION = r"v(\d+\.\d+)\.\d+-eksbuild\.\d+"


def refuse_policy(arn: str, entry: dict[str, Any]) -> None:
    """Refuse an access policy that AWS does not have, and one for nodes, which have none."""
    if not re.fullmatch(rf"arn:aws:eks::aws:cluster-access-policy/AmazonEKS({'|'.join(_POLICIES)})Policy", arn):
        raise ResourceNotFoundException(message=f"The access policy {arn} does not exist.")
    if entry["type"] != "STANDARD":
        raise InvalidParameterException(message=f"Access policies cannot be associated with the type {entry['type']}")


def refuse_role(account: str, arn: str, service: str) -> None:
    """Refuse a role whose trust does not let the service take it; pods also have to be named by session tags."""
    roles = {role.arn: role for role in iam_backends[account]["aws"].roles.values()}
    if arn not in roles:
        return  # tests of one call name roles that nobody made
    wanted = {"sts:AssumeRole", "sts:TagSession"} if service.startswith("pods.") else {"sts:AssumeRole"}
    allowed: set[str] = set()
    for one in json.loads(roles[arn].assume_role_policy_document)["Statement"]:
        if service in _list(one["Principal"].get("Service", [])):
            allowed |= set(_list(one["Action"]))
    if not wanted <= allowed:
        raise InvalidParameterException(message=f"Trust policy of role {arn} must allow {service} {sorted(wanted)}")


def refuse_network(region: str, account: str, subnets: list[str], services: str | None) -> None:
    """Refuse subnets of one zone, and addresses of services that are those of the network."""
    ec2 = ec2_backends[account][region]
    found = [ec2.get_subnet(one) for one in subnets]
    if len({one.availability_zone for one in found}) < 2:
        raise InvalidParameterException(message="Subnets specified must be in at least two different AZs")
    own = ip_network(ec2.get_vpc(found[0].vpc_id).cidr_block)
    if services and ip_network(services).overlaps(own):
        raise InvalidParameterException(message=f"Service IPv4 CIDR {services} overlaps with VPC CIDR {own}")


def refuse_addon(name: str, version: str | None, settings: str | None, cluster_version: str) -> None:
    """Refuse a version that is none, a kube-proxy that is newer than its cluster, and settings that an add-on lacks."""
    told = re.fullmatch(_VERSION, version or "v0.0.0-eksbuild.0")
    newer = name == "kube-proxy" and told and _number(told[1]) > _number(cluster_version)
    if told is None or newer:
        raise InvalidParameterException(message="Addon version specified is not supported")
    try:
        wrong = sorted(_unknown(json.loads(settings or "{}"), TAKEN[name]))
    except (ValueError, AttributeError):
        wrong = [str(settings)]
    if wrong:
        failed = "Json schema validation failed with error"
        raise InvalidParameterException(
            message=f"ConfigurationValue provided in request is not supported: {failed}: {wrong}"
        )


def _unknown(given: dict[str, Any], taken: dict[str, Any]) -> set[str]:
    """Return the members that an add-on does not take, and those of another type."""
    wrong = {name for name in given if name not in taken}
    for name in given.keys() - wrong:
        kind = taken[name]
        if isinstance(kind, dict):
            wrong |= _unknown(given[name], kind)
        elif not isinstance(given[name], kind):
            wrong.add(name)
    return wrong


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
