"""Times on pages: in the drop's zone, with its name, and with the reader's local time."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from marketday.web.pages import LANGUAGES, Pages
from marketday.web.times import PageTimes

from .test_pages import asked

AT = datetime(2026, 12, 10, 11, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def pages():
    return Pages("store")


@pytest.fixture
def clock(pages):
    def made(language: str, zone: str) -> PageTimes:
        return PageTimes(language, zone, partial(pages.text, asked(f"lang={language}")))

    return made


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("ko", "2026년 12월 10일 (목) 오후 8:05 (서울)"),
        ("en", "10 Dec 2026, 20:05 (Seoul)"),
        ("ja", "2026年12月10日(木) 20:05 (ソウル)"),
        ("zh", "2026年12月10日 周四 20:05 (首尔)"),
    ],
)
def test_a_moment_is_told_as_people_of_each_language_write_it(clock, language, told):
    said = clock(language, "Asia/Seoul").when(AT)
    assert said == f'<time datetime="{AT.isoformat()}" data-zone="Asia/Seoul">{told}</time>'


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Seoul", ("10 Dec 2026, 20:05 (Seoul)", "서울")),
        ("America/New_York", ("10 Dec 2026, 06:05 (New York)", "뉴욕")),
        ("Asia/Kolkata", ("10 Dec 2026, 16:35 (Kolkata)", "콜카타")),
        ("Asia/Calcutta", ("10 Dec 2026, 16:35 (Kolkata)", "콜카타")),
        ("Pacific/Chatham", ("11 Dec 2026, 00:50 (Chatham)", "채텀")),
        ("Pacific/Apia", ("11 Dec 2026, 00:05 (Apia)", "아피아")),
        ("America/Argentina/Buenos_Aires", ("10 Dec 2026, 08:05 (Buenos Aires)", "부에노스 아이레스")),
        ("UTC", ("10 Dec 2026, 11:05 (UTC)", "UTC")),
        ("Etc/GMT+5", ("10 Dec 2026, 06:05 (UTC-5)", "UTC-5")),
        ("EST", ("10 Dec 2026, 06:05 (UTC-5)", "UTC-5")),
        ("Iran", ("10 Dec 2026, 14:35 (UTC+3:30)", "UTC+3:30")),
    ],
)
def test_every_zone_has_its_name(clock, zone, told):
    english, korean = told
    assert clock("en", zone).when(AT).striptags() == english
    assert clock("ko", zone).when(AT).striptags().endswith(f"({korean})")


@pytest.mark.parametrize(
    ("hour", "told"),
    [
        (4, "1 Nov 2026, 00:30 (New York)"),
        (5, "1 Nov 2026, 01:30 (New York, UTC-4)"),
        (6, "1 Nov 2026, 01:30 (New York, UTC-5)"),
        (7, "1 Nov 2026, 02:30 (New York)"),
    ],
)
def test_an_hour_that_the_clocks_show_twice_says_which_one_it_is(clock, hour, told):
    at = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
    assert clock("en", "America/New_York").when(at).striptags() == told


@pytest.mark.parametrize(
    ("seconds", "zone", "told"),
    [
        (30 * 60, "Asia/Seoul", "until 20:35 (Seoul)"),
        (90, "Asia/Seoul", "until 20:06:30 (Seoul)"),
        (30 * 60, "Pacific/Apia", "until 00:35 (Apia)"),
        (4 * 3600, "Asia/Seoul", "until Fri 11 Dec, 00:05 (Seoul)"),
        (4 * 3600, "America/New_York", "until 10:05 (New York)"),
        (-60, "Asia/Seoul", "until 20:04:00 (Seoul)"),
    ],
)
def test_without_a_script_an_end_is_a_time_of_day_and_never_looks_like_a_duration(clock, seconds, zone, told):
    said = clock("en", zone).until(AT + timedelta(seconds=seconds), AT)
    assert said.striptags() == told
    assert "data-until" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_end_is_told_in_every_language(clock, language):
    assert re.search(r"\(.+\)", clock(language, "Asia/Seoul").until(AT + timedelta(hours=1), AT).striptags())
