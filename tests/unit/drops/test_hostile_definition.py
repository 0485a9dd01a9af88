"""What nobody would write, and what no day could go through: one clear line each, at once and without much memory."""

import os
import re

import pytest

from marketday.drops.definition import LARGEST_FILE, load, parse
from marketday.drops.mistakes import MOST_TOLD, DefinitionErrors
from marketday.drops.slugs import RESERVED
from marketday.testing.definitions import DAWN_SERUM


def _mistakes(text):
    with pytest.raises(DefinitionErrors) as raised:
        parse(text)
    return raised.value.mistakes


def _replaced(old, new):
    assert old in DAWN_SERUM
    return DAWN_SERUM.replace(old, new)


@pytest.mark.parametrize("slug", [*sorted(RESERVED), "smoke-1234", "0198f3a27c5b7000800000000000abcd"])
def test_a_slug_that_stands_for_something_else_is_refused(slug):
    told = [mistake for mistake in _mistakes(_replaced("dawn-serum", slug)) if mistake.key == "drop.slug"]
    assert told
    assert told[0].value == repr(slug)


def test_an_id_with_its_hyphens_is_no_slug_and_words_around_a_reserved_one_are_fine():
    assert _mistakes(_replaced("dawn-serum", "0198f3a2-7c5b-7000-8000-00000000abcd"))
    for slug in ("mall-day", "the-mall", "console-edition", "apis", "123"):
        assert parse(_replaced("dawn-serum", slug)).slug == slug


@pytest.mark.parametrize(
    "zone", ["localtime", "Factory", "posixrules", "posix/Asia/Seoul", "right/Asia/Seoul", "", "x" * 9999]
)
def test_what_is_no_zone_of_the_world_is_refused(zone):
    [mistake] = _mistakes(_replaced("Asia/Seoul", zone))
    assert mistake.key == "drop.zone"
    assert len(str(mistake)) < 300


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59", "2100-01-01T00:00:00",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["opens_at", "closes_at"])
def test_the_ends_of_the_calendar_are_refused(moment, key):
    value = "2026-12-10T20:00:00" if key == "opens_at" else "2026-12-10T21:00:00"
    [mistake] = _mistakes(_replaced(value, moment))
    assert mistake.key == f"drop.{key}"
    assert mistake.expected == "a moment of the years 2000 to 2099"


@pytest.mark.parametrize("key", ["build_at", "room_opens_at", "destroy_at"])
def test_the_schedule_s_own_moments_are_held_to_the_same(key):
    for moment in ("9999-12-31T23:59:59", "0001-01-01T00:00:00", "23:00:00", "2026-12-10"):
        assert _mistakes(f"{DAWN_SERUM}[drop.schedule]\n{key} = {moment}\n")[0].key == f"drop.schedule.{key}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (_replaced("2026-12-10T21:00:00", "2027-01-11T21:00:00"), "drop.closes_at"),
        (f"{DAWN_SERUM}[drop.schedule]\nbuild_at = 2026-11-01T00:00:00\n", "drop.schedule.build_at"),
        (f"{DAWN_SERUM}[drop.schedule]\ndestroy_at = 2027-02-01T00:00:00\n", "drop.schedule.destroy_at"),
    ],
)
def test_a_day_of_months_is_refused(text, key):
    mistakes = _mistakes(text)
    assert mistakes[0].key == key
    assert "at most 31 days from" in mistakes[0].expected
    assert "+09:00" in mistakes[0].expected  # the drop's own time


def test_twenty_four_o_clock_is_told_how_it_is_written():
    [mistake] = _mistakes(_replaced("2026-12-10T21:00:00", "2026-12-10T24:00:00"))
    assert "24:00 is 00:00 of the day after" in mistake.expected


@pytest.mark.parametrize("where", ["DAWN-SERUM-30", "Dawn Serum"])
@pytest.mark.parametrize("character", ["\\u0000", "\\u0007", "\\u001b[31m", "\\u0085", "\\u2028", "\\n"])
def test_a_control_character_is_refused(where, character):
    [mistake] = _mistakes(DAWN_SERUM.replace(f'"{where}"', f'"{where[:4]}{character}{where[4:]}"'))
    assert "control character" in mistake.expected or "printable" in mistake.expected
    assert character[-1] != "n" or "\n" not in str(mistake)


