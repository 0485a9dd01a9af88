"""KMS."""

import json
from typing import Any

from moto.kms.models import KmsBackend

from emulator.patching import around


# The key that a service makes for itself is AWS's own, free, and never deleted; moto's looks like a customer's.
@around(KmsBackend)
def create_alias(create: Any, self: Any, target_key_id: str, alias_name: str) -> Any:
    alias = create(self, target_key_id, alias_name)
    if alias_name.startswith("alias/aws/"):
        self.keys[self.get_key_id(target_key_id)].key_manager = "AWS"
    return alias


# CloudFormation gives a key's policy as an object; moto keeps it so, and then cannot answer with its text.
@around(KmsBackend)
def create_key(create: Any, self: Any, policy: Any, *args: Any, **kwargs: Any) -> Any:
    return create(self, json.dumps(policy) if isinstance(policy, dict) else policy, *args, **kwargs)
