from itertools import product
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from fastapi import Request
from markupsafe import Markup

from marketday.kit.catalogues import UnknownText
from marketday.web.pages import LANGUAGES, Pages, language_of, money, named


def asked(query="", **headers):
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": raw})


@pytest.fixture(scope="module")
def pages():
    return Pages("console")


@pytest.mark.parametrize(
    ("request_", "language"),
    [
        (asked(), "ko"),
        (asked(accept_language="en-GB,en;q=0.9"), "en"),
        (asked(accept_language="fr-FR, ja;q=0.8"), "ja"),
        (asked(accept_language="zh-CN"), "zh"),
        (asked(accept_language="xx,*;q=0.1"), "ko"),
        (asked(accept_language=",;=,,"), "ko"),
        (asked(accept_language="en", cookie="lang=ja"), "ja"),
        (asked("lang=zh", accept_language="en", cookie="lang=ja"), "zh"),
        (asked("lang=tlh", accept_language="en"), "en"),
        (asked(cookie="lang=../../etc/passwd"), "ko"),
    ],
)
def test_the_wish_of_the_address_goes_before_the_cookie_and_the_browser(request_, language):
    assert language_of(request_) == language


def test_a_chosen_language_is_kept_in_a_cookie(pages):
    chosen = pages.render(asked("lang=en"), "problem.html", status=404, title="t", detail="d", slug="s")
    assert "lang=en" in chosen.headers["set-cookie"]
    default = pages.render(asked(), "problem.html", status=404, title="t", detail="d", slug="s")
    assert "set-cookie" not in default.headers


@pytest.mark.parametrize("area", ["mall", "gate", "store", "console"])
def test_every_problem_has_a_page_of_every_service_in_every_language(area):
    menu = SimpleNamespace(categories=[])
    pages = Pages(area, viewer=None, menu=menu, units_in_cart=Mock(return_value=0))
    for status, language in product((400, 401, 403, 404, 409, 410, 413, 421, 422, 429, 500, 503, 418), LANGUAGES):
        asking = asked(f"lang={language}")
        asking.scope["path_params"] = {"drop": "dawn-serum"}
        page = pages.render(asking, "problem.html", status=status, title="t", detail="<b>", slug="s")
        assert page.status_code == status, (status, language)
        assert "<b>" not in bytes(page.body).decode(), (status, language)


def test_a_text_that_no_catalogue_has_is_a_mistake(pages):
    with pytest.raises(UnknownText, match=r"console\.no_such_text"):
        pages.text(asked(), "console.no_such_text")


def test_a_text_has_its_plural_forms(pages):
    english = asked("lang=en")
    assert pages.text(english, "console.restarts", n=1, count="1") == "1 restart"
    assert pages.text(english, "console.restarts", n=2, count="2") == "2 restarts"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (12000, "KRW", "ko", "₩12,000"),
        (1250, "USD", "en", "$12.50"),
        (0, "KRW", "en", "₩0"),
        (123456789, "JPY", "ja", "￥123,456,789"),
    ],
)
def test_money_is_written_as_people_write_it(amount, currency, language, text):
    assert money(amount, currency, language) == text


def test_a_name_is_korean_for_koreans_and_english_for_all_others():
    thing = {"title_ko": "세럼", "title_en": "Serum"}
    assert [named(thing, language) for language in LANGUAGES] == ["세럼", "Serum", "Serum", "Serum"]


def test_markup_within_a_text_stays_markup_and_anything_else_in_it_is_text(pages):
    said = pages.text(asked("lang=en"), "console.tries", count=Markup("<b>2</b>"))
    assert "<b>2</b>" in said
    assert isinstance(said, Markup)
    assert not isinstance(pages.text(asked("lang=en"), "console.tries", count="<b>2</b>"), Markup)