@pytest.mark.parametrize("what", ["products", "regions"])
def test_more_than_a_day_can_hold_is_counted(what):
    one = '[[drop.products]]\nsku = "A-{}"\nstock = 1\nlimit_per_person = 1\n'
    many = "".join(one.format(number) for number in range(501))
    regions = ", ".join(f'"eu-west-{number}"' for number in range(21))
    text = DAWN_SERUM.replace("[drop.rate_limits]", f"{many}[drop.rate_limits]")
    text = text if what == "products" else _replaced('"ap-northeast-2"', regions)
    [mistake] = _mistakes(text)
    assert (mistake.key, mistake.expected) == (f"drop.{what}", f"at most {500 if what == 'products' else 20}")


def test_a_region_stands_once():
    assert [one.key for one in _mistakes(_replaced('"ap-northeast-2"', '"us-west-2", "us-west-2"'))] == [
        "drop.regions[1]"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("requests_per_second = 20", "requests_per_second = 0.001"),
        ("admissions_per_second = 20", "admissions_per_second = 1e-300"),
        ("admissions_per_second = 20", "admissions_per_second = inf"),
        ("admissions_per_second = 20", "admissions_per_second = 90000"),
    ],
)
def test_rates_that_no_day_can_be_held_at_are_refused(old, new):
    assert len(_mistakes(_replaced(old, new))) == 1


HUGE = {
    "brackets": "a = " + "[" * 100_000,
    "tables in tables": "a = " + "{a=" * 50_000,
    "dotted key": "a" + ".a" * 60_000 + " = 1",
    "dotted keys": ("a" + ".a" * 39 + "0 = 1\n") * 2_000,
    "a table's dotted name": "[a" + ".a" * 60_000 + "]",
    "digits": "a = " + "9" * 100_000,
    "hexadecimal digits": "[drop]\nslug = 0x" + "f" * 100_000,
    "stock of many digits": _replaced("stock = 400", "stock = " + "4" * 400),
    "keys": "".join(f"k{number} = 1\n" for number in range(5_000)),
    "keys of the drop": DAWN_SERUM + "[drop.forecast]\n" + "".join(f"k{number} = 1\n" for number in range(5_000)),
    "one long key": "k" * 200_000 + " = 1",
    "one long text": _replaced("DAWN-SERUM-30", "x" * 200_000),
    "products": DAWN_SERUM.split("[[")[0] + "products = [" + "1," * 20_000 + "]",
    "deep value": _replaced("stock = 400", "stock = " + "[" * 90 + "]" * 90),
    "nothing but quotes": '"' * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", HUGE)
def test_what_nobody_would_write_is_refused_in_few_words(kind):
    mistakes = _mistakes(HUGE[kind])
    assert 0 < len(mistakes) <= MOST_TOLD
    assert all(len(str(mistake)) < 600 for mistake in mistakes)


def test_a_file_that_is_none_is_refused_without_waiting(tmp_path):
    fifo, large, closed, other = (tmp_path / name for name in ("fifo", "large", "closed", "latin"))
    os.mkfifo(fifo)
    with large.open("wb") as file:
        file.truncate(3 * 2**30)  # a hole: it takes no room
    other.write_bytes("이름".encode("euc-kr"))
    for path, said in [
        (fifo, "is not a regular file"), (tmp_path, "is not a regular file"),
        (large, f"at most {LARGEST_FILE:,} bytes"),
        (closed, "No such file"), (other, "not UTF-8"), ("/dev/zero", "is not a regular file"),
        (tmp_path / ("n" * 300), "File name too long"), (large / "below", "Not a directory"),
    ]:  # fmt: skip
        with pytest.raises(DefinitionErrors) as raised:
            load(type(tmp_path)(path))
        [mistake] = raised.value.mistakes
        assert said in mistake.expected
        assert "\n" not in str(mistake)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    file = tmp_path / "drop.toml"
    file.write_text(DAWN_SERUM, "utf-8-sig")
    assert load(file).slug == "dawn-serum"


@pytest.mark.parametrize("nothing", ["\\u200b", "\\u202e", "\\u3164", "\\U000e0041"])
def test_a_name_that_shows_nothing_is_refused(nothing):
    [mistake] = _mistakes(re.sub(r'en = "[^"]*"', lambda _: f'en = "{nothing}"', DAWN_SERUM))
    assert mistake.key == "drop.name.en"
    assert "visible" in mistake.expected


def test_a_time_is_told_as_it_was_written():
    [mistake] = _mistakes(re.sub(r"opens_at = \S+", "opens_at = 11:00:00", DAWN_SERUM, count=1))
    assert mistake.value == "11:00:00"


def test_a_number_without_end_is_told_without_the_parser_s_advice():
    [mistake] = _mistakes("[drop]\nslug = " + "9" * 100_000)
    assert mistake.expected == "valid TOML: a whole number of thousands of digits"
