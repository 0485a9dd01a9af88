"""What services leave behind: network interfaces that are theirs until they let go of them, and hold what they use.

AWS shows only by the description for whom it made an interface. It is in use while what it was made for exists.
"""

import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.dms.models import dms_backends
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import SubnetBackend

from emulator.patching import AwsError, around

_FUNCTION = re.compile(r"AWS Lambda VPC ENI-(.+)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def _dms_uses_it(interface: Any) -> bool:
    backend = interface.ec2_backend
    return bool(dms_backends[backend.account_id][backend.region_name].replication_instances)


def _lambda_uses_it(interface: Any) -> bool:
    backend, name = interface.ec2_backend, _FUNCTION.match(interface.description)
    functions = lambda_backends[backend.account_id][backend.region_name].list_functions()
    return name is not None and any(each.function_name == name[1] for each in functions)


OWNERS: dict[str, Callable[[Any], bool]] = {"DMSNetworkInterface": _dms_uses_it, "AWS Lambda VPC ENI": _lambda_uses_it}


def _used(interface: Any) -> bool | None:
    """Say whether its service uses an interface; None if it is no service's."""
    uses = next((uses for start, uses in OWNERS.items() if interface.description.startswith(start)), None)
    return None if uses is None else uses(interface)


def _status(interface: Any) -> str:
    used = _used(interface)
    return str(interface.__dict__["_status"]) if used is None else "in-use" if used else "available"


NetworkInterface.status = property(_status, lambda self, value: self.__dict__.update(_status=value))
NetworkInterface.requester_managed = property(lambda self: _used(self) is not None, lambda _self, _value: None)


@around(NetworkInterfaceBackend)
def delete_network_interface(delete: Any, self: Any, eni_id: str) -> None:
    if eni_id in self.enis and _used(self.enis[eni_id]):
        raise AwsError("InvalidNetworkInterface.InUse", f"Interface: {eni_id} in use.")
    delete(self, eni_id)


def _refuse(backend: Any, kind: str, id_: str, holds: Callable[[Any], bool]) -> None:
    if any(_used(each) is not None and holds(each) for each in backend.enis.values()):
        message = f"The {kind} '{id_}' has dependencies and cannot be deleted."
        raise DependencyViolationError(message if kind == "subnet" else f"resource {id_} has a dependent object")


@around(SubnetBackend)
def delete_subnet(delete: Any, self: Any, subnet_id: str) -> Any:
    _refuse(self, "subnet", subnet_id, lambda interface: interface.subnet_id == subnet_id)
    return delete(self, subnet_id)


@around(SecurityGroupBackend)
def delete_security_group(delete: Any, self: Any, name: str | None = None, group_id: str | None = None) -> None:
    _refuse(self, "group", group_id or "", lambda interface: group_id in {each.id for each in interface.group_set})
    delete(self, name, group_id)
