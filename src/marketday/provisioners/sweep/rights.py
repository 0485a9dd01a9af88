"""What a sweep must be allowed to do: to look is reading alone; what late_logs removes is granted by itself."""

from collections.abc import Iterator

from marketday.provisioners.sweep import tagging
from marketday.provisioners.sweep.finder import Finder
from marketday.provisioners.sweep.finders import FINDERS

# Where IAM calls a service by another name than boto3 does.
_PREFIXES = {"elbv2": "elasticloadbalancing", tagging.SERVICE: "tag"}


def actions() -> frozenset[str]:
    """Return the IAM actions that a sweep needs, such as `ec2:DescribeVpcs`."""
    needed = {_action(tagging.SERVICE, tagging.CALL)}
    for finder in FINDERS:
        needed.update(_actions(finder))
    return frozenset(needed)


def _actions(finder: Finder) -> Iterator[str]:
    yield finder.granted_by or _action(finder.service, finder.call)
    for ask in (finder.describe, finder.ask_tags):
        if ask:
            yield _action(finder.service, ask.call)


def _action(service: str, call: str) -> str:
    return f"{_PREFIXES.get(service, service)}:{call}"
