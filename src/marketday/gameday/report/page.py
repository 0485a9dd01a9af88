"""A game day as one HTML page that works without a network; it contains both languages and shows one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from marketday.crowd.journal import Answer, VisitorRole
from marketday.crowd.report import texts as day_texts
from marketday.crowd.report.figures import failures
from marketday.crowd.report.page import STYLE
from marketday.gameday import texts
from marketday.gameday.model import Conclusion, Course, Moment
from marketday.gameday.money import promises
from marketday.gameday.report import words
from marketday.gameday.report.charts import NARROW, WIDE, NumberedMark, stacked
from marketday.gameday.seconds import KINDS, Second, by_second, during
from marketday.kit.languages import StaffLanguage

_TEMPLATES = Path(__file__).parent / "templates"
_SEEN: dict[str, Callable[[Answer], bool]] = {
    "buying": lambda answer: answer.role == VisitorRole.BUYER and answer.action not in {"now", "identity"},
    "waiting": lambda answer: answer.role == VisitorRole.BUYER and answer.action == "now",
    "mall": lambda answer: answer.role == VisitorRole.SHOPPER or answer.action == "identity",
}
_BEFORE_SECONDS = 20.0  # how much of the time before the opening is shown


def render(course: Course, conclusion: Conclusion, *, made_at: datetime, lang: str) -> str:
    """Return the page; `lang` (ko or en) is shown first, times are seconds since the fault's beginning.

    Raises:
        KeyError: there is no such language.

    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zero, zone = _zero(course), course.day.moments.zone
    seen = {name: _seconds(course, counts, zero) for name, counts in _SEEN.items()}
    drop = seen["buying"]
    moments = [each for each in course.moments if drop and each.at - zero >= drop[0].at]
    fault = (0.0, course.fault.ends - zero) if course.fault else None
    marks = [
        NumberedMark(each.at - zero, number, each.kind, _told(each, lang)) for number, each in enumerate(moments, 1)
    ]
    return environment.get_template("gameday.html").render(
        course=course,
        conclusion=conclusion,
        lang=lang,
        languages=tuple(StaffLanguage),
        t=texts.text,
        day_t=day_texts.text,
        both=texts.both,
        titles=words.titles,
        names=words.names,
        style=Markup(STYLE.read_text("utf-8") + (_TEMPLATES / "gameday.css").read_text("utf-8")),  # noqa: S704 (our own files)
        made_at=f"{made_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})",
        promises=promises(course.day),
        rto={language: words.seconds(conclusion.rto_seconds, language) for language in StaffLanguage},
        kinds=KINDS,
        charts={name: _charts(name, seconds, fault, marks, lang) for name, seconds in seen.items()},
        during={name: during(each, *fault) if fault else None for name, each in seen.items()},
        moments=[(number, each, each.at - zero) for number, each in enumerate(moments, 1)],
        failures=failures([each for each in course.day.answers if each.role != VisitorRole.INTRUDER], zero),
        fault_seconds=fault[1] if fault else 0.0,
    )


def _zero(course: Course) -> float:
    return course.fault.begins if course.fault else course.day.moments.opens_at.timestamp()


def _seconds(course: Course, counts: Callable[[Answer], bool], zero: float) -> list[Second]:
    """Return the answers in each second; of the time before the opening, only the end is shown."""
    shown = min(course.day.moments.opens_at.timestamp(), zero) - zero - _BEFORE_SECONDS
    return [each for each in by_second(filter(counts, course.day.answers), zero) if each.at >= shown]


def _charts(
    name: str, seconds: Sequence[Second], fault: tuple[float, float] | None, marks: Sequence[NumberedMark], lang: str
) -> dict[str, Markup | None]:
    label = texts.text(lang, f"chart.{name}")
    inside = [mark for mark in marks if seconds and seconds[0].at <= mark.at <= seconds[-1].at + 1]
    return {size: stacked(label, seconds, fault, inside, of) for size, of in (("wide", WIDE), ("narrow", NARROW))}


def _told(moment: Moment, lang: str) -> str:
    return texts.text(lang, f"moment.{moment.key}", **moment.values)
