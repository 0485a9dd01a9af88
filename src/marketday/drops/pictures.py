"""Pictures of a drop: brought from the mall as data: URLs, so that a drop needs no mall, and served as files."""

import base64
import binascii
import hashlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from marketday.catalog.pictures import KINDS, kind_of
from marketday.drops.errors import UnreadablePicture
from marketday.drops.model import Picture
from marketday.kit.printable import printable

LARGEST_BYTES = 512 * 1024  # larger pictures are left out: a phone would wait too long for them
SUFFIXES = {kind: suffix for suffix, kind in reversed(KINDS.items())}  # .jpg, not .jpeg
_HASH_DIGITS = 32


def data_url(media: Path, source: str) -> str:
    """Return the picture that the mall shows as `source`, such as `media/toner.svg`, as a data: URL (RFC 2397).

    It is empty if the source is not one of the mall's own files below the folder `media`, not a picture, or too large.
    """
    parts = urlsplit(source)
    path = unquote(parts.path).lstrip("/").removeprefix("media/")
    if parts.scheme or parts.netloc or not path:
        return ""
    file = (media / path).resolve()
    kind = kind_of(file.name)
    if kind is None or not file.is_relative_to(media.resolve()) or not file.is_file():
        return ""
    if file.stat().st_size > LARGEST_BYTES:
        return ""
    return written(kind, file.read_bytes())


def written(kind: str, content: bytes) -> str:
    """Return a picture as a data: URL; `picture_of` reads it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def picture_of(image: str) -> Picture | None:
    """Return the picture of a data: URL, None if there is none.

    Raises:
        UnreadablePicture: it is not a data: URL as `written` makes it.

    """
    if not image:
        return None
    head, _, encoded = image.partition(",")
    kind = head.removeprefix("data:").removesuffix(";base64")
    if kind not in SUFFIXES or head != f"data:{kind};base64":
        raise UnreadablePicture(f"{printable(image, 60)}; expected data:, one of {', '.join(SUFFIXES)}, and ;base64")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadablePicture(f"{printable(image, 60)}; expected base64 (RFC 4648) after the comma") from error
    if not content:
        raise UnreadablePicture(f"{printable(image, 60)} is empty; expected a picture")
    name = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS] + SUFFIXES[kind]
    return Picture(name, kind, content)
