"""How a check says what it found."""

from collections.abc import Iterable

from marketday.crowd.report.model import Verdict

_SHOWN = 5
Figures = tuple[tuple[str, str], ...]


def judged(name: str, figures: Figures, trouble: Iterable[str] = (), *, holds: bool = True) -> Verdict:
    """Return a verdict: a tick when it `holds` and there is no `trouble`; the first few troubles are kept."""
    listed = list(trouble)
    shown = listed[:_SHOWN] + ([f"… {len(listed) - _SHOWN}"] if len(listed) > _SHOWN else [])
    return Verdict(name, holds and not listed, figures, tuple(shown))


def missing(name: str, what: str) -> Verdict:
    """Return the cross of a check that has no evidence to judge by."""
    return Verdict(name, holds=False, figures=(("no_evidence", what),))
