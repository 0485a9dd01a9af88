from datetime import UTC, datetime, timedelta

import pytest

from marketday.drops.definition import DropDefinition, load, parse
from marketday.drops.mistakes import DefinitionErrors
from marketday.drops.schedule import Schedule
from marketday.testing.definitions import DAWN_SERUM, dawn_serum


def _mistakes(text):
    with pytest.raises(DefinitionErrors) as raised:
        parse(text)
    return {mistake.key: (mistake.value, mistake.expected) for mistake in raised.value.mistakes}


def _replaced(old, new):
    assert old in DAWN_SERUM
    return DAWN_SERUM.replace(old, new)


def test_local_times_become_utc_and_the_usual_day_follows():
    day = dawn_serum().schedule()
    assert day == Schedule(
        build_at=datetime(2026, 12, 9, 13, tzinfo=UTC),  # 22:00 in Seoul the day before
        room_opens_at=datetime(2026, 12, 10, 10, 30, tzinfo=UTC),
        opens_at=datetime(2026, 12, 10, 11, tzinfo=UTC),
        closes_at=datetime(2026, 12, 10, 12, tzinfo=UTC),
        destroy_at=datetime(2026, 12, 10, 15, tzinfo=UTC),  # midnight in Seoul
    )
    assert Schedule.from_json(day.to_json()) == day


def test_an_offset_stands_for_itself():
    text = _replaced("opens_at = 2026-12-10T20:00:00", "opens_at = 2026-12-10T11:00:00Z")
    assert parse(text).opens_at == dawn_serum().opens_at


def test_overrides_move_the_day():
    text = DAWN_SERUM + "[drop.schedule]\nbuild_at = 2026-12-10T18:00:00\nroom_opens_at = 2026-12-10T19:55:00\n"
    day = parse(text).schedule()
    assert day.build_at == datetime(2026, 12, 10, 9, tzinfo=UTC)
    assert day.room_opens_at == datetime(2026, 12, 10, 10, 55, tzinfo=UTC)
    assert day.destroy_at == dawn_serum().schedule().destroy_at


def test_the_day_can_be_played_in_minutes():
    now = datetime(2026, 7, 1, 5, tzinfo=UTC)
    seconds = {"room_opens_in": 20, "opens_in": 50, "closes_in": 110}
    moved = dawn_serum().moved_to(now, **{name: timedelta(seconds=value) for name, value in seconds.items()})
    day = moved.schedule()
    assert day.build_at == now
    assert [(moment - now).total_seconds() for moment in (day.room_opens_at, day.opens_at, day.closes_at)] == [
        20,
        50,
        110,
    ]
    assert day.destroy_at == day.closes_at
    assert moved.products == dawn_serum().products


def test_a_definition_survives_json():
    definition = parse(DAWN_SERUM + "[drop.schedule]\nbuild_at = 2026-12-10T18:00:00\n")
    assert DropDefinition.from_json(definition.to_json()) == definition


def test_optional_keys_have_defaults():
    text = DAWN_SERUM.split("[drop.rate_limits]")[0].replace("hold_seconds = 300\n", "")
    definition = parse(text)
    assert (definition.hold_seconds, definition.admission_seconds) == (300, 600)
    assert definition.rate_limits.inside == 120


