"""Static files: read once, and served below a name that changes with their content. So caches may keep them for ever.

The address is `/static/<release>/<area>/<file>`, and `<release>` is a hash of all static files. So a style sheet or a
script names its neighbours by relative addresses, and every service of a release gives a file the same address.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response

FOREVER = "public, max-age=31536000, immutable"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", "": "text/plain"}
_WEB = Path(__file__).parent
_HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Release:
    """The static files by area and path, such as `layout/base.css`, and the hash of all of them."""

    name: str
    files: Mapping[str, bytes]

    @property
    def folder(self) -> str:
        """The address of the areas' folders."""
        return f"/static/{self.name}"


@cache
def release() -> Release:
    """Return the files of this installation, which are read once."""
    found = sorted(file for file in _WEB.glob("*/static/**/*") if file.is_file())
    files = {str(file.relative_to(_WEB)).replace("/static/", "/", 1): file.read_bytes() for file in found}
    whole = hashlib.sha256()
    for name, content in files.items():
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return Release(whole.hexdigest()[:_HASH_DIGITS], files)


def mount_files(app: FastAPI) -> None:
    """Serve the files of all areas, so that the edge may ask any service."""
    ours = release()

    @app.api_route("/static/{name}/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def file(name: str, path: str, request: Request) -> Response:
        content = ours.files.get(path)
        if content is None:
            raise HTTPException(404)
        answer = unchanging(
            request, content, _KINDS.get(Path(path).suffix, "application/octet-stream"), tag=f"{ours.name}/{path}"
        )
        if name != ours.name:  # a page of another release, while releases change: ours must not be kept as its file
            answer.headers["Cache-Control"] = "no-store"
        return answer


def unchanging(request: Request, content: bytes, kind: str, *, tag: str) -> Response:
    """Answer with what its address names for ever; without the content if the browser has it (RFC 9110, section 13)."""
    headers = {"Cache-Control": FOREVER, "ETag": f'"{tag}"'}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)
