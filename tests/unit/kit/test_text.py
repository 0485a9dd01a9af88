"""One form for each word, however it was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.kit.text import clean, folded, identifier, is_blank, is_path_step, unusable

any_text = st.text(max_size=30)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  A-1\u00a0", "A-1"),
        ("Cafe\u0301", "Café"),
        ("\uff21\uff22\uff23\uff0d\uff11", "ABC-1"),  # full width
        ("\uff76\uff9e", "\u30ac"),  # half-width katakana, two characters for one
        ("A\u3000 B\tC", "A B C"),
        ("\ufeffA\u200b\u00ad-\u202e1", "A-1"),
        ("\u2460", "\u2460"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("i\u0307", "i\u0307"),
        ("a-B", "a-B"),
    ],
)
def test_an_identifier_is_the_same_however_it_was_typed(typed, kept):
    assert identifier(typed) == kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "straße"),
        ("Ｓｅｒｕｍ", "serum"),
        ("새벽", unicodedata.normalize("NFD", "새벽")),
        ("ﬁne", "FINE"),
        ("ｶﾞ", "が".replace("が", "ガ")),
        ("Å", "a\u030a"),
        ("①", "1"),
    ],
)
def test_what_only_looks_different_is_compared_as_one(one, other):
    assert folded(one) == folded(other)


@given(any_text)
def test_each_form_is_its_own(text):
    for form in (clean, identifier, folded):
        assert form(form(text)) == form(text)
        assert unicodedata.is_normalized("NFC", form(text))


@given(any_text)
def test_all_ways_to_compose_a_text_are_one(text):
    decomposed = unicodedata.normalize("NFD", text)
    assert clean(text) == clean(decomposed)
    assert identifier(text) == identifier(decomposed)
    assert folded(text) == folded(decomposed)


def test_control_characters_and_steps_in_a_path_are_found():
    assert unusable("A\nB") == "\n"
    assert unusable("A\0B") == "\0"
    assert unusable("A B/👩\u200d🔬%2F#?") == ""
    assert [is_path_step(text) for text in (".", "..", "a/../b", "a\\..", "...", "a.b", "/a", "")] == [
        True, True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_what_shows_nothing_is_blank():
    nothing = ("", " ", "\u00a0", "\u200b", "\u200d", "\u202e", "\u3164", "\U000e0041\U000e0042", "\ufe0f", "\u0301")
    assert [text for text in nothing if not is_blank(text)] == []
    assert [text for text in ("0", ".", "🧴", "กำ", "\u200fא", "e\u0301", "\ufffd") if is_blank(text)] == []
