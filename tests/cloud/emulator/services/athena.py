"""Athena."""

from typing import Any

from moto.athena.responses import AthenaResponse

from emulator.patching import added


@added(AthenaResponse)
def delete_named_query(self: Any) -> str:
    self.athena_backend.named_queries.pop(self._get_param("NamedQueryId"), None)
    return "{}"
