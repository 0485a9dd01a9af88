"""The mall's pictures as data: URLs, so that a drop's pages need no mall."""

import base64
import mimetypes
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGEST_BYTES = 512 * 1024  # each picture is part of its page; larger ones are left out


def data_url(media: Path, source: str) -> str:
    """Return the picture that the mall shows as `source`, such as `media/toner.svg`, as a data: URL (RFC 2397).

    It is empty if the source is not one of the mall's own files below the folder `media`, not a picture, or too large.
    """
    parts = urlsplit(source)
    path = unquote(parts.path).lstrip("/").removeprefix("media/")
    if parts.scheme or parts.netloc or not path:
        return ""
    file = (media / path).resolve()
    kind = mimetypes.guess_type(file.name)[0] or ""
    if not file.is_relative_to(media.resolve()) or not file.is_file() or not kind.startswith("image/"):
        return ""
    if file.stat().st_size > LARGEST_BYTES:
        return ""
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
