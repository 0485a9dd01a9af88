"""EC2."""

import re
from typing import Any

from moto.ec2.exceptions import InvalidParameterValueError
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.nat_gateways import NatGatewayBackend
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPCBackend

from emulator.patching import around


@around(SecurityGroupRule)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    sides = (one for one in (*args, *kwargs.values()) if isinstance(one, dict))
    self.prefix_list = next((side for side in sides if "PrefixListId" in side), {})
    _refuse_characters("rule", self.description or "")


@around(SecurityGroup)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807, F811
    construct(self, *args, **kwargs)
    _refuse_characters("security group", self.description)


# EC2 takes no apostrophe in these, for example; provider and moto take everything.
def _refuse_characters(what: str, description: str) -> None:
    if not re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}", description):
        expected = "are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        error = InvalidParameterValueError(description)
        error.message = f"Invalid {what} description. Valid descriptions {expected}"
        raise error


# A rule's description stands with its other side, whatever that is; moto reads that of an address range alone.
def _description(rule: Any) -> str | None:
    sides = (rule.ip_range, rule.source_group, rule.prefix_list)
    return next((side["Description"] for side in sides if side.get("Description")), None)


SecurityGroupRule.description = property(_description)


# The provider finds a subnet's IPv6 range by these; moto has no such filters.
IPV6_FILTERS = {
    "ipv6-cidr-block-association.association-id": "associationId",
    "ipv6-cidr-block-association.ipv6-cidr-block": "ipv6CidrBlock",
}


@around(Subnet)
def get_filter_value(get: Any, self: Any, filter_name: str, method_name: str | None = None) -> Any:
    if filter_name == "ipv6-cidr-block-association.state":
        return ["associated" for _ in self.ipv6_cidr_block_association_set]
    if filter_name in IPV6_FILTERS:
        return [one[IPV6_FILTERS[filter_name]] for one in self.ipv6_cidr_block_association_set]
    return get(self, filter_name, method_name)


_ipv6_ranges = Subnet.ipv6_cidr_block_association_set.fget


# A state is {"State": …}; moto nests it once too often, and the provider waits for one that it can read.
def _readable(subnet: Any) -> list[dict[str, Any]]:
    return [{**one, "ipv6CidrBlockState": one["ipv6CidrBlockState"]["state"]} for one in _ipv6_ranges(subnet)]


Subnet.ipv6_cidr_block_association_set = property(_readable)


# In AWS a network takes its own access list along when it goes.
@around(VPCBackend)
def delete_vpc(delete: Any, self: Any, vpc_id: str) -> Any:
    vpc = delete(self, vpc_id)
    for name in [acl.id for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
        del self.network_acls[name]
    return vpc


# The tags of a launch template are its own; moto puts them among those of the instances that it will start.
@around(LaunchTemplate)
def __init__(construct: Any, self: Any, backend: Any, name: str, template_data: Any, *args: Any) -> None:  # noqa: N807, F811
    if specifications := template_data.get("TagSpecifications"):
        others = [one for one in specifications if one["ResourceType"] != "launch-template"]
        template_data = {**template_data, "TagSpecifications": others}
    construct(self, backend, name, template_data, *args)


# moto copies them when it makes the template, and never reads those that come later.
LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda _self, _tags: None)


# In AWS a gateway's network interface goes with it.
@around(NatGatewayBackend)
def delete_nat_gateway(delete: Any, self: Any, nat_gateway_id: str) -> Any:
    gateway = delete(self, nat_gateway_id)
    self.enis.pop(gateway._eni.id, None)
    return gateway
