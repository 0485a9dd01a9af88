import asyncio
from datetime import UTC, datetime

import pytest

from marketday.accounts.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidPassword,
    NotSignedIn,
    TooManySignIns,
    TooManySignUps,
    UnknownAccount,
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
    return Accounts(store, passwords, MemorySignInBrake(), clock)


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
    signed_in = await asyncio.gather(*(accounts.sign_in("mina@example.com", SECRET, HERE) for _ in range(40)))
    assert len({token for _, token in signed_in}) == 40


async def test_neither_are_those_of_many_people_behind_one_address(accounts):
    people = [f"person{number}@example.com" for number in range(60)]
    for email in people:
        await accounts.sign_up(new_id(), email, SECRET, "P")
    await asyncio.gather(*(accounts.sign_in(email, SECRET, HERE) for email in people))


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


async def guess(accounts, email, address, browser=None):
    """Try a wrong password; say whether it was looked at."""
    try:
        await accounts.sign_in(email, "another password", address, browser)
    except TooManySignIns:
        return False
    except WrongCredentials:
        return True
    raise AssertionError("the wrong password opened an account")


def addresses(kind, count):
    """Addresses that an attacker could have `count` of."""
    return {
        "one IPv4": ["192.0.2.1"] * count,
        "one IPv4, also written as IPv6": ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"] * count,
        "one IPv6 /64": [f"2001:db8:1:2::{number:x}" for number in range(1, count + 1)],
        "everywhere": [f"198.51.{number // 200}.{number % 200 + 1}" for number in range(count)],
    }[kind][:count]


@pytest.mark.parametrize("kind", ["one IPv4", "one IPv4, also written as IPv6", "one IPv6 /64", "everywhere"])
@pytest.mark.parametrize("email", ["mina@example.com", "nobody@example.com"])
async def test_one_account_is_guessed_at_ten_times_wherever_from_and_whether_it_exists(accounts, kind, email):
    await mina(accounts)
    assert [await guess(accounts, email, address) for address in addresses(kind, 24)] == [True] * 10 + [False] * 14


@pytest.mark.parametrize("kind", ["one IPv4", "one IPv4, also written as IPv6", "one IPv6 /64"])
async def test_one_network_guesses_twenty_times_however_many_accounts(accounts, kind):
    tried = [await guess(accounts, f"p{n}@example.com", address) for n, address in enumerate(addresses(kind, 60))]
    assert tried == [True] * 20 + [False] * 40


async def test_an_attackers_own_account_gives_no_more_guesses(accounts):
    await accounts.sign_up(new_id(), "eve@example.com", SECRET, "Eve")
    tried = []
    for number in range(30):
        tried.append(await guess(accounts, f"p{number}@example.com", HERE))
        if tried[-1]:
            await accounts.sign_in("eve@example.com", SECRET, HERE) if number < 19 else None
    assert sum(tried) == 20


@pytest.mark.parametrize(
    "written",
    [
        *(
            "MINA@EXAMPLE.COM",
            " mina@example.com\t",
            "mina@example.com.",
            "mina@example.com..",
            "\u3000mina@example.com",
        ),
        *("\uff2d\uff29\uff2e\uff21@example.com", "mina\uff20example\uff0ecom", "mina\ufe6bexample.com"),
        *("mina@example\u3002com", "mina@example\uff61com", "min\u00aa@example.com"),
    ],
)
async def test_another_spelling_is_the_same_account_and_no_new_count(accounts, written):
    made = await mina(accounts)
    assert (await accounts.sign_in(written, SECRET, HERE))[0] == made
    with pytest.raises(EmailTaken):
        await accounts.sign_up(new_id(), written, SECRET, "Mina")
    for address in addresses("everywhere", 10):
        assert await guess(accounts, "mina@example.com", address)
    assert not await guess(accounts, written, HERE)


async def test_guesses_at_the_same_moment_are_all_counted(accounts):
    await mina(accounts)
    guesses = [accounts.sign_in("mina@example.com", f"guess number {n:04}", HERE) for n in range(30)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 10
    assert sum(isinstance(answer, TooManySignIns) for answer in answers) == 20


async def test_nobody_keeps_an_owner_out_of_a_browser_that_signed_in_before(accounts):
    made = await mina(accounts)
    token = await accounts.know_browser(made, None)
    for address in [*addresses("everywhere", 30), *[HERE] * 30]:
        await guess(accounts, "mina@example.com", address)
    with pytest.raises(TooManySignIns):
        await accounts.sign_in("mina@example.com", SECRET, HERE)
    assert (await accounts.sign_in("mina@example.com", SECRET, HERE, token))[0] == made
    assert await accounts.know_browser(made, token) == token


async def test_a_known_browser_guesses_no_more_than_others(accounts):
    made = await mina(accounts)
    token = await accounts.know_browser(made, None)
    tried = [await guess(accounts, "mina@example.com", address, token) for address in addresses("everywhere", 15)]
    assert tried == [True] * 10 + [False] * 5


@pytest.mark.parametrize("browser", ["of another account", "made up", "", "é" * 2000])
async def test_a_browser_that_the_account_does_not_know_is_anybodys(accounts, browser):
    await mina(accounts)
    if browser == "of another account":
        other = await accounts.sign_up(new_id(), "juno@example.com", SECRET, "Juno")
        browser = await accounts.know_browser(other, None)
    tried = [await guess(accounts, "mina@example.com", address, browser) for address in addresses("everywhere", 15)]
    assert tried == [True] * 10 + [False] * 5
    assert not await guess(accounts, "mina@example.com", HERE)


async def test_a_browser_that_does_not_come_back_is_forgotten(accounts, store, clock):
    made = await mina(accounts)
    await accounts.know_browser(made, None)
    clock.advance(181 * 24 * 3600)
    assert await accounts.forget_expired_sessions() == 1
    assert store.browsers == {}


async def test_a_success_takes_the_brake_off(accounts):
    await mina(accounts)
    for _ in range(3):
        for _ in range(5):
            assert await guess(accounts, "mina@example.com", HERE)
        await accounts.sign_in("mina@example.com", SECRET, HERE)


@pytest.mark.parametrize("kind", ["one IPv4", "one IPv4, also written as IPv6", "one IPv6 /64"])
async def test_one_network_makes_fifty_accounts_in_a_while_and_asks_for_no_more(accounts, kind):
    made = 0
    for number, address in enumerate(addresses(kind, 60)):
        try:
            await accounts.sign_up(new_id(), f"p{number % 50}@example.com", SECRET, "P", address=address)
            made += 1
        except TooManySignUps:
            continue
    assert made == 50
    with pytest.raises(TooManySignUps) as refused:
        await accounts.sign_up(new_id(), "late@example.com", SECRET, "P", address=addresses(kind, 1)[0])
    assert refused.value.extra == {"retry_after": 900}


async def test_a_role_is_granted_to_an_account_in_any_spelling(accounts):
    made = await mina(accounts)
    assert not made.is_viewer
    granted = await accounts.grant(" Mina@Example.com", Role.VIEWER)
    assert (granted.id, granted.is_viewer, granted.is_admin) == (made.id, True, False)
    assert (await accounts.grant("mina@example.com", Role.ADMIN)).is_viewer
    with pytest.raises(UnknownAccount):
        await accounts.grant("nobody@example.com", Role.VIEWER)


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
