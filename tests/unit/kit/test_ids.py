import pytest

from marketday.kit.ids import InvalidId, new_id, parse_id


def test_ids_are_in_the_order_of_their_making():
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {each.version for each in ids} == {7}


def test_an_id_is_read_from_its_own_text():
    known = new_id()
    assert parse_id(str(known)) == known


@pytest.mark.parametrize(
    "text", ["", "1", "not-an-id", "0" * 31, "0" * 33, "x" * 10_000, "01936f3e-7b7a-7d4e-9c7f-2f5d1c9a0b1g"]
)
def test_what_is_no_id_is_refused_and_shown_shortened(text):
    with pytest.raises(InvalidId, match="expected a UUID") as refused:
        parse_id(text)
    assert len(refused.value.detail) < 200
