"""Notices as messages of SNS: they go to everybody who gets the alarms, also when Slack does not work."""

from typing import Any

import structlog

from marketday.environments import slack_texts as texts
from marketday.environments.notices import Notice
from marketday.kit.errors import MarketdayError
from marketday.provisioners.terraform.aws import call

_LONGEST_SUBJECT = 99  # SNS takes ASCII only, and less than a hundred characters
_log = structlog.get_logger()


class SnsNotifier:
    """A `Notifier` that publishes to one topic, in one language."""

    def __init__(self, sns: Any, topic_arn: str, language: str) -> None:
        """Publish to `topic_arn` with the client `sns`."""
        self._sns = sns
        self._topic_arn = topic_arn
        self._language = language

    async def notify(self, notice: Notice) -> bool:
        """Publish `notice`; False when SNS refuses it or does not answer."""
        subject = f"Marketday: {notice.kind.replace('_', ' ')}, {notice.step}, {notice.drop_slug}"
        lines = (f"{name}: {value}" for name, value in texts.lines(notice, self._language))
        body = "\n".join([texts.title(notice, self._language), "", *lines])
        try:
            await call(
                self._sns,
                "publish",
                TopicArn=self._topic_arn,
                Subject=subject.encode("ascii", "replace").decode()[:_LONGEST_SUBJECT],
                Message=body,
            )
        except MarketdayError as error:
            _log.error("notice_not_published", notice=notice.key, topic=self._topic_arn, detail=error.detail)
            return False
        return True
