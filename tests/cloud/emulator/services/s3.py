"""S3."""

from typing import Any

from moto.s3.models import FakeDeleteMarker

from emulator.patching import added


# moto disposes of every version of an object when it removes a bucket, and fails at its own delete markers.
@added(FakeDeleteMarker)
def dispose(self: Any, *args: Any, **kwargs: Any) -> None:
    """Have nothing to dispose of."""