@pytest.mark.parametrize(
    ("old", "new", "key", "value", "expected"),
    [
        ("dawn-serum", "Dawn Serum", "drop.slug", "'Dawn Serum'", "a-z and 0-9"),
        ("dawn-serum", "smoke-1234", "drop.slug", "'smoke-1234'", "smoke-"),
        ("dawn-serum", "dawn--serum", "drop.slug", "'dawn--serum'", "hyphens"),
        ("stock = 400", "stok = 400", "drop.products[0].stok", "400", "did you mean 'stock'?"),
        ("inside", "insde", "drop.rate_limits.insde", "120", "did you mean 'inside'?"),
        ("stock = 400", "stock = -4", "drop.products[0].stock", "-4", "a whole number from 1"),
        ("stock = 400", "stock = 4.0", "drop.products[0].stock", "4.0", "a whole number"),
        ("stock = 400", "stock = true", "drop.products[0].stock", "True", "a whole number"),
        ("stock = 400", 'stock = "400"', "drop.products[0].stock", "'400'", "a whole number"),
        ("limit_per_person = 2", "limit_per_person = 0", "drop.products[0].limit_per_person", "0", "from 1"),
        ("limit_per_person = 2", "limit_per_person = 401", "drop.products[0].limit_per_person", "401", "which is 400"),
        ("Asia/Seoul", "Asia/Soul", "drop.zone", "'Asia/Soul'", "did you mean 'Asia/Seoul'?"),
        ("Asia/Seoul", "../../etc/passwd", "drop.zone", "'../../etc/passwd'", "such as Asia/Seoul"),
        ("Asia/Seoul", "Asia", "drop.zone", "'Asia'", "such as Asia/Seoul"),
        ("2026-12-10T21", "2026-12-10T19", "drop.closes_at", "2026-12-10T19:00:00+09:00", "after opens_at"),
        ("2026-12-10T21", "2026-12-10T20", "drop.closes_at", "2026-12-10T20:00:00+09:00", "after opens_at"),
        ("2026-12-10T20:00:00", "2026-12-10", "drop.opens_at", "2026-12-10", "a date and time"),
        ("2026-12-10T20:00:00", "20", "drop.opens_at", "20", "a date and time"),
        ("2026-12-10T20:00:00", '"tomorrow"', "drop.opens_at", "'tomorrow'", "a date and time"),
        ("hold_seconds = 300", "hold_seconds = 0", "drop.hold_seconds", "0", "from 5 to 3600"),
        ('["ap-northeast-2"]', "[]", "drop.regions", "[]", "at least one region"),
        ('["ap-northeast-2"]', '["Seoul"]', "drop.regions[0]", "'Seoul'", "ap-northeast-2"),
        ("requests_per_second = 20", "requests_per_second = nan", "drop.rate_limits.requests_per_second", "nan", ""),
        ('{ ko = "새벽 세럼", en = "Dawn Serum" }', "{ }", "drop.name", "{}", "a name such as"),
        ('slug = "dawn-serum"\n', "", "drop.slug", "missing", "a-z and 0-9"),
        ('sku = "DAWN-SERUM-30"', 'sku = ""', "drop.products[0].sku", "''", "a SKU"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_by_key_value_and_expectation(old, new, key, value, expected):
    mistakes = _mistakes(_replaced(old, new))
    assert set(mistakes) - {key} <= {"drop.products[0].stock"}  # missing, when it is misspelt
    assert mistakes[key][0] == value
    assert expected in mistakes[key][1]


def test_all_mistakes_are_told_at_once():
    text = _replaced("stock = 400", "stok = 1").replace("Seoul", "Soul").replace("T21:00:00", "T19:00:00")
    assert set(_mistakes(text)) == {"drop.products[0].stok", "drop.products[0].stock", "drop.zone", "drop.closes_at"}


def test_a_sku_stands_once():
    again = '[[drop.products]]\nsku = "DAWN-SERUM-30"\nstock = 1\nlimit_per_person = 1\n'
    [(key, (_, expected))] = _mistakes(_replaced("[drop.rate_limits]", again + "[drop.rate_limits]")).items()
    assert key == "drop.products[1].sku"
    assert "drop.products[0]" in expected


def test_a_drop_without_products_is_refused():
    text = DAWN_SERUM.split("[[drop.products]]")[0]
    assert _mistakes(text)["drop.products"] == ("missing", "at least one table [[drop.products]]")
    assert "drop.products" in _mistakes(text + "products = []\n")


def test_a_product_that_is_no_table_is_refused():
    text = DAWN_SERUM.split("[[drop.products]]")[0] + "products = [1]\n"
    assert list(_mistakes(text)) == ["drop.products[0]"]


@pytest.mark.parametrize("text", ["", "[drops]\nslug = 1\n", "drop = 3\n"])
def test_a_file_without_the_table_is_refused(text):
    assert "drop" in _mistakes(text)


def test_a_local_time_that_does_not_exist_is_refused():
    text = DAWN_SERUM.replace("Asia/Seoul", "Europe/Berlin").replace("2026-12-10T20:00:00", "2027-03-28T02:30:00")
    text = text.replace("2026-12-10T21:00:00", "2027-03-28T05:00:00")
    assert "exists in Europe/Berlin" in _mistakes(text)["drop.opens_at"][1]


def test_a_local_time_that_comes_twice_is_refused_and_an_offset_settles_it():
    text = DAWN_SERUM.replace("Asia/Seoul", "Europe/Berlin").replace("2026-12-10T20:00:00", "2026-10-25T02:30:00")
    text = text.replace("2026-12-10T21:00:00", "2026-10-25T05:00:00")
    assert "comes once in Europe/Berlin" in _mistakes(text)["drop.opens_at"][1]
    assert parse(text.replace("02:30:00", "02:30:00+01:00")).opens_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("room_opens_at = 2026-12-10T20:30:00", "drop.schedule.room_opens_at"),
        ("build_at = 2026-12-10T20:30:00", "drop.schedule.build_at"),
        ("build_at = 2026-12-10T19:45:00", "drop.schedule.build_at"),
        ("destroy_at = 2026-12-10T20:30:00", "drop.schedule.destroy_at"),
        ("room_opens_at = 2026-12-08T20:00:00", "drop.schedule.build_at"),  # before the usual building hour
        ("buildat = 2026-12-08T20:00:00", "drop.schedule.buildat"),
        ("build_at = 3", "drop.schedule.build_at"),
    ],
)
def test_a_schedule_out_of_order_is_refused(line, key):
    assert list(_mistakes(f"{DAWN_SERUM}[drop.schedule]\n{line}\n")) == [key]


def test_broken_toml_is_told_with_its_line():
    mistakes = _mistakes(_replaced('zone = "Asia/Seoul"', "zone = Asia/Seoul"))
    assert mistakes["definition"][0] == "not TOML"
    assert "line 5" in mistakes["definition"][1]


def test_a_file_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "none.toml"
    with pytest.raises(DefinitionErrors, match=r"none\.toml"):
        load(missing)
    (tmp_path / "latin.toml").write_bytes(b"\xff")
    with pytest.raises(DefinitionErrors, match=r"latin\.toml"):
        load(tmp_path / "latin.toml")


def test_a_file_is_read(tmp_path):
    file = tmp_path / "drop.toml"
    file.write_text(DAWN_SERUM, "utf-8")
    assert load(file) == dawn_serum()
