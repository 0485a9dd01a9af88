"""The addresses that a mall had before it was restored on another port: its receipts of that time name them."""

import json
from pathlib import Path

from marketday.kit.private import write_whole
from marketday.kit.reading import UnreadableFile, read_json

EARLIER_FILE = "addresses.json"
_LARGEST_FILE = 64 * 1024


def keep_earlier_address(mall: Path, address: str) -> None:
    """Record in the mall's folder that receipts may name `address`; repeating it changes nothing."""
    known = earlier_addresses(mall)
    if address not in known:
        write_whole(mall / EARLIER_FILE, json.dumps(sorted({*known, address})))


def earlier_addresses(mall: Path) -> frozenset[str]:
    """Return the addresses that were recorded; none if the file is missing or damaged."""
    try:
        found = read_json(mall / EARLIER_FILE, _LARGEST_FILE)
    except UnreadableFile:
        return frozenset()
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else frozenset()
