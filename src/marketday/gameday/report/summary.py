"""The conclusion of a game day in the terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from marketday.gameday.model import Conclusion
from marketday.gameday.report.words import claim_title, figure_name, seconds
from marketday.gameday.texts import text


def print_conclusion(console: Console, conclusion: Conclusion, lang: str) -> None:
    """Print the claims, RPO and RTO, and whether the hypothesis held."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for claim in conclusion.claims:
        mark = Text(claim.mark, style="bold green" if claim.holds else "bold red")
        figures = " · ".join(f"{figure_name(name, lang)} {value}" for name, value in claim.figures)
        table.add_row(mark, claim_title(claim, lang), Text(figures, style="dim"))
        for trouble in claim.trouble:
            table.add_row("", "", Text(trouble, style="red"))
    console.print(table)
    rto = seconds(conclusion.rto_seconds, lang)
    console.print(
        text(lang, "summary.rpo", orders=conclusion.rpo_orders, seconds=f"{conclusion.rpo_seconds:.1f}", rto=rto)
    )
    if conclusion.held:
        console.print(text(lang, "verdict.held"), style="bold green")
        return
    because = "; ".join(claim_title(claim, lang) for claim in conclusion.broken)
    console.print(text(lang, "verdict.broken", because=because), style="bold red", soft_wrap=True)
