import asyncio
from datetime import UTC, datetime

import pytest

from marketday.accounts.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidPassword,
    NotSignedIn,
    TooManySignIns,
    WrongCredentials,
)
from marketday.accounts.model import Role
from marketday.accounts.passwords import UNUSABLE, Passwords
from marketday.accounts.service import Accounts
from marketday.kit.ids import new_id
from marketday.testing.accounts import MemoryAccountStore, MemorySignInBrake
from marketday.testing.clock import FakeClock

HERE = "192.0.2.1"
SECRET = "correct horse battery"


@pytest.fixture
def passwords():
    made = Passwords(memory_kib=8, time_cost=1)
    yield made
    made.close()


@pytest.fixture
def store():
    return MemoryAccountStore()


@pytest.fixture
def clock():
    return FakeClock(datetime(2026, 12, 10, tzinfo=UTC))


@pytest.fixture
def accounts(store, passwords, clock):
    return Accounts(store, passwords, MemorySignInBrake(attempts=3), clock)


async def mina(accounts):
    return await accounts.sign_up(new_id(), "mina@example.com", SECRET, "Mina")


async def test_who_signs_up_can_sign_in_in_any_case_of_letters(accounts):
    made = await mina(accounts)
    account, token = await accounts.sign_in(" Mina@Example.com ", SECRET, HERE)
    assert account == made
    assert account.role is Role.SHOPPER
    assert await accounts.whose(token) == account


async def test_many_sign_ins_at_once_with_the_right_password_are_no_guesses(accounts):
    await mina(accounts)
    signed_in = await asyncio.gather(*(accounts.sign_in("mina@example.com", SECRET, HERE) for _ in range(20)))
    assert len({token for _, token in signed_in}) == 20


async def test_an_address_has_one_account(accounts):
    await mina(accounts)
    with pytest.raises(EmailTaken):
        await accounts.sign_up(new_id(), "MINA@example.com", SECRET, "Mina")


async def test_a_repeated_sign_up_with_the_same_id_gives_the_same_account(accounts, store):
    made = await mina(accounts)
    assert await accounts.sign_up(made.id, "mina@example.com", SECRET, "Mina") == made
    assert len(store.accounts) == 1


async def test_what_cannot_be_used_is_refused(accounts):
    with pytest.raises(InvalidEmail):
        await accounts.sign_up(new_id(), "mina", SECRET, "Mina")
    with pytest.raises(InvalidPassword):
        await accounts.sign_up(new_id(), "mina@example.com", "short", "Mina")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("mina@example.com", "another password"),
        ("mina@example.com", "short"),
        ("mina@example.com", "x" * 100_000),
        ("mina@example.com", "\ud800" * 20),
        ("nobody@example.com", SECRET),
        ("", ""),
        ("\0", SECRET),
        ("\ud800@example.com", SECRET),
    ],
)
async def test_wrong_credentials_do_not_tell_what_was_wrong(accounts, email, password):
    await mina(accounts)
    with pytest.raises(WrongCredentials) as refused:
        await accounts.sign_in(email, password, HERE)
    assert refused.value.detail == "expected the address and the password of an account"


async def test_an_account_without_a_password_opens_for_nobody(accounts, store):
    made = await mina(accounts)
    store.hashes[made.id] = UNUSABLE
    for password in (SECRET, UNUSABLE, "a password that nobody has"):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in("mina@example.com", password, HERE)


async def test_the_work_is_the_same_for_a_stranger(accounts, passwords, monkeypatch):
    await mina(accounts)
    worked = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda *given: worked.append(1) or verify(*given))
    for email in ("mina@example.com", "nobody@example.com"):
        for password in ("another password", "short"):
            with pytest.raises(WrongCredentials):
                await accounts.sign_in(email, password, email + password)
    assert len(worked) == 4


async def test_the_brake_stops_guessing_and_lets_another_address_go_on(accounts):
    await mina(accounts)
    for _ in range(3):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in("mina@example.com", "another password", HERE)
    with pytest.raises(TooManySignIns) as refused:
        await accounts.sign_in("MINA@example.com", SECRET, HERE)
    assert refused.value.extra == {"retry_after": 900}
    await accounts.sign_in("mina@example.com", SECRET, "192.0.2.2")


async def test_guesses_at_the_same_moment_are_all_counted(accounts):
    await mina(accounts)
    guesses = [accounts.sign_in("mina@example.com", f"guess number {n:04}", HERE) for n in range(20)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 3
    assert sum(isinstance(answer, TooManySignIns) for answer in answers) == 17


async def test_a_success_takes_the_brake_off(accounts):
    await mina(accounts)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in("mina@example.com", "another password", HERE)
        await accounts.sign_in("mina@example.com", SECRET, HERE)


async def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(accounts, store, clock):
    made = await mina(accounts)
    old = store.hashes[made.id]
    stronger = Passwords(memory_kib=16, time_cost=1)
    try:
        later = Accounts(store, stronger, MemorySignInBrake(), clock)
        await later.sign_in("mina@example.com", SECRET, HERE)
        new = store.hashes[made.id]
        assert new != old
        assert "m=16" in new
        await later.sign_in("mina@example.com", SECRET, HERE)
        assert store.hashes[made.id] == new
    finally:
        stronger.close()


async def test_a_session_ends_at_sign_out_and_with_time(accounts, clock, store):
    account = await mina(accounts)
    first, second = await accounts.open_session(account), await accounts.open_session(account)
    await accounts.sign_out(first)
    await accounts.sign_out(first)
    assert await accounts.whose(first) is None
    assert (await accounts.require(second)).id == account.id
    clock.advance(14 * 24 * 3600)
    with pytest.raises(NotSignedIn):
        await accounts.require(second)
    assert await accounts.forget_expired_sessions() == 1
    assert store.sessions == {}


@pytest.mark.parametrize("nobody", [None, "", "x", "\ud800", "é" * 5000])
async def test_a_made_up_session_is_nobodys(accounts, nobody):
    assert await accounts.whose(nobody) is None


async def test_a_session_is_never_kept_as_it_is(accounts, store):
    token = await accounts.open_session(await mina(accounts))
    assert len(token) == 43
    assert token.encode() not in store.sessions
