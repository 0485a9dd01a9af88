"""A bucket of S3, or of a server that speaks its protocol. Credentials are found as boto3 finds them."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from marketday.kit.extras import extra
from marketday.provisioners.local.backup.errors import BackupFailed, BackupSettings, BackupUnusable, NoBackup
from marketday.provisioners.local.backup.places import LARGEST_SEALED, Writer

_SECONDS = 20
_SAID = {
    "NoSuchBucket": "there is no such bucket; expected an existing one: create it, with versioning and Object Lock",
    "AccessDenied": "access is denied; expected a role that may list, read, write and delete there",
    "403": "access is denied; expected a role that may list, read, write and delete there",
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret access key is not right",
}
_MOST_REMOVED = 1000  # in one call


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """The objects of a bucket whose keys begin with `prefix`."""

    bucket: str
    prefix: str
    client: Any

    @property
    def address(self) -> str:
        """Its URL."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def put(self, name: str, write: Writer) -> None:
        """Write a temporary file, then upload it; an upload that is interrupted makes no object."""
        with tempfile.TemporaryFile() as half:
            write(half)
            half.seek(0)
            with self._failing(name):
                self.client.upload_fileobj(half, self.bucket, self._key(name))

    def read(self, name: str) -> bytes:
        """Read an object."""
        with self.stream(name) as source:
            content = source.read(LARGEST_SEALED + 1)
        if len(content) > LARGEST_SEALED:
            raise BackupUnusable(f"{self.address}/{name} is larger than {LARGEST_SEALED:,} bytes")
        return content

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[bytes]]:
        """Read an object while it is downloaded."""
        with self._failing(name):
            body = self.client.get_object(Bucket=self.bucket, Key=self._key(name))["Body"]
            try:
                yield body
            finally:
                body.close()

    def names(self, folder: str) -> Sequence[str]:
        """List the objects."""
        start = self._key(f"{folder}/" if folder else "")
        with self._failing(folder):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=start)
            return sorted(one["Key"].removeprefix(start) for page in pages for one in page.get("Contents", ()))

    def remove(self, names: Sequence[str]) -> None:
        """Delete the objects; with versioning their versions stay, as the bucket's rules say."""
        for begin in range(0, len(names), _MOST_REMOVED):
            keys = [{"Key": self._key(name)} for name in names[begin : begin + _MOST_REMOVED]]
            with self._failing(""):
                answer = self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": keys, "Quiet": True})
            if wrong := answer.get("Errors"):
                raise BackupFailed(f"{self.address}: {wrong[0].get('Key')} was not deleted: {wrong[0].get('Message')}")

    def free_bytes(self) -> int | None:
        """Return None: a bucket has no end."""
        return None

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}" if self.prefix else name

    @contextmanager
    def _failing(self, name: str) -> Iterator[None]:
        with extra("aws"):
            from boto3.exceptions import Boto3Error  # noqa: PLC0415 - of an extra
            from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        what = f"{self.address}/{name}".rstrip("/")
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in ("NoSuchKey", "404"):
                raise NoBackup(f"{what} is missing") from None
            raise BackupFailed(f"{what}: {_SAID.get(code, error)}") from None
        except (Boto3Error, BotoCoreError) as error:  # Boto3Error wraps what an upload was answered
            said = next((text for code, text in _SAID.items() if f"({code})" in str(error)), str(error))
            raise BackupFailed(f"{what}: {said}") from None


def open_bucket(address: str, endpoint: str | None) -> BucketPlace:
    """Return the place `s3://bucket/prefix`.

    Raises:
        BackupSettings: the address has no bucket, or the endpoint cannot be used.
        NotInstalled: boto3 is missing.

    """
    with extra("aws"):
        import boto3  # noqa: PLC0415 - of an extra
        from botocore.config import Config  # noqa: PLC0415

    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    if not bucket:
        raise BackupSettings(f"{address!r} names no bucket; expected s3://BUCKET or s3://BUCKET/PREFIX")
    limits = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 3})
    try:
        return BucketPlace(bucket, prefix.strip("/"), boto3.client("s3", endpoint_url=endpoint, config=limits))
    except (ValueError, boto3.exceptions.Boto3Error) as error:
        raise BackupSettings(f"{address}: {error}") from None
