"""The bucket of Terraform's states, and in it what was told about drift."""

import asyncio
from collections.abc import Mapping
from typing import Any

from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import TerraformError

_STATE = ".tfstate"
_ONLY = "/terraform"  # the whole name of the state of a stack that exists once
TOLD = "drift/told.json"
_MISSING = "NoSuchKey"


class S3States:
    """Reads every state of a bucket. Implements `drift.ports.States`; it writes one object, which is no state."""

    def __init__(self, s3: Any, bucket: str) -> None:
        """Use the client `s3`."""
        self._s3 = s3
        self._bucket = bucket

    async def states(self) -> Mapping[str, str]:
        """Return the text of each state by its name; raises TerraformError if the bucket cannot be read."""
        keys = [key for key in await self._keys() if key.endswith(_STATE) and not key.startswith("runs/")]
        texts = await asyncio.gather(*(self._read(key) for key in keys))
        return {key.removesuffix(_STATE).removesuffix(_ONLY): text for key, text in zip(keys, texts, strict=True)}

    async def told(self) -> str:
        """Return what was kept after the last look; empty before the first."""
        try:
            return await self._read(TOLD)
        except TerraformError as error:
            if error.extra.get("code") != _MISSING:
                raise
            return ""

    async def keep(self, text: str) -> None:
        """Keep what was told."""
        await call(self._s3, "put_object", Bucket=self._bucket, Key=TOLD, Body=text.encode())

    async def _keys(self) -> list[str]:
        found, more = list[str](), dict[str, str]()
        while True:
            page = await call(self._s3, "list_objects_v2", Bucket=self._bucket, **more)
            found += [each["Key"] for each in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                return sorted(found)
            more = {"ContinuationToken": page["NextContinuationToken"]}

    async def _read(self, key: str) -> str:
        answer = await call(self._s3, "get_object", Bucket=self._bucket, Key=key)
        body: bytes = await asyncio.to_thread(answer["Body"].read)
        return body.decode("utf-8", "replace")
