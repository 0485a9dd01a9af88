"""Notices as lines of the log."""

from zoneinfo import ZoneInfo

import structlog

from marketday.environments.notices import Notice, NoticeKind
from marketday.environments.redaction import redacted

_log = structlog.get_logger()
_GRAVE = {
    NoticeKind.FAILED,
    NoticeKind.TROUBLE,
    NoticeKind.NO_GO,
    NoticeKind.LACKING,
    NoticeKind.OVERSTAYED,
}


class LogNotifier:
    """A `Notifier` that writes to the log; the operator's alerts are made from the log."""

    async def notify(self, notice: Notice) -> bool:
        """Write `notice` as one line: as an error when something is wrong."""
        write = _log.error if notice.kind in _GRAVE else _log.info
        write(
            f"environment_{notice.kind}",
            environment=str(notice.environment_id),
            drop=notice.drop_slug,
            step=notice.step,
            reason=redacted(notice.reason),
            deadline=notice.moment.astimezone(ZoneInfo(notice.zone)).isoformat(),
            command=notice.command,
            log=notice.log,
        )
        return True
