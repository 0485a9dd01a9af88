"""Tells drift in Slack, and where Slack's webhook is refused for good by the topic of alarms."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError

from marketday.environments.slack import escaped, post
from marketday.kit.catalogues import read_catalogue
from marketday.kit.errors import MarketdayError, Permanent
from marketday.provisioners.drift.model import Drifted, News
from marketday.provisioners.terraform.aws import call

_LOCALES = Path(__file__).parent / "locales"
_SECONDS = 20
_MOST = 12  # of each list: Slack cuts a text at 3,000 characters, and a line has at most 250
_LONGEST_TEXT = 2900
_COMMAND = "marketday env drift"
_ABOUT = "drift"
_log = structlog.get_logger()


class DriftChannel:
    """Implements `drift.ports.Channel`."""

    def __init__(
        self, webhook: Callable[[], Awaitable[str]] | None, language: str, sns: Any = None, topic_arn: str = ""
    ) -> None:
        """Post to the address that `webhook` returns, in `language`, `ko` or `en`; otherwise publish to the topic."""
        self._webhook = webhook
        self._language = language
        self._sns = sns
        self._topic_arn = topic_arn

    async def tell(self, news: News) -> bool:
        """Tell what is new and what is gone; False if nobody could be told."""
        title, parts = words(news, self._language)
        if self._webhook is None:
            return await self._publish(title, parts)
        text = "\n".join(f"*{escaped(name)}*\n```{escaped(value)}```" for name, value in parts)[:_LONGEST_TEXT]
        blocks = [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*{escaped(title)}*"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        ]
        try:
            async with asyncio.timeout(_SECONDS):
                return await post(await self._webhook(), title, blocks, about=_ABOUT) is None
        except (ValueError, Permanent) as error:
            _log.error("slack_revoked", notice=_ABOUT, error=type(error).__name__)
            return await self._publish(title, parts)
        except (
            MarketdayError,
            SlackClientError,
            aiohttp.ClientError,
            OSError,
        ) as error:  # its text may hold the address
            _log.warning("slack_unreachable", notice=_ABOUT, error=type(error).__name__)
            return False

    async def _publish(self, title: str, parts: Sequence[tuple[str, str]]) -> bool:
        if not self._topic_arn:
            _log.error("drift_not_told", detail="there is neither Slack's webhook nor a topic")
            return False
        body = "\n\n".join([title, *(f"{name}\n{value}" for name, value in parts)])
        try:
            await call(self._sns, "publish", TopicArn=self._topic_arn, Subject="Marketday: drift", Message=body)
        except MarketdayError as error:
            _log.error("drift_not_told", topic=self._topic_arn, detail=error.detail)
            return False
        return True


def words(news: News, language: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the title of a message, and its parts: names and texts."""
    texts = read_catalogue(_LOCALES / f"drift.{language}.po")
    key = "drift.title" if news.new else "drift.title.fewer" if news.left else "drift.title.right"
    lists = (("drift.new", news.new), ("drift.gone", news.gone))
    parts = [(texts[name], _listed(found, texts["drift.more"])) for name, found in lists if found]
    command = [(texts["drift.command"], _COMMAND)] if news.left else []
    return texts[key].format(new=len(news.new), left=news.left), [*parts, *command]


def _listed(found: Sequence[Drifted], more: str) -> str:
    lines = [str(each) for each in found[:_MOST]]
    if len(found) > _MOST:
        lines.append(more.format(count=len(found) - _MOST))
    return "\n".join(lines)
