"""Moments in the form of Valkey, tokens, documents and Terraform: whole milliseconds, or ISO 8601 in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_milliseconds(moment: datetime) -> int:
    """Return the whole milliseconds from 1970 to the aware datetime `moment`."""
    return (moment - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the UTC moment `milliseconds` after 1970 began."""
    return _EPOCH + milliseconds * _MILLISECOND


def to_text(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in UTC with milliseconds, such as `2026-12-10T11:00:00.000Z`."""
    return _utc(moment, "milliseconds")


def to_text_of_seconds(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in UTC with whole seconds, such as `2026-12-10T11:00:00Z`."""
    return _utc(moment, "seconds")


def _utc(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
