"""Notices as lines of the log."""

import structlog

from marketday.environments.ports import Notice

_log = structlog.get_logger()


class LogNotifier:
    """A `Notifier` that writes to the log, where the operator's alerts read."""

    async def tell(self, notice: Notice) -> None:
        """Write `notice` as one line of level error."""
        _log.error(
            "environment_failed",
            environment=str(notice.environment_id),
            drop=notice.drop_slug,
            step=notice.step,
            reason=notice.reason,
            deadline=notice.deadline.isoformat(),
            retry=notice.retry,
        )
