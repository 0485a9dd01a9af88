"""What a sweep must be allowed to do: it only reads. The right to remove late log groups is granted separately."""

from collections.abc import Iterator

from marketday.provisioners.sweep import tagging
from marketday.provisioners.sweep.finder import Finder
from marketday.provisioners.sweep.finders import FINDERS

# Services that have another name in IAM than in boto3.
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
