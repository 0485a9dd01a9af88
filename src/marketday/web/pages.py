"""Server-rendered pages in four languages: templates without text, catalogues without markup.

A service's pages are in `web/<area>/`: `templates/`, `static/` (see `files.py`) and
`locales/<topic>.<language>.po`, whose message ids are keys such as `mall.cart.empty`.
"""

import re
from collections.abc import Callable
from copy import copy
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from marketday.kit.catalogues import UnknownText
from marketday.kit.money import decimal_amount, places
from marketday.web.files import release
from marketday.web.times import PageTimes, locale_of

LANGUAGES = {"ko": "한국어", "en": "English", "ja": "日本語", "zh": "中文"}
FIRST = "ko"
HOME_ZONE = "Asia/Seoul"
_CODE_AND_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])")  # CLDR puts a space between RSD and its amount, Babel does not
_WEB = Path(__file__).parent
_REMEMBERED = 2048  # written amounts, numbers and languages: most pages show the same few
_LONGEST_WISHES = 300  # characters of Accept-Language
_ELSEWHERE = ("cross-site", "same-site")  # Sec-Fetch-Site when a person follows a link on a page of another origin


class Pages:
    """The pages of one area, `mall`, `gate`, `store` or `console`, on top of the shared layout."""

    def __init__(self, area: str, *, zone: str = HOME_ZONE, **shared: Any) -> None:
        """Take the area's templates and catalogues; `shared` are names that every template may use.

        `zone` is the time zone for pages that are not about a drop; pages about a drop use the drop's zone.
        """
        self.area = area
        self.zone = zone
        self._texts = {language: _text_of(area, language) for language in LANGUAGES}
        self._templates = _templates(area)
        self._shared = shared

    def render(
        self, request: Request, template: str, *, status: int = 200, zone: str | None = None, **context: Any
    ) -> HTMLResponse:
        """Answer `request` with a page in its language and with times in `zone`; remember `?lang=` of our own pages."""
        language = language_of(request)
        texts = self._texts[language]
        clock = PageTimes(language, zone or self.zone, texts)
        text = self._templates.get_template(template).render(
            self._shared,
            request=request,
            status=status,
            lang=language,
            lang_links=_language_links(request),
            _=texts,
            money=lambda minor, currency: money(minor, currency, language),
            number=lambda value: number(value, language),
            moment=clock.plain,
            told=clock.told,
            when=clock.when,
            zone_title=clock.zone_title,
            until=clock.until,
            named=lambda thing, name="title": named(thing, language, name),
            **context,
        )
        response = HTMLResponse(text, status)
        if request.query_params.get("lang") == language and request.headers.get("sec-fetch-site") not in _ELSEWHERE:
            keep_language(response, language)
        response.headers["Vary"] = "Accept-Language, Cookie"
        return response

    def text(self, request: Request, key: str, **values: Any) -> str:
        """Return one text in the language of `request`."""
        return self._texts[language_of(request)](key, **values)


def language_of(request: Request) -> str:
    """Return the language of a request: `?lang=`, the cookie, Accept-Language, or Korean."""
    for wish in (request.query_params.get("lang"), request.cookies.get("lang")):
        if wish in LANGUAGES:
            return wish
    return _negotiated(request.headers.get("accept-language", "")[:_LONGEST_WISHES])


@lru_cache(maxsize=_REMEMBERED)
def _negotiated(header: str) -> str:
    wishes = [part.split(";")[0].strip().replace("-", "_") for part in header.split(",")[:10]]
    return (negotiate_locale([wish for wish in wishes if wish], list(LANGUAGES)) or FIRST)[:2]


def keep_language(response: Response, language: str) -> None:
    """Store `language` in a cookie for a year."""
    response.set_cookie("lang", language, max_age=365 * 24 * 3600, samesite="lax")


@lru_cache(maxsize=_REMEMBERED)
def money(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount as people write it in `language`, such as `₩12,000`."""
    pattern = copy(locale_of(language).currency_formats["standard"])
    pattern.frac_prec = (places(currency), places(currency))  # Babel follows CLDR, which drops the cents of RSD
    amount = decimal_amount(amount_minor, currency)
    text = str(pattern.apply(amount, locale_of(language), currency=currency, currency_digits=False))
    return _CODE_AND_DIGIT.sub("\N{NO-BREAK SPACE}", text)


@lru_cache(maxsize=_REMEMBERED, typed=True)
def number(value: float | Decimal, language: str) -> str:
    """Return a number as people write it in `language`."""
    return str(format_decimal(value, locale=locale_of(language)))


def named(thing: Any, language: str, name: str = "title") -> str:
    """Return `title_ko` of a record or mapping for Korean, `title_en` for every other language."""
    field = f"{name}_{'ko' if language == 'ko' else 'en'}"
    return str(thing[field] if isinstance(thing, dict) else getattr(thing, field))


@cache
def _templates(area: str) -> Environment:
    """Return an area's templates, all compiled: no request reads a file."""
    templates = Environment(
        loader=FileSystemLoader([_WEB / area / "templates", _WEB / "layout" / "templates"]),
        auto_reload=False,
        cache_size=-1,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals.update(languages=LANGUAGES, static=release().folder)
    for name in templates.list_templates():
        templates.get_template(name)
    return templates


@lru_cache(maxsize=_REMEMBERED)
def _filled(found: str, values: tuple[tuple[str, Any], ...], _markup: tuple[bool, ...]) -> Markup:
    """Return a text with markup in it, most often a time; `_markup` tells markup from the same characters as text."""
    return escape(found).format(**dict(values))


@cache
def _text_of(area: str, language: str) -> Callable[..., str]:
    """Return the function that returns a text by its key, with values filled in."""
    catalogue = _catalogue(area, language)

    @cache
    def plain(key: str) -> str:
        return _known(catalogue.gettext(key), key).format()

    def _known(found: str, key: str) -> str:
        if found == key:
            raise UnknownText(f"{key} ({language})")
        return found

    def text(key: str, **values: Any) -> str:
        if not values:
            return plain(key)
        found = _known(catalogue.ngettext(key, key, values["n"]) if "n" in values else catalogue.gettext(key), key)
        markup = tuple(isinstance(value, Markup) for value in values.values())
        return _filled(found, tuple(values.items()), markup) if any(markup) else found.format(**values)

    return text


@cache
def _catalogue(area: str, language: str) -> GNUTranslations:
    whole: GNUTranslations | None = None
    for folder in ("layout", area):
        for file in sorted((_WEB / folder / "locales").glob(f"*.{language}.po")):
            compiled = BytesIO()
            with file.open("rb") as source:
                write_mo(compiled, read_po(source, locale=language, abort_invalid=True))
            compiled.seek(0)
            part = GNUTranslations(compiled)
            if whole is None:
                whole = part
            else:
                part.add_fallback(whole)
                whole = part
    if whole is None:
        raise FileNotFoundError(f"no catalogue for {area} in {language}; expected locales/<topic>.{language}.po")
    return whole


def _language_links(request: Request) -> dict[str, str]:
    kept = [(key, value) for key, value in parse_qsl(request.url.query) if key != "lang"]
    return {language: "?" + urlencode([*kept, ("lang", language)]) for language in LANGUAGES}
