"""Tells people about a backup in Slack, by an incoming webhook whose secret address is in a file."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path

import structlog

from marketday.kit.reading import UnreadableFile, read_text

_SECONDS = 10
_LARGEST_FILE = 4096
_log = structlog.get_logger()


async def tell(webhook_file: Path | None, text: str) -> None:
    """Post `text`; if there is no webhook, or Slack does not take it, the log has it."""
    _log.warning("backup_notice", text=text)
    if webhook_file is not None:
        await asyncio.to_thread(_post, webhook_file, f"Marketday backup: {text}")


def _address(webhook_file: Path) -> str:
    address = read_text(webhook_file, _LARGEST_FILE).strip()
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("expected an address that begins with https://")
    return address


def _post(webhook_file: Path, text: str) -> None:
    try:
        address = _address(webhook_file)
        request = urllib.request.Request(  # noqa: S310 - checked above
            address, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
            return
    except (UnreadableFile, OSError, ValueError) as error:  # the address is secret: only what failed is logged
        why = f"{error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
        _log.error("backup_notice_not_sent", reason=why)
