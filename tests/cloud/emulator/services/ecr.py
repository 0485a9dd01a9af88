"""ECR's rules for pulling through, which moto does not have."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecr.responses import ECRResponse

from emulator.patching import AwsError, added, notes

KIND = "pull_through_cache_rules"


def _rules(response: Any) -> dict[str, Any]:
    return notes(response.ecr_backend, KIND)


@added(ECRResponse)
def create_pull_through_cache_rule(self: Any) -> ActionResult:
    prefix = self._get_param("ecrRepositoryPrefix")
    if prefix in _rules(self):
        raise AwsError("PullThroughCacheRuleAlreadyExistsException", f"A rule with the prefix {prefix} exists.")
    _rules(self)[prefix] = {
        "ecrRepositoryPrefix": prefix,
        "upstreamRegistryUrl": self._get_param("upstreamRegistryUrl"),
        "createdAt": utcnow(),
        "registryId": self.current_account,
    }
    return ActionResult(_rules(self)[prefix])


@added(ECRResponse)
def describe_pull_through_cache_rules(self: Any) -> ActionResult:
    wanted = self._get_param("ecrRepositoryPrefixes")
    found = [rule for prefix, rule in _rules(self).items() if not wanted or prefix in wanted]
    if wanted and not found:
        raise AwsError("PullThroughCacheRuleNotFoundException", f"There is no rule with the prefix {wanted[0]}.")
    return ActionResult({"pullThroughCacheRules": found})


@added(ECRResponse)
def delete_pull_through_cache_rule(self: Any) -> ActionResult:
    return ActionResult(_rules(self).pop(self._get_param("ecrRepositoryPrefix"), {}))
