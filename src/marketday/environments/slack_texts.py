"""The texts of Slack's messages, from `locales/slack.<language>.po`: Korean and English."""

from pathlib import Path
from zoneinfo import ZoneInfo

from marketday.environments.notices import Notice
from marketday.environments.redaction import redacted
from marketday.kit.catalogues import read_catalogue

_FOLDER = Path(__file__).parent / "locales"
_LONGEST_REASON = 1500  # Slack cuts a text block at 3,000 characters


def catalogue(language: str) -> dict[str, str]:
    """Return the texts of a language by their keys."""
    return read_catalogue(_FOLDER / f"slack.{language}.po")


def step_name(step: str, language: str) -> str:
    """Return the name of a step, or of the closing of a link."""
    return catalogue(language)[f"notices.step.{step}"]


def title(notice: Notice, language: str) -> str:
    """Return the first line of a notice."""
    moment = notice.moment.astimezone(ZoneInfo(notice.zone))
    return catalogue(language)[f"notices.{notice.kind}.title"].format(
        drop=notice.drop_slug, step=step_name(notice.step, language), moment=f"{moment:%Y-%m-%d %H:%M} {moment:%Z}"
    )


def lines(notice: Notice, language: str) -> list[tuple[str, str]]:
    """Return the other lines of a notice: names and values, without secrets."""
    texts = catalogue(language)
    moment = notice.moment.astimezone(ZoneInfo(notice.zone))
    found = [
        (texts["notices.environment"], str(notice.environment_id)),
        (texts["notices.step"], step_name(notice.step, language)),
        (texts[f"notices.{notice.kind}.moment"], f"{moment:%Y-%m-%d %H:%M:%S %z}"),
        (texts["notices.reason"], _short(redacted(notice.reason))),
        (texts["notices.log"], redacted(notice.log)),
        (texts[f"notices.{notice.kind}.command"], notice.command),
    ]
    return [(name, value) for name, value in found if value]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]} …"
