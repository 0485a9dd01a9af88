from datetime import date

import pytest

from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.capacity.errors import InvalidPriceTable

HEAD = 'region = "r"\ncurrency = "USD"\ndated = 2026-01-02\nsource = "s"\n'


@pytest.fixture
def table(tmp_path):
    def read(text):
        file = tmp_path / "prices.toml"
        file.write_text(text, "utf-8")
        return read_prices(file)

    return read


def test_the_repositorys_table_is_of_seoul_and_says_what_nobody_checked():
    prices = read_prices(usual_table())
    assert prices.region == "ap-northeast-2"
    assert "price list" in prices.source
    assert prices.dated >= date(2026, 11, 26)
    assert all(price.usd > 0 and price.per for price in prices.prices.values())
    assert not any(price.checked for price in prices.prices.values())


def test_a_second_zone_costs_about_twice_and_spot_less():
    prices = {key: price.usd for key, price in read_prices(usual_table()).prices.items()}
    for key, usd in prices.items():
        if key.startswith("rds.single.") and (multi := key.replace("single", "multi")) in prices:
            assert prices[multi] == pytest.approx(2 * usd, rel=0.03)
        if ".spot." in key:
            assert usd < prices[key.replace(".spot.", ".")] / 2
    assert prices["fargate.arm.vcpu"] < prices["fargate.x86.vcpu"]


def test_a_price_counts_units(table):
    prices = table(
        HEAD + '[prices]\na = { usd = 3, units = 1_000, per = "p", from = "memory", checked = true }\n'
    ).prices
    assert (prices["a"].usd, prices["a"].units, prices["a"].checked) == (3, 1000, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[prices", "expected a TOML file"),
        (
            'region = "r"\ncurrency = "USD"\nsource = "s"\n[prices]\n',
            "region = 'r', dated = None, source = 's'; expected",
        ),
        (HEAD.replace("01-02", "01-02 10:00:00") + "[prices]\n", "dated = 2026-01-02 10:00:00"),
        (HEAD.replace("USD", "KRW") + "[prices]\n", "currency = 'KRW'; expected 'USD'"),
        (HEAD, r"prices = None; expected a table \[prices\]"),
        (HEAD + "[prices]\n", r"prices = \{\}; expected a table \[prices\]"),
        (HEAD + "[prices]\na = 3\n", "a = 3; expected usd, per, from"),
        (HEAD + '[prices]\na = { usd = -1, per = "p", from = "memory" }\n', "usd = -1"),
        (HEAD + '[prices]\na = { usd = nan, per = "p", from = "memory" }\n', "usd = nan"),
        (HEAD + '[prices]\na = { usd = "1", per = "p", from = "memory" }\n', "usd = '1'"),
        (HEAD + '[prices]\na = { usd = 1, units = 0, per = "p", from = "memory" }\n', "units = 0"),
        (
            HEAD + '[prices]\na = { usd = 1, per = "p", from = "hearsay" }\n',
            "from = 'hearsay', checked = False; expected a text, quoted or memory",
        ),
        (
            HEAD + '[prices]\na = { usd = 1, per = "p", from = "memory", cheked = true }\n',
            "optionally units and checked",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_the_place(table, text, told):
    with pytest.raises(InvalidPriceTable, match=told):
        table(text)


def test_a_missing_price_table_is_reported(tmp_path):
    with pytest.raises(InvalidPriceTable, match="No such file"):
        read_prices(tmp_path / "none.toml")
