"""Regions that are lost: each call to one ends without an answer, also to its buckets by another region's address."""

import re
import socket
import threading
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import s3_backends
from werkzeug.wrappers import Response

from .wire import Call

PARTITION = "aws"
OF_NO_REGION = {"iam", "route53", "cloudfront", "budgets"}  # whatever region an SDK signs for


class LostRegions:
    """Which regions of which accounts are lost, and since when."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def set(self, fields: dict[str, Any]) -> None:
        """Lose a region of an account, or let it come back. Raises KeyError for a missing field."""
        key = (fields["account"], fields["region"])
        with self._lock:
            if fields["lost"]:
                self._since.setdefault(key, datetime.now(UTC))
            else:
                self._since.pop(key, None)

    def since(self, account: str, region: str) -> datetime | None:
        """Return since when a region is lost; None if it is there."""
        return self._since.get((account, region))

    def takes(self, call: Call, environ: dict[str, Any]) -> bool:
        """Say whether this call goes to a region that is lost."""
        if not self._since or call.service in OF_NO_REGION:
            return False
        regions = {call.region}
        if call.service == "s3" and (bucket := re.match(r"/([^/?]+)", environ["PATH_INFO"])):
            kept = s3_backends[call.account][PARTITION].buckets.get(bucket[1])
            regions |= {kept.region_name} if kept else set()
        return any(self.since(call.account, region) for region in regions)


def silence(environ: dict[str, Any]) -> Response:
    """Close the connection without an answer; the response goes nowhere."""
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    return Response(status=503)


LOST = LostRegions()
