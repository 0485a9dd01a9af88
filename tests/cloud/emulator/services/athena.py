"""Athena."""

from typing import Any

from moto.athena.responses import AthenaResponse

from emulator.patching import added


@added(AthenaResponse)
def delete_named_query(self: Any) -> str:
    self.athena_backend.named_queries.pop(self._get_param("NamedQueryId"), None)
    return "{}"


# Terraform asks for it also when only `force_destroy` changes, which AWS does not know: after an import, always.
@added(AthenaResponse)
def update_work_group(self: Any) -> Any:
    group = self.athena_backend.work_groups.get(self._get_param("WorkGroup"))
    if group is None:
        return self.error("WorkGroup is not found.", 400)
    group.description = self._get_param("Description") or group.description
    group.state = self._get_param("State") or group.state
    updates = self._get_param("ConfigurationUpdates") or {}
    results = updates.pop("ResultConfigurationUpdates", {})
    group.configuration.update(updates)
    kept = group.configuration.setdefault("ResultConfiguration", {})
    kept.update({key: value for key, value in results.items() if not key.startswith("Remove")})
    return "{}"
