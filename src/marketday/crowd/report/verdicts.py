"""Results of checks."""

from collections.abc import Iterable

from marketday.crowd.report.model import Verdict

_SHOWN = 5
Figures = tuple[tuple[str, str], ...]


def judged(name: str, figures: Figures, trouble: Iterable[str] = (), *, holds: bool = True) -> Verdict:
    """Return a result: a tick if it `holds` and there is no `trouble`; only the first few troubles are kept."""
    listed = list(trouble)
    shown = listed[:_SHOWN] + ([f"… {len(listed) - _SHOWN}"] if len(listed) > _SHOWN else [])
    return Verdict(name, holds and not listed, figures, tuple(shown))


def missing(name: str, what: str) -> Verdict:
    """Return the failed result of a check without evidence."""
    return Verdict(name, holds=False, figures=(("no_evidence", what),))
