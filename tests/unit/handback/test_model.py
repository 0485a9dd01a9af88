import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.handback.model import Difference, RowDigest, Window, compare, shown
from marketday.handback.tables import TABLES
from marketday.kit.ids import parse_id

TABLE = st.dictionaries(st.text(max_size=4), st.binary(min_size=1, max_size=2), max_size=12)


async def _stream(rows):
    for key in sorted(rows):
        yield RowDigest(key, rows[key])


@given(TABLE, TABLE)
async def test_every_difference_is_found_in_both_directions(source, copy):
    proof, found = await compare("t", _stream(source), _stream(copy))
    expected = (
        {Difference("t", key, "missing") for key in source.keys() - copy.keys()}
        | {Difference("t", key, "extra") for key in copy.keys() - source.keys()}
        | {Difference("t", key, "changed") for key in source.keys() & copy.keys() if source[key] != copy[key]}
    )
    assert set(found) == expected
    assert len(found) == len(expected)
    assert proof.rows == len(source)
    assert proof.sha256 == hashlib.sha256(b"".join(source[key] for key in sorted(source))).hexdigest()


@pytest.mark.parametrize("shift", [{"b": b"2"}, {"a": b"2"}, {}])
async def test_a_table_differs_from_a_changed_a_shorter_and_an_empty_one(shift):
    _, found = await compare("t", _stream({"a": b"1", "b": b"2"}), _stream(shift))
    assert found


def test_a_window_names_its_schema_and_its_role():
    window = Window(parse_id("01970000-0000-7000-8000-0000c0ffee00"), "dawn-serum", "postgresql://secret")
    assert window.staging == "drop_dawn_serum_c0ffee00"
    assert window.link_role == "link_01970000000070008000" + "0000c0ffee00"
    assert "secret" not in repr(window)


def test_many_differences_are_shortened():
    text = shown([Difference("orders", str(number), "missing") for number in range(30)])
    assert "orders 0 missing" in text
    assert text.endswith("and 10 more")


def test_dms_copies_exactly_what_is_compared():
    mapped = json.loads(
        (Path(__file__).parents[3] / "infra/terraform/modules/replication/tables.json").read_text("utf-8")
    )
    assert mapped == [table.name for table in TABLES]
