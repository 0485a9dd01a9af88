"""The locks of states in S3 (`use_lockfile`): each is an object beside its state; Terraform removes it at its end."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostUnavailable, LockUnclear
from marketday.provisioners.terraform.model import Lock, Run
from marketday.provisioners.terraform.script import Source


class S3Locks:
    """Implements `terraform.ports.StateLocks`. The bucket has to keep versions."""

    def __init__(self, s3: Any, source: Source) -> None:
        """Look beside the states of `source`."""
        self._s3 = s3
        self._source = source

    async def held(self, run: Run) -> Lock | None:
        """Return who holds the state of the stack of `run`.

        Raises:
            LockUnclear: the object is something else, or the bucket keeps no versions.
            HostUnavailable, AccessRefused: S3 refuses, or does not answer.

        """
        place = self._place(run)
        try:
            answer = await call(self._s3, "get_object", **place)
        except HostUnavailable as error:
            if error.extra.get("code") != "NoSuchKey":
                raise
            return None
        try:
            told = json.loads(answer["Body"].read())
            return Lock(str(told["ID"]), str(told["Who"]), _version(answer))
        except (ValueError, KeyError, TypeError) as error:
            raise LockUnclear(f"s3://{'/'.join(place.values())}: {error!r}; expected a lock with a version") from error

    async def remove(self, run: Run, lock: Lock) -> None:
        """Remove that version of the object: a lock that was taken in the meantime is another version, and stays."""
        await call(self._s3, "delete_object", **self._place(run), VersionId=lock.version)

    def by_hand(self, run: Run, lock_id: str) -> str:
        """Return the command that removes the lock: Terraform has to know the backend first."""
        settings = {**self._source.backend, "key": self._source.state_key(run)}
        named = (f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in settings.items())
        backend = " ".join(shlex.quote(f"-backend-config={each}") for each in named)
        terraform = f"terraform -chdir=infra/terraform/{run.stack}"
        return f"{terraform} init -reconfigure {backend} && {terraform} force-unlock {shlex.quote(lock_id)}"

    def _place(self, run: Run) -> dict[str, str]:
        return {"Bucket": self._source.backend["bucket"], "Key": f"{self._source.state_key(run)}.tflock"}


def _version(answer: Mapping[str, Any]) -> str:
    """Return the version of an object; raises KeyError if it has none of its own."""
    if answer["VersionId"] == "null":  # keeping versions was suspended: every later lock is this version too
        raise KeyError("VersionId")
    return str(answer["VersionId"])
