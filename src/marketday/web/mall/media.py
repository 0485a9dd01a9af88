"""The mall's own pictures, at `/media/<hash>/<file>`: the hash is of the content, so caches may keep them for ever."""

import hashlib
import re
from pathlib import Path
from stat import S_ISREG
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from marketday.catalog.model import Image
from marketday.catalog.pictures import kind_of
from marketday.web.files import FOREVER

_SOON = "public, max-age=60"  # an address without the hash, as the API and a catalogue's file give it
_HASH_DIGITS = 16
_HASH = re.compile(rf"[0-9a-f]{{{_HASH_DIGITS}}}")


class Media:
    """The pictures in a folder. An import can replace them while the mall runs."""

    def __init__(self, folder: Path | None) -> None:
        """Serve `folder`; None means that there are no pictures."""
        self._folder = folder
        self._known: dict[str, tuple[tuple[int, int], str]] = {}

    def mount(self, app: FastAPI) -> None:
        """Serve the pictures at `/media`."""
        if self._folder is not None:
            app.mount("/media", _Pictures(self, self._folder), name="media")

    def address(self, image: Image) -> str:
        """Return the address of a picture for a page: that of our own files changes with their content."""
        path = image.url.removeprefix("/media/")
        found = self.hash_of(unquote(path)) if path != image.url else None
        return f"/media/{found}/{path}" if found else image.url

    def hash_of(self, name: str) -> str | None:
        """Return the hash of a file in the folder, None if there is none; a file is read again when it has changed."""
        if self._folder is None:
            return None
        try:
            facts = (self._folder / name).lstat()
            if "/" in name or not S_ISREG(facts.st_mode):
                return None
            version = facts.st_mtime_ns, facts.st_size
            if self._known.get(name, (None,))[0] != version:
                content = (self._folder / name).read_bytes()
                self._known[name] = version, hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
        except (OSError, ValueError):  # it is not there, or cannot be a file's name
            return None
        return self._known[name][1]


class _Pictures(StaticFiles):
    """Starlette's static files, which stay inside their folder; the hash is taken out of the address."""

    def __init__(self, media: Media, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._media = media

    async def get_response(self, path: str, scope: Scope) -> Response:
        folder, _, name = path.rpartition("/")
        current = self._media.hash_of(name) if _HASH.fullmatch(folder) else None
        answer = await super().get_response(name if current else path, scope)
        answer.headers["Cache-Control"] = FOREVER if current and current == folder else _SOON
        if kind := kind_of(path):
            answer.headers["Content-Type"] = kind
        return answer
