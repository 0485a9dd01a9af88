import hmac
import string
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.waitingroom.errors import (
    AdmissionForAnotherDrop,
    ExpiredAdmission,
    InvalidAdmission,
    NotYourToken,
)
from marketday.waitingroom.tokens import key_from_hex, sign, verify

KEY = bytes(range(32))
PERSON = UUID("0197a3a0-0000-7000-8000-000000000001")
NOW = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=10)
TOKEN = sign(KEY, "dawn-serum", PERSON, UNTIL, 7)


def test_a_token_says_who_may_be_where_until_when() -> None:
    admission = verify(KEY, TOKEN, "dawn-serum", NOW)
    assert (admission.person_id, admission.drop, admission.expires_at) == (PERSON, "dawn-serum", UNTIL)
    admission.require_person(PERSON)


def test_it_is_the_same_each_time() -> None:
    assert sign(KEY, "dawn-serum", PERSON, UNTIL + timedelta(microseconds=999), 7) == TOKEN


SLUGS = st.lists(st.text("az09", min_size=1, max_size=9), min_size=1, max_size=4).map("-".join)  # at most 40 letters


@given(person=st.uuids(), drop=SLUGS, position=st.integers(0, 2**31 - 1))
def test_everyone_and_every_drop_and_position_fits_in(person: UUID, drop: str, position: int) -> None:
    token = sign(KEY, drop, person, UNTIL, position)
    admission = verify(KEY, token, drop, NOW)
    assert (admission.person_id, admission.position) == (person, position)
    assert len(token) < 160


def test_another_persons_is_refused() -> None:
    with pytest.raises(NotYourToken):
        verify(KEY, TOKEN, "dawn-serum", NOW).require_person(UUID(int=1))


def test_another_drops_is_refused() -> None:
    with pytest.raises(AdmissionForAnotherDrop):
        verify(KEY, TOKEN, "dusk-serum", NOW)


def test_an_admission_has_exactly_one_token() -> None:
    """The last letter has bits that belong to no byte, and padding is optional: other ways to write the same bytes."""
    alphabet = string.ascii_letters + string.digits + "-_"
    others = [TOKEN[:-1] + letter for letter in alphabet if letter != TOKEN[-1]]
    for token in (*others, TOKEN + "=", TOKEN + "==", f" {TOKEN}", TOKEN.replace("-", "+").replace("_", "/") + "\n"):
        with pytest.raises(InvalidAdmission):
            verify(KEY, token, "dawn-serum", NOW)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(milliseconds=1), timedelta(days=900)])
def test_an_expired_one_is_refused(late: timedelta) -> None:
    with pytest.raises(ExpiredAdmission):
        verify(KEY, TOKEN, "dawn-serum", UNTIL + late)


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from("ABCabc019-_=+/é"))
def test_not_one_letter_can_be_changed(place: int, letter: str) -> None:
    forged = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if forged != TOKEN:
        with pytest.raises(InvalidAdmission):
            verify(KEY, forged, "dawn-serum", NOW)


@given(st.text(max_size=300))
def test_whatever_else_comes_is_no_admission(text: str) -> None:
    with pytest.raises(InvalidAdmission):
        verify(KEY, text, "dawn-serum", NOW)


def test_a_token_without_a_position_is_refused() -> None:
    """A token of version 1, as an older gate signed it with the same key."""
    body = b"\x01" + b"\x00" * 6 + PERSON.bytes + b"dawn-serum"
    mac = hmac.digest(KEY, b"marketday-admission-1:" + body, "sha256")
    with pytest.raises(InvalidAdmission):
        verify(KEY, urlsafe_b64encode(body + mac).decode().rstrip("="), "dawn-serum", NOW)


def test_a_token_of_another_key_is_forged() -> None:
    with pytest.raises(InvalidAdmission):
        verify(bytes(32), TOKEN, "dawn-serum", NOW)


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32])
def test_a_key_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected 32|non-hexadecimal"):
        key_from_hex(text)
