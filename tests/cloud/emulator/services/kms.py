"""KMS."""

from typing import Any

from moto.kms.models import KmsBackend

from emulator.patching import around


# The key that a service makes for itself is AWS's own, free, and never deleted; moto's looks like a customer's.
@around(KmsBackend)
def _generate_default_keys(generate: Any, self: Any, alias_name: str) -> str | None:
    key_id: str | None = generate(self, alias_name)
    if key_id is not None:
        self.keys[key_id].key_manager = "AWS"
    return key_id
