"""An image as it was pulled: its files, and what it says of itself."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Image:
    """An image of build/images."""

    name: str
    root: Path
    layout: Path
    digest: str = ""
    revision: str = ""  # what was built, as the build wrote it down

    def _blob(self, digest: str) -> dict[str, Any]:
        algorithm, _, number = digest.partition(":")
        blob: dict[str, Any] = json.loads((self.layout / "blobs" / algorithm / number).read_text("utf-8"))
        return blob

    @property
    def manifest_digest(self) -> str:
        """The digest of what was pulled."""
        (manifest,) = json.loads((self.layout / "index.json").read_text("utf-8"))["manifests"]
        return str(manifest["digest"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """The image's configuration."""
        return self._blob(self._blob(self.manifest_digest)["config"]["digest"])

    @property
    def config(self) -> dict[str, Any]:
        """What a container starts with: User, Env, Entrypoint, Cmd, WorkingDir, Labels."""
        config: dict[str, Any] = self.document["config"]
        return config

    @property
    def environment(self) -> dict[str, str]:
        """The image's own environment variables."""
        return dict(pair.split("=", 1) for pair in self.config["Env"])

    def files(self) -> list[Path]:
        """All that is in it, links not followed."""
        return list(self.root.rglob("*"))
