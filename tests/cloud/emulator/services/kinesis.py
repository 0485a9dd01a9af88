"""Kinesis."""

from typing import Any

from moto.kinesis.responses import KinesisResponse

from emulator.patching import around


# CreateStream takes tags since 2025; moto drops them.
@around(KinesisResponse)
def create_stream(create: Any, self: Any) -> Any:
    answer = create(self)
    if tags := self._get_param("Tags"):
        self.kinesis_backend.add_tags_to_stream(None, self._get_param("StreamName"), tags)
    return answer
