"""The report in the terminal: figures, waiting times, latencies, and the checks with tick or cross."""

from collections.abc import Mapping, Sequence

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from marketday.crowd.report import texts
from marketday.crowd.report.figures import QUANTILES, Failures, Figures, Latency, quantile
from marketday.crowd.report.model import ProcessorUse, Verdict

MOST_FAILURES = 5  # kinds of failed requests in the terminal; the page has all


def print_summary(
    console: Console, verdicts: Sequence[Verdict], numbers: Figures, processors: Sequence[ProcessorUse], lang: str
) -> None:
    """Print the day's figures and its checks in `lang` (ko or en)."""
    failures = (_failures(numbers.failures, lang),) if numbers.failures else ()
    console.print(Group(_counts(numbers, lang), _latencies(numbers, lang), *failures))
    console.print(Group(_processors(processors, lang), _sums(verdicts, lang)))
    crosses = sum(1 for verdict in verdicts if not verdict.holds)
    if crosses:
        console.print(f"[bold red]✗ {escape(texts.text(lang, 'verdict.bad', n=crosses))}[/]")
    else:
        console.print(f"[bold green]✓ {escape(texts.text(lang, 'verdict.good'))}[/]")


def _counts(numbers: Figures, lang: str) -> Text:
    shown = ("people", "joined", "admitted", "orders", "declined", "expired")
    counts = " · ".join(f"{texts.text(lang, f'tile.{name}')} {numbers.counts[name]:,}" for name in shown)
    p50, p95, p99 = (round(quantile(numbers.waits, share), 1) for share in QUANTILES)
    waits = texts.text(lang, "chart.waits.note", p50=p50, p95=p95, p99=p99)
    return Text(f"{counts}\n{texts.text(lang, 'chart.waits')}: {waits}")


def _processors(processors: Sequence[ProcessorUse], lang: str) -> Text:
    all_seconds = sum(use.seconds for use in processors) or 1.0
    shown = [f"{use.name} {use.seconds:,.1f} s ({use.seconds / all_seconds:.0%})" for use in processors if use.seconds]
    return Text(f"{texts.text(lang, 'processors.title')}: {' · '.join(shown)}")


def _latencies(numbers: Figures, lang: str) -> Table:
    table = Table(title=texts.text(lang, "summary.latency"), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for name in (texts.text(lang, "speed.requests"), "p50", "p95", "p99", texts.text(lang, "speed.errors")):
        table.add_column(name, justify="right")
    _rows(table, numbers.by_service, lang, "service.")
    _rows(table, numbers.mall, lang, "mall.")
    return table


def _rows(table: Table, latencies: Mapping[str, Latency], lang: str, prefix: str) -> None:
    for name, each in latencies.items():
        spans = (f"{each.p50_ms:,}", f"{each.p95_ms:,}", f"{each.p99_ms:,}")
        table.add_row(texts.text(lang, prefix + name), f"{each.count:,}", *spans, str(each.errors))


def _failures(failures: Sequence[Failures], lang: str) -> Text:
    shown = [f"{each.count:,} × {_failure(each, lang)}" for each in failures[:MOST_FAILURES]]
    if len(failures) > MOST_FAILURES:
        shown.append(texts.text(lang, "summary.more_failures", n=len(failures) - MOST_FAILURES))
    return Text(texts.text(lang, "summary.failed", failures=" · ".join(shown)), style="red")


def _failure(each: Failures, lang: str) -> str:
    status = each.status or texts.text(lang, "speed.no_answer")
    return f"{each.service} {each.action} {status} {each.problem}".rstrip()


def _sums(verdicts: Sequence[Verdict], lang: str) -> Table:
    table = Table(title=texts.text(lang, "summary.title"), title_justify="left", box=None, pad_edge=False)
    for _ in range(3):
        table.add_column("")
    table.show_header = False
    for verdict in verdicts:
        mark = Text(verdict.mark, style="bold green" if verdict.holds else "bold red")
        figures = " · ".join(f"{_name(name, lang)} {value}" for name, value in verdict.figures)
        table.add_row(mark, texts.text(lang, f"check.{verdict.name}"), Text(figures, style="dim"))
        for trouble in verdict.trouble:
            table.add_row("", "", Text(trouble, style="red"))
    return table


def _name(name: str, lang: str) -> str:
    key = f"figure.{name}"
    return texts.text(lang, key) if f"report.{key}" in texts.keys(lang) else name.replace("_", " ")
