"""EKS."""

from typing import Any

from moto.eks.models import Nodegroup

from emulator.patching import around


# AWS has no remote access where none was asked for; moto makes one up.
@around(Nodegroup)
def __init__(construct: Any, self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
    construct(self, *args, **kwargs)
    if not kwargs.get("remote_access"):
        self.remote_access = None
