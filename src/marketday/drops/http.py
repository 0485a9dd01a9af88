"""Pictures that a catalogue names by URL, fetched once at the hand-over, so that a drop's pages need no other host.

The addresses come from the catalogue's file and are not trusted: only http(s), only public addresses (we connect to
the address that we checked, also after a redirect), limited time and size, and only data that begins like a picture.
A picture that cannot be fetched is left out: the page draws a replacement.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from marketday.drops.pictures import LARGEST_BYTES, written
from marketday.kit.answers import read_at_most

MOST_PICTURES = 200
PICTURE_SECONDS = 10.0
ALL_SECONDS = 20.0  # the Lambda has one minute for the whole hand-over
_AT_ONCE = 4
_MOST_HOPS = 4  # the first address, and three redirects
_WIDTH = 800  # pixels; we ask Shopify for this size, because the originals are too large
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_AGENT = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "marketday"}
_KINDS = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavi", "image/avif"),
)
_log = structlog.get_logger()


class PictureRefused(Exception):
    """This picture is not fetched; the message says why."""


def is_public(address: str) -> bool:
    """Whether an IP address, and an IPv4 address inside an IPv6 one, is public."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if carried is None and found in _NAT64:
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        found = carried or found
    return found.is_global and not found.is_multicast


async def fetch_pictures(sources: Iterable[str], *, allowed: Callable[[str], bool] = is_public) -> dict[str, str]:
    """Return data: URLs (RFC 2397) by their sources; failed ones are left out. It never raises.

    `allowed` returns whether a picture may be fetched from an IP address.
    """
    wanted = [source for source in dict.fromkeys(sources) if source.startswith(("http://", "https://"))]
    if not wanted:
        return {}
    connector = aiohttp.TCPConnector(resolver=_Resolver(allowed), limit=_AT_ONCE)
    timeout = aiohttp.ClientTimeout(total=PICTURE_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    ) as session:
        turns = asyncio.Semaphore(_AT_ONCE)
        tasks = {source: asyncio.create_task(_fetch(session, source, turns, allowed)) for source in wanted}
        for source in wanted[MOST_PICTURES:]:
            tasks[source].cancel()
        _, late = await asyncio.wait(tasks.values(), timeout=ALL_SECONDS)
        for task in late:
            task.cancel()
        found = await asyncio.gather(*tasks.values(), return_exceptions=True)
    return {
        source: picture for source, picture in zip(tasks, found, strict=True) if isinstance(picture, str) and picture
    }


async def _fetch(
    session: aiohttp.ClientSession, source: str, turns: asyncio.Semaphore, allowed: Callable[[str], bool]
) -> str:
    async with turns:
        try:
            return _data_url(await asyncio.wait_for(_bytes(session, source, allowed), PICTURE_SECONDS))
        except (PictureRefused, OSError, ValueError, TimeoutError, aiohttp.ClientError) as error:
            _log.warning("picture_left_out", source=source[:200], reason=f"{type(error).__name__}: {error}"[:200])
            return ""


async def _bytes(session: aiohttp.ClientSession, source: str, allowed: Callable[[str], bool]) -> bytes:
    url = URL(source)
    for _ in range(_MOST_HOPS):
        url = _checked(url, allowed)
        async with session.get(url, allow_redirects=False, headers=_AGENT) as answer:
            location = answer.headers.get("Location", "")
            if answer.status in (301, 302, 303, 307, 308) and location:
                url = url.join(URL(location))
                continue
            if not answer.ok:
                raise PictureRefused(f"the answer is {answer.status}; expected a picture")
            return await read_at_most(answer, LARGEST_BYTES)
    raise PictureRefused(f"more than {_MOST_HOPS - 1} redirects; expected a picture")


def _checked(url: URL, allowed: Callable[[str], bool]) -> URL:
    """Return the URL to fetch; raises Refused. A host name is checked again when it is resolved."""
    host = url.host or ""
    if url.scheme not in ("http", "https") or not host or url.user is not None:
        raise PictureRefused("expected an http(s) URL without a user's name")
    if ":" in host or not any(letter.isalpha() for letter in host):  # the system reads `127.1` as an address
        try:
            known = allowed(host)
        except ValueError:
            known = False
        if not known:
            raise PictureRefused(f"{host} is not a public address")
    return url.update_query(width=_WIDTH) if host == "cdn.shopify.com" or "/cdn/shop/" in url.path else url


def _data_url(data: bytes) -> str:
    for offset, begin, kind in _KINDS:
        if data.startswith(begin, offset):
            return written(kind, data)
    raise PictureRefused("its first bytes are not a picture's; expected PNG, JPEG, GIF, WebP or AVIF")


class _Resolver(AbstractResolver):
    """Resolves names, and refuses addresses that are not allowed."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._system.resolve(host, port, family)
        for each in found:
            if not self._allowed(each["host"]):
                raise OSError(f"{host} leads to {each['host']}, which is not a public address")
        return found

    async def close(self) -> None:
        await self._system.close()
