from datetime import UTC, datetime

import pytest

from marketday.accounts import identities
from marketday.accounts.identities import LIFETIME, SignedIdentities
from marketday.accounts.tokens import parse_jwks, public_jwks, verify_identity
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key
from marketday.testing.clock import FakeClock

KEY = a_signing_key()
KEYS = parse_jwks(public_jwks(KEY, "mall"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def signed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Everyone a token was signed for."""
    people: list[object] = []
    real = identities.sign_identity
    monkeypatch.setattr(identities, "sign_identity", lambda *args: people.append(args[1]) or real(*args))
    return people


def test_a_token_is_signed_once_for_half_of_its_life(clock: FakeClock, signed: list[object]) -> None:
    tokens, mina, jisoo = SignedIdentities(KEY, "mall", clock), new_id(), new_id()
    first = tokens.of(mina)
    for _ in range(5):
        clock.advance(LIFETIME.total_seconds() / 10 - 1)
        assert tokens.of(mina) == first
    assert tokens.of(jisoo).token != first.token
    assert signed == [mina, jisoo]
    identity = verify_identity(first.token, KEYS, clock.now())
    assert (identity.person_id, identity.expires_at) == (mina, first.expires_at)

    clock.advance(10)
    second = tokens.of(mina)
    assert second.expires_at - clock.now() == LIFETIME
    assert signed == [mina, jisoo, mina]


def test_a_clock_that_is_set_back_keeps_no_token_that_lives_too_long(clock: FakeClock, signed: list[object]) -> None:
    tokens, mina = SignedIdentities(KEY, "mall", clock), new_id()
    tokens.of(mina)
    clock.advance(-3600)
    assert tokens.of(mina).expires_at - clock.now() <= LIFETIME
    assert len(signed) == 2


def test_those_used_lately_are_kept(clock: FakeClock, signed: list[object]) -> None:
    tokens, people = SignedIdentities(KEY, "mall", clock, most=2), [new_id() for _ in range(3)]
    for person in (people[0], people[1], people[0], people[2], people[0], people[1]):
        tokens.of(person)
    assert signed == [*people, people[1]]
