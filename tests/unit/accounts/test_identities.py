import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event, get_native_id

import pytest

from marketday.accounts import identities
from marketday.accounts.errors import TooManyIdentities
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


@pytest.fixture
def tokens(clock: FakeClock) -> Iterator[SignedIdentities]:
    tokens = SignedIdentities(KEY, "mall", clock, most=2)
    yield tokens
    tokens.close()


async def test_a_token_is_signed_once_for_half_of_its_life(
    tokens: SignedIdentities, clock: FakeClock, signed: list[object]
) -> None:
    mina, jisoo = new_id(), new_id()
    first = await tokens.of(mina)
    for _ in range(5):
        clock.advance(LIFETIME.total_seconds() / 10 - 1)
        assert await tokens.of(mina) == first
    assert (await tokens.of(jisoo)).token != first.token
    assert signed == [mina, jisoo]
    identity = verify_identity(first.token, KEYS, clock.now())
    assert (identity.person_id, identity.expires_at) == (mina, first.expires_at)

    clock.advance(10)
    second = await tokens.of(mina)
    assert second.expires_at - clock.now() == LIFETIME
    assert signed == [mina, jisoo, mina]


async def test_a_clock_that_is_set_back_keeps_no_token_that_lives_too_long(
    tokens: SignedIdentities, clock: FakeClock, signed: list[object]
) -> None:
    mina = new_id()
    await tokens.of(mina)
    clock.advance(-3600)
    assert (await tokens.of(mina)).expires_at - clock.now() <= LIFETIME
    assert len(signed) == 2


async def test_those_used_lately_are_kept(tokens: SignedIdentities, signed: list[object]) -> None:
    people = [new_id() for _ in range(3)]
    for person in (people[0], people[1], people[0], people[2], people[0], people[1]):
        await tokens.of(person)
    assert signed == [*people, people[1]]


async def test_a_crowd_gets_everyones_own_token_and_each_is_signed_for_once(
    tokens: SignedIdentities, clock: FakeClock, signed: list[object]
) -> None:
    people = [new_id() for _ in range(40)]
    asked = [*people, *reversed(people)]  # each twice, at the same time, and more people than are kept
    given = await asyncio.gather(*map(tokens.of, asked))
    assert [verify_identity(each.token, KEYS, clock.now()).person_id for each in given] == asked
    assert set(signed) == set(people)


async def test_signing_leaves_the_loop_free_and_has_less_weight_than_it(
    tokens: SignedIdentities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature waits until the loop has gone on; in the loop's own thread it would wait for ever."""
    gone_on, weights = Event(), []

    def slow(*_: object) -> str:
        weights.append(os.getpriority(os.PRIO_PROCESS, get_native_id()))
        assert gone_on.wait(30)
        return "token"

    monkeypatch.setattr(identities, "sign_identity", slow)
    asked = asyncio.ensure_future(tokens.of(new_id()))
    while not weights:
        await asyncio.sleep(0)
    gone_on.set()
    assert (await asked).token == "token"
    own = os.getpriority(os.PRIO_PROCESS, get_native_id())
    assert weights == [max(own, 3)]


async def test_who_waited_for_too_long_is_refused_politely(
    tokens: SignedIdentities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens._signing, "_patience_seconds", -1.0)
    with pytest.raises(TooManyIdentities) as refused:
        await tokens.of(new_id())
    assert refused.value.extra["retry_after"] == 1
