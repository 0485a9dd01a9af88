"""ECR: rules for pulling through, which moto does not have, and copies of what is pushed, which it does not make."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecr.models import ECRBackend, ecr_backends
from moto.ecr.responses import ECRResponse

from emulator.patching import AwsError, added, around, notes

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


# AWS copies what is pushed to the registry's destinations, with its digest, and never a copy; moto copies nothing.
@around(ECRBackend)
def put_image(put: Any, self: Any, repository_name: str, *args: Any, **kwargs: Any) -> Any:
    image = put(self, repository_name, *args, **kwargs)
    for rule in self.replication_config.get("rules", ()):
        prefixes = [each["filter"] for each in rule.get("repositoryFilters", ())]
        if prefixes and not repository_name.startswith(tuple(prefixes)):
            continue
        for place in rule["destinations"]:
            there = ecr_backends[place["registryId"]][place["region"]].repositories.get(repository_name)
            if there is not None and image not in there.images:
                there.images.append(image)
    return image
