"""SQS."""

import json
from typing import Any

from moto.sqs.models import Queue

_attributes = Queue.attributes.fget


# AWS answers a redrive policy as it was sent, without spaces; moto adds some, and the provider waits for equality.
def _as_sent(queue: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = _attributes(queue)
    if attributes.get("RedrivePolicy"):
        attributes["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"))
    return attributes


Queue.attributes = property(_as_sent)
