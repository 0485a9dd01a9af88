"""Notices as messages in Slack, sent to an incoming webhook with a secret address; `slack_texts.py` has the texts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.webhook.async_client import AsyncWebhookClient

from marketday.environments import slack_texts as texts
from marketday.environments.notices import Notice, NoticeKind
from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError

_log = structlog.get_logger()
_TIMEOUT_SECONDS = 10
_MOST_SECONDS = 20  # including the pause that Slack may ask for: the Lambda has one minute for everything
_PAUSE = timedelta(seconds=30)  # after a message that did not arrive, because the controller may call every second
_OK = 200
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
    """A `Notifier` that posts to one channel, in one language."""

    def __init__(self, webhook: Callable[[], Awaitable[str]], language: str, clock: Clock) -> None:
        """Post to the address that `webhook` returns, in `language`, `ko` or `en`."""
        self._webhook = webhook
        self._language = language
        self._clock = clock
        self._not_before: datetime | None = None

    async def notify(self, notice: Notice) -> bool:
        """Post `notice`; False when Slack, or the secret with its address, cannot be reached."""
        if self._not_before is not None and self._clock.now() < self._not_before:
            return False
        try:
            async with asyncio.timeout(_MOST_SECONDS):
                arrived = await self._post(notice)
        except (MarketdayError, SlackClientError, aiohttp.ClientError, OSError, ValueError) as error:
            # The text of an HTTP client's error may contain the address, which is secret.
            _log.warning("slack_unreachable", notice=notice.key, error=type(error).__name__)
            arrived = False
        self._not_before = None if arrived else self._clock.now() + _PAUSE
        return arrived

    async def _post(self, notice: Notice) -> bool:
        client = AsyncWebhookClient(
            await self._webhook(),
            timeout=_TIMEOUT_SECONDS,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=1)],
        )
        title, blocks = message(notice, self._language)
        answer = await client.send(text=title, blocks=blocks)
        if answer.status_code != _OK:
            _log.warning("slack_refused", notice=notice.key, status=answer.status_code)
        return answer.status_code == _OK


def message(notice: Notice, language: str) -> tuple[str, list[dict[str, Any]]]:
    """Return a notice in Slack's format: the text of its notification, and its blocks (Block Kit)."""
    title = f"{_SIGNS[notice.kind]} {texts.title(notice, language)}"
    body = [f"*{_escaped(name)}*\n{_shown(value, notice)}" for name, value in texts.lines(notice, language)]
    return title, [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{_escaped(title)}*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(body)}},
    ]


def _shown(value: str, notice: Notice) -> str:
    return f"```{_escaped(value)}```" if value == notice.command or "\n" in value else _escaped(value)


def _escaped(text: str) -> str:
    """Escape the characters of Slack's mark-up (docs.slack.dev, "Formatting text")."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
