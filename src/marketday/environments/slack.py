"""Notices as messages in Slack, sent to an incoming webhook with a secret address; `slack_texts.py` has the texts."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from marketday.environments import slack_texts as texts
from marketday.environments.errors import WebhookRevoked
from marketday.environments.log import LogNotifier
from marketday.environments.notices import Notice, NoticeKind
from marketday.environments.ports import Notifier
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError, Permanent

_log = structlog.get_logger()
_TIMEOUT_SECONDS = 10
_MOST_SECONDS = 20  # the Lambda has one minute for everything
_PAUSE = timedelta(seconds=30)  # after a message that did not arrive, because the controller may call every second
_LONGEST_PAUSE = timedelta(minutes=10)  # also if Slack asks for more
_SECONDS, _MOST_DIGITS = re.compile(r"[0-9]+"), 6  # of a pause; the answer may hold any number
# A later attempt may succeed. Any other refusal stays: 404 (no_service) and 410 of a webhook that was revoked, 403, ...
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


_SIGNS = {
    NoticeKind.FAILED: ":red_circle:",
    NoticeKind.TROUBLE: ":warning:",
    NoticeKind.RECOVERED: ":large_green_circle:",
    NoticeKind.GO: ":large_green_circle:",
    NoticeKind.NO_GO: ":red_circle:",
    NoticeKind.LACKING: ":red_circle:",
    NoticeKind.LEAVING: ":hourglass_flowing_sand:",
    NoticeKind.OVERSTAYED: ":warning:",
}


class SlackNotifier:
    """A `Notifier` that posts to one channel, in one language; what Slack refuses for good is sent another way."""

    def __init__(
        self,
        webhook: Callable[[], Awaitable[str]],
        language: str,
        clock: Clock,
        otherwise: Notifier | None = None,
    ) -> None:
        """Post to the address that `webhook` returns, in `language`, `ko` or `en`; without it, or revoked, `otherwise`.

        Without `otherwise` the log is used.
        """
        self._webhook = webhook
        self._language = language
        self._clock = clock
        self._otherwise = otherwise or LogNotifier()
        self._not_before: datetime | None = None

    async def notify(self, notice: Notice) -> bool:
        """Post `notice`; False when Slack cannot be reached, or asks for a pause: nothing waits for it here."""
        if self._not_before is not None and self._clock.now() < self._not_before:
            return False
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                pause = await self._post(notice)
        except (ValueError, Permanent) as error:
            _log.error("slack_revoked", notice=notice.key, error=type(error).__name__, detail=_status(error))
            return await self._otherwise.notify(notice)
        except (MarketdayError, SlackClientError, aiohttp.ClientError, OSError) as error:
            # The text of an HTTP client's error may contain the address, which is secret.
            _log.warning("slack_unreachable", notice=notice.key, error=type(error).__name__)
            pause = _PAUSE
        self._not_before = None if pause is None else self._clock.now() + pause
        return pause is None

    async def _post(self, notice: Notice) -> timedelta | None:
        """Return after which pause to try again; None if the message arrived."""
        return await post(await self._webhook(), *message(notice, self._language), about=notice.key)


async def post(webhook: str, title: str, blocks: list[dict[str, Any]], *, about: str) -> timedelta | None:
    """Post one message; return after which pause to try again, None if it arrived. `about` is for the log.

    Raises:
        WebhookRevoked: Slack refuses the webhook for good.
        SlackClientError, aiohttp.ClientError, OSError, ValueError: Slack cannot be reached, or this is no address.

    """
    client = AsyncWebhookClient(webhook, timeout=_TIMEOUT_SECONDS, retry_handlers=[])
    answer = await client.send(text=title, blocks=blocks)
    if answer.status_code == HTTPStatus.OK:
        return None
    if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status_code not in _PASSING:
        raise WebhookRevoked(str(answer.status_code))
    _log.warning("slack_refused", notice=about, status=answer.status_code)
    return _asked_pause(answer.headers)


def _asked_pause(headers: Mapping[str, str]) -> timedelta:
    asked = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if not _SECONDS.fullmatch(asked):
        return _PAUSE
    return min(timedelta(seconds=int(asked)), _LONGEST_PAUSE) if len(asked) <= _MOST_DIGITS else _LONGEST_PAUSE


def _status(error: Exception) -> str:
    """Return Slack's status; nothing of another error, whose text may contain the address."""
    return error.detail if isinstance(error, WebhookRevoked) else ""


def message(notice: Notice, language: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a notice in Slack's format: the text of its notification, and its blocks (Block Kit)."""
    title = f"{_SIGNS[notice.kind]} {texts.title(notice, language)}"
    body = [f"*{escaped(name)}*\n{_shown(value, notice)}" for name, value in texts.lines(notice, language)]
    return title, [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{escaped(title)}*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(body)}},
    ]


def _shown(value: str, notice: Notice) -> str:
    return f"```{escaped(value)}```" if value == notice.command or "\n" in value else escaped(value)


def escaped(text: str) -> str:
    """Escape the characters of Slack's mark-up (docs.slack.dev, "Formatting text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
