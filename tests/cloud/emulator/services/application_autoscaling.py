"""Application Auto Scaling."""

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from emulator.patching import added, around, notes


def _tags(response: Any) -> dict[str, dict[str, str]]:
    return notes(response.applicationautoscaling_backend, "tags")


# AWS keeps tags on scalable targets; moto has no operation for them and drops those of RegisterScalableTarget.
@around(ApplicationAutoScalingResponse)
def register_scalable_target(register: Any, self: Any) -> str:
    answer: str = register(self)
    if tags := self._get_param("Tags"):
        _tags(self).setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(tags)
    return answer


@added(ApplicationAutoScalingResponse)
def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"Tags": _tags(self).get(self._get_param("ResourceARN"), {})})


@added(ApplicationAutoScalingResponse)
def tag_resource(self: Any) -> str:
    _tags(self).setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


@added(ApplicationAutoScalingResponse)
def untag_resource(self: Any) -> str:
    kept = _tags(self).get(self._get_param("ResourceARN"), {})
    for key in self._get_param("TagKeys"):
        kept.pop(key, None)
    return "{}"
