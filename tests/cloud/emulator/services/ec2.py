"""EC2."""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from emulator.patching import around


@around(SecurityGroupRule)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    self.prefix_list = kwargs.get("prefix_list_id") or {}


# A rule's description stands with its other side, whatever that is; moto reads that of an address range alone.
def _description(rule: Any) -> str | None:
    sides = (rule.ip_range, rule.source_group, rule.prefix_list)
    return next((side["Description"] for side in sides if side.get("Description")), None)


SecurityGroupRule.description = property(_description)
