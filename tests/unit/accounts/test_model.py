import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.accounts.errors import InvalidEmail, InvalidName, InvalidPassword
from marketday.accounts.model import clean_email, clean_name, clean_password


@pytest.mark.parametrize("email", ["mina@example.com", " a.b+c@x.co.kr ", "o'hara@sub.domain-name.org"])
def test_an_address_is_kept_without_the_spaces_around_it(email):
    assert clean_email(email) == email.strip()


@given(st.text())
def test_a_canonical_address_is_its_own_canonical_form(text):
    try:
        once = clean_email(text)
    except InvalidEmail:
        return
    assert once == clean_email(once) == clean_email(once.upper())


@pytest.mark.parametrize(
    "email",
    [
        *("", "mina", "@example.com", "mina@", "mina@example", "a b@example.com", "a@-x.com", "a@x..com"),
        *("a@x.com\n.kr", "a" * 65 + "@example.com", "a@" + "x." * 130 + "com", "a\0@example.com", "미나@example.com"),
    ],
)
def test_what_is_no_address_is_refused(email):
    with pytest.raises(InvalidEmail):
        clean_email(email)


def test_a_password_is_measured_in_bytes():
    assert clean_password("열자가아닌네") == "열자가아닌네"  # 6 characters, 18 bytes
    for wrong in ("", "123456789", "x" * 201, "가" * 67, "\ud800" * 12):
        with pytest.raises(InvalidPassword) as refused:
            clean_password(wrong)
        assert not wrong or wrong not in refused.value.detail


def test_a_password_typed_on_another_keyboard_is_the_same():
    assert clean_password("cafe\u0301-secret") == clean_password("caf\u00e9-secret")


def test_a_name_has_1_to_100_characters_and_no_control_character():
    assert clean_name("  김미나 ") == "김미나"
    for wrong in ("", "   ", "x" * 101, "a\0b", "a\nb", "a\ud800"):
        with pytest.raises(InvalidName):
            clean_name(wrong)


@given(st.text())
def test_whatever_is_typed_is_either_kept_or_refused_with_a_named_error(text):
    for clean, refusal in (
        (clean_email, InvalidEmail),
        (clean_name, InvalidName),
        (clean_password, InvalidPassword),
    ):
        try:
            kept = clean(text)
        except refusal:
            continue
        kept.encode()
        assert "\0" not in kept or clean is clean_password
