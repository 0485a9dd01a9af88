"""Times as people read them: in one zone, always with the zone's name. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale, get_global
from babel.dates import format_datetime
from markupsafe import Markup

_REMEMBERED = 2048  # written moments: a drop's pages show the same few
_SOON = timedelta(minutes=2)  # an end that is nearer is shown with seconds


class PageTimes:
    """The times of one page, in its language and its zone.

    Styles are names of Babel patterns in the catalogues, such as `layout.moment.hour`, because the Korean locale data
    has "PM 8:00". A template names another zone if a page shows times of several zones.
    """

    def __init__(self, language: str, zone: str, text: Callable[..., str]) -> None:
        """Show times in `zone`; `text` returns a text of the page's catalogue."""
        self._locale = locale_of(language)
        self._zone = ZoneInfo(zone)
        self._text = text

    def plain(self, at: datetime, style: str, zone: str | None = None) -> str:
        """Return a moment without its zone, such as a date; the caller must show the zone next to it."""
        pattern = self._text(style) if style.startswith("layout.") else style
        return _written(at, pattern, ZoneInfo(zone) if zone else self._zone, self._locale)

    def told(self, at: datetime, style: str, zone: str | None = None) -> str:
        """Return a moment with its zone's name."""
        return f"{self.plain(at, style, zone)} ({self.zone_title(at, zone)})"

    def zone_title(self, at: datetime, zone: str | None = None) -> str:
        """Return the name of the zone for times around `at`."""
        return zone_name(at, ZoneInfo(zone) if zone else self._zone, self._locale)

    def when(self, at: datetime, style: str = "layout.moment.year", zone: str | None = None) -> Markup:
        """Return a moment with its zone's name; a script adds the reader's local time if it differs."""
        key = zone or self._zone.key
        shown = self.told(at, style, zone)
        return _marked(at, key, shown)

    def until(self, at: datetime, now: datetime) -> Markup:
        """Return an end that is near: `until 17:37 (Seoul)`, with its date on another day; a script counts down."""
        style = "second" if at - now < _SOON else "hour"
        style = style if same_day(at, now, self._zone) else "minute"
        text = self._text("layout.until", at=self.told(at, f"layout.moment.{style}"))
        return Markup('<time class="until number" datetime="{0}" data-until="{0}" data-now="{1}">{2}</time>').format(
            at.isoformat(), now.isoformat(), text
        )


@lru_cache(maxsize=_REMEMBERED)
def _written(at: datetime, pattern: str, zone: ZoneInfo, locale: Locale) -> str:
    return str(format_datetime(at, pattern, tzinfo=zone, locale=locale))


@lru_cache(maxsize=_REMEMBERED)
def _marked(at: datetime, zone: str, shown: str) -> Markup:
    return Markup('<time datetime="{}" data-zone="{}">{}</time>').format(at.isoformat(), zone, shown)


@cache
def locale_of(language: str) -> Locale:
    """Return Babel's locale of a language."""
    return Locale.parse(language)


def same_day(first: datetime, second: datetime, zone: ZoneInfo) -> bool:
    """Return whether both moments are on the same date in `zone`."""
    return first.astimezone(zone).date() == second.astimezone(zone).date()


@lru_cache(maxsize=_REMEMBERED)
def zone_name(at: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """Return the city in the name of `zone`, or its offset from UTC if there is no city.

    If the clocks of the zone show this local time twice, the offset is added to say which one is meant.
    """
    local = at.astimezone(zone)
    offset, city = _offset(local.utcoffset() or timedelta()), _city(zone.key, locale)
    if not city:
        return offset
    other = local.replace(fold=1 - local.fold).utcoffset()
    return city if local.utcoffset() == other else f"{city}, {offset}"


@cache
def _city(key: str, locale: Locale) -> str:
    """Return a zone's city in the language of `locale`; CLDR stores some cities under a former name of the zone."""
    if "/" not in key or key.startswith(("Etc/", "SystemV/")):
        return ""
    aliases: Mapping[str, str] = get_global("zone_aliases")
    now_called = aliases.get(key, key)
    names = [key, now_called, *(old for old, new in aliases.items() if new == now_called)]
    cities = (locale.time_zones.get(name, {}).get("city") for name in names)
    return str(next(filter(None, cities), now_called.rpartition("/")[2].replace("_", " ")))


def _offset(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
