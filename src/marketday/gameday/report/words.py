"""The names of claims and figures, which are in the texts of game days, or in those of the day's report."""

from markupsafe import Markup

from marketday.crowd.report import texts as day_texts
from marketday.crowd.report.model import Verdict
from marketday.gameday import texts
from marketday.kit.languages import StaffLanguage


def claim_title(claim: Verdict, lang: str) -> str:
    """Return what a claim, or a sum of the day, says."""
    if texts.has(f"claim.{claim.name}"):
        return texts.text(lang, f"claim.{claim.name}")
    return day_texts.text(lang, f"check.{claim.name}")


def figure_name(name: str, lang: str) -> str:
    """Return the name of a figure; its key, if it has no other name."""
    if texts.has(f"figure.{name}"):
        return texts.text(lang, f"figure.{name}")
    if f"report.figure.{name}" in day_texts.keys(lang):
        return day_texts.text(lang, f"figure.{name}")
    return name.replace("_", " ")


def seconds(value: float | None, lang: str) -> str:
    """Return a time, or that it never came."""
    return texts.text(lang, "never") if value is None else f"{value:.1f} s"


def titles(claim: Verdict) -> Markup:
    """Return a claim's title in both languages."""
    return _both({language: claim_title(claim, language) for language in StaffLanguage})


def names(figure: str) -> Markup:
    """Return a figure's name in both languages."""
    return _both({language: figure_name(figure, language) for language in StaffLanguage})


def _both(words: dict[StaffLanguage, str]) -> Markup:
    span = Markup('<span lang="{}">{}</span>')
    return Markup("").join(span.format(language, each) for language, each in words.items())
