"""Elastic Load Balancing."""

from typing import Any

from moto.elbv2.models import FakeLoadBalancer

from emulator.patching import around


# A load balancer becomes active; moto's stays "provisioning" until it is described once more than Terraform asks.
@around(FakeLoadBalancer)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    self.state = "active"
