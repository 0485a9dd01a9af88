"""Identities that were checked before."""

from datetime import UTC, datetime

import pytest

from marketday.accounts.checked import CheckedIdentities
from marketday.accounts.errors import ExpiredToken
from marketday.accounts.tokens import parse_jwks, public_jwks, sign_identity
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key
from marketday.testing.clock import FakeClock

NOW = datetime(2026, 12, 10, 11, tzinfo=UTC)
MALL = "http://mall.localhost"
KEY = a_signing_key()
KEYS = parse_jwks(public_jwks(KEY, MALL))


def test_a_remembered_identity_expires():
    clock, person = FakeClock(NOW), new_id()
    identities, token = CheckedIdentities(KEYS, clock), sign_identity(KEY, person, MALL, NOW, 60)
    assert [identities.of(token).person_id for _ in range(2)] == [person, person]
    clock.advance(60)
    with pytest.raises(ExpiredToken):
        identities.of(token)


def test_only_so_many_are_remembered():
    identities = CheckedIdentities(KEYS, FakeClock(NOW), most=2)
    for _ in range(5):
        identities.of(sign_identity(KEY, new_id(), MALL, NOW, 60))
    assert len(identities._known) == 2
