"""The report as one HTML page that works without a network; it contains both languages and shows one."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from marketday.crowd.report import texts
from marketday.crowd.report.charts import ChartLine, UprightLine, bar_chart, line_chart
from marketday.crowd.report.figures import QUANTILES, Figures, Series, figures, quantile
from marketday.crowd.report.model import Day, Verdict
from marketday.crowd.report.receipt import summarise
from marketday.kit.languages import StaffLanguage

_TEMPLATES = Path(__file__).parent / "templates"
STYLE = _TEMPLATES / "report.css"  # the look of all reports


def render(day: Day, verdicts: Sequence[Verdict], *, made_at: datetime, lang: str) -> str:
    """Return the page; `lang` (ko or en) is shown first, times are in the drop's zone.

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
    numbers, zone = figures(day), day.moments.zone
    return environment.get_template("report.html").render(
        day=day,
        lang=lang,
        languages=tuple(StaffLanguage),
        t=texts.text,
        both=texts.both,
        named=_named,
        style=Markup(STYLE.read_text("utf-8")),  # noqa: S704 (our own file)
        units=sum(item.stock for item in day.items),
        verdicts=verdicts,
        crosses=sum(1 for verdict in verdicts if not verdict.holds),
        made_at=f"{_local(made_at, zone):%Y-%m-%d %H:%M} ({zone})",
        zone=zone,
        figures=numbers,
        processor_seconds=sum(use.seconds for use in day.processors) or 1.0,
        charts=_charts(day, numbers, lang),
        waits=[round(quantile(numbers.waits, share), 1) for share in QUANTILES],
        receipt=summarise(day.receipt, zone) if day.receipt else None,
        timeline=_timeline(day),
    )


def _named(key: str, otherwise: str) -> Markup | str:
    """Return the text of `key`; if it is unknown, such as a new name in a receipt, return the name itself."""
    return texts.both(key) if f"report.{key}" in texts.keys(StaffLanguage.KO) else otherwise.replace("_", " ")


def _charts(day: Day, numbers: Figures, lang: str) -> dict[str, Markup | None]:
    moments, opens = day.moments, day.moments.opens_at.timestamp()
    marks = [
        UprightLine(moments.room_opens_at.timestamp() - opens, texts.text(lang, "mark.room")),
        UprightLine(0.0, texts.text(lang, "mark.opens")),
        UprightLine(moments.closes_at.timestamp() - opens, texts.text(lang, "mark.closes")),
    ]

    def line(key: str, *curves: ChartLine) -> Markup | None:
        return line_chart(texts.text(lang, f"chart.{key}"), curves, marks)

    return {
        "arrivals": line("arrivals", ChartLine("first", numbers.arrivals, filled=True)),
        "admissions": line("admissions", ChartLine("second", numbers.admissions, filled=True)),
        "waits": bar_chart(texts.text(lang, "chart.waits"), numbers.wait_classes),
        "orders": line("orders", ChartLine("first", _from_zero(numbers.orders), filled=True, stepped=True)),
        "stock": line("stock", ChartLine("second", numbers.stock_left, filled=True, stepped=True)),
        "trouble": line(
            "trouble",
            ChartLine("declined", _from_zero(numbers.declined), stepped=True),
            ChartLine("expired", _from_zero(numbers.expired), stepped=True),
        ),
        "mall": line("mall", ChartLine("first", numbers.mall_p95)),
    }


def _from_zero(total: Series) -> Series:
    return ((total[0][0], 0.0), *total) if total else ()


def _timeline(day: Day) -> list[dict[str, str]]:
    """Return one line for each try of a step: when it began, how it ended, and how long it took."""
    opens = _local(day.moments.opens_at, day.moments.zone).date()
    lines: list[dict[str, str]] = []
    began: dict[str, datetime] = {}
    for step in day.steps:
        first = began.setdefault(step.step, step.at)
        took = f"{(step.at - first).total_seconds():.1f} s" if step.outcome != "started" else ""
        local = _local(first, day.moments.zone)
        at = f"{local:%H:%M:%S}" if local.date() == opens else f"{local:%m-%d %H:%M:%S}"
        line = {"at": at, "step": step.step, "outcome": step.outcome, "took": took, "detail": step.detail}
        if lines and lines[-1]["step"] == step.step and lines[-1]["outcome"] == "started":
            lines[-1] = line
        else:
            lines.append(line)
        if step.outcome != "started":
            del began[step.step]
    return lines


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))
