"""How long people pause, as pure functions."""


def pause_seconds(seconds: float, luck: float) -> float:
    """Return `seconds`, up to a quarter more or less by `luck` in [0, 1), so that people do not act all at once."""
    return seconds * (0.75 + luck / 2)


def retry_seconds(attempt: int, retry_after: float | None, luck: float) -> float:
    """Return how long to wait after attempt `attempt` (counted from 0) of a request to a busy server.

    It doubles from a quarter of a second up to 4 s, is never less than `retry_after`, and `luck` in [0, 1) adds up to
    a half.
    """
    backoff = min(0.25 * 2.0**attempt, 4.0)
    return max(backoff, min(retry_after or 0.0, 10.0)) * (1 + luck / 2)
