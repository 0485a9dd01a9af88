"""One suite for every account store: the fake in memory and PostgreSQL behave the same."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from marketday.accounts.errors import EmailTaken
from marketday.accounts.model import Account, Role
from marketday.accounts.postgres import PostgresAccountStore, seed_people
from marketday.accounts.sessions import LIFETIME, digest
from marketday.kit.database import create_pool
from marketday.kit.ids import new_id
from marketday.kit.outages import AWAY
from marketday.testing.accounts import MemoryAccountStore

NOW = datetime(2026, 12, 10, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def pool(mall_database_url):
    pool = await create_pool(mall_database_url)
    yield pool
    await pool.close()


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    if request.param == "memory":
        return MemoryAccountStore()
    return PostgresAccountStore(request.getfixturevalue("pool"))


def person(email="mina@example.com", role=Role.SHOPPER, at=NOW):
    return Account(new_id(), email, "김미나", role, at)


async def test_an_account_is_found_as_it_was_kept(store):
    mina = person(role=Role.ADMIN)
    await store.add(mina, "hash")
    assert await store.find(mina.id) == mina
    assert await store.find_by_email("MINA@example.COM") == (mina, "hash")
    assert await store.find(new_id()) is None
    assert await store.find_by_email("nobody@example.com") is None


async def test_an_address_is_taken_once_however_many_ask(store):
    tries = [store.add(person(email), "hash") for email in ("Mina@example.com", "mina@EXAMPLE.com") * 10]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert answers.count(None) == 1
    assert sum(isinstance(answer, EmailTaken) for answer in answers) == 19


async def test_a_hash_is_changed_only_where_it_is_still_the_old_one(store):
    mina = person()
    await store.add(mina, "one")
    await store.change_password_hash(mina.id, "one", "two")
    await store.change_password_hash(mina.id, "one", "three")
    assert await store.find_by_email(mina.email) == (mina, "two")


async def test_accounts_are_listed_newest_first(store):
    people = [person(f"p{n}@example.com", at=NOW + n * HOUR) for n in range(3)]
    for each in people:
        await store.add(each, "hash")
    assert await store.list_accounts(limit=2) == [people[2], people[1]]


async def test_a_session_is_over_at_its_last_moment(store):
    mina = person()
    await store.add(mina, "hash")
    await store.add_session(b"a" * 32, mina.id, NOW, NOW + HOUR)
    await store.add_session(b"b" * 32, mina.id, NOW, NOW + 2 * HOUR)
    assert await store.find_session(b"a" * 32, NOW) == mina
    assert await store.find_session(b"a" * 32, NOW + HOUR) is None
    assert await store.find_session(b"x" * 32, NOW) is None
    assert await store.remove_expired_sessions(NOW + HOUR) == 1
    await store.remove_session(b"b" * 32)
    await store.remove_session(b"b" * 32)
    assert await store.find_session(b"b" * 32, NOW) is None


async def test_a_browser_is_known_to_the_account_it_signed_in_to_last(store):
    mina, juno = person(), person("juno@example.com")
    for each in (mina, juno):
        await store.add(each, "hash")
    await store.keep_browser(b"a" * 32, mina.id, NOW)
    await store.keep_browser(b"a" * 32, mina.id, NOW)
    assert await store.knows_browser(b"a" * 32, mina.id)
    assert not await store.knows_browser(b"a" * 32, juno.id)
    assert not await store.knows_browser(b"x" * 32, mina.id)
    await store.keep_browser(b"a" * 32, juno.id, NOW + HOUR)
    assert not await store.knows_browser(b"a" * 32, mina.id)
    assert await store.remove_browsers(NOW + HOUR) == 0
    assert await store.remove_browsers(NOW + 2 * HOUR) == 1
    assert not await store.knows_browser(b"a" * 32, juno.id)


@pytest.mark.parametrize("role", Role)
async def test_every_role_can_be_kept_and_given(store, role):
    mina = person(role=role)
    await store.add(mina, "hash")
    assert await store.find(mina.id) == mina
    await store.add_session(b"a" * 32, mina.id, NOW, NOW + HOUR)
    for other in Role:
        assert (await store.change_role("MINA@example.com", other)).role is other
        assert (await store.find_session(b"a" * 32, NOW)).role is other, "it counts from the next request on"
    assert await store.change_role("nobody@example.com", role) is None


async def test_a_seeded_crowd_is_signed_in_already_and_has_no_password(pool):
    people = await seed_people(pool, 300, NOW)
    assert len({person_id for person_id, _ in people}) == 300
    store = PostgresAccountStore(pool)
    for person_id, token in people[::100]:
        found = await store.find_session(digest(token), NOW)
        assert found is not None
        assert found.id == person_id
    assert {hash_ for (hash_,) in await pool.fetch("SELECT password_hash FROM accounts")} == {"!"}
    assert await seed_people(pool, 0, NOW) == []


async def test_sessions_that_are_asked_for_together_each_get_their_own_answer(pool):
    people = await seed_people(pool, 30, NOW)
    store, asked = PostgresAccountStore(pool), [digest(token) for _, token in people]
    *found, unknown, expired, again = await asyncio.gather(
        *(store.find_session(each, NOW) for each in asked),
        store.find_session(b"x" * 32, NOW),
        store.find_session(asked[0], NOW + LIFETIME),
        store.find_session(asked[0], NOW),
    )
    assert [account.id for account in found] == [person_id for person_id, _ in people]
    assert (unknown, expired, again) == (None, None, found[0])


async def test_a_database_that_is_away_is_told_to_each_who_asks(pool):
    store = PostgresAccountStore(pool)
    await pool.close()
    answers = await asyncio.gather(*(store.find_session(b"x" * 32, NOW) for _ in range(9)), return_exceptions=True)
    assert {type(answer) for answer in answers} <= {*AWAY}
