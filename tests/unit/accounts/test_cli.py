from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.service import Accounts
from marketday.cli.accounts import app
from marketday.testing.accounts import MemoryAccountStore
from marketday.testing.clock import FakeClock


@pytest.fixture
def store():
    return MemoryAccountStore()


@pytest.fixture
def run(store):
    @asynccontextmanager
    async def opened():
        passwords = Passwords(memory_kib=8, time_cost=1)
        yield Accounts(store, passwords, None, FakeClock(datetime(2026, 12, 10, tzinfo=UTC)))
        passwords.close()

    runner = CliRunner(env={"COLUMNS": "200"})
    return lambda *words, typed="": runner.invoke(app, words, obj=opened, input=typed)


def test_an_admin_is_made_with_a_password_from_standard_input(run, store):
    done = run("add", "boss@example.com", "--role", "admin", typed="correct horse battery\n")
    assert done.exit_code == 0, done.output
    (account,) = store.accounts.values()
    assert (account.role, account.name, account.email) == (Role.ADMIN, "boss", "boss@example.com")
    assert "correct horse" not in done.output
    assert "boss@example.com" in run("list").output


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("add", "boss"), "correct horse battery\n", "not an e-mail address"),
        (("add", "boss@example.com"), "short\n", "expected 10 to 200"),
        (("add", "boss@example.com"), "", "expected 10 to 200"),
    ],
)
def test_what_is_wrong_is_told(run, store, words, typed, said):
    done = run(*words, typed=typed)
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert store.accounts == {}


@pytest.mark.parametrize("role", Role)
def test_a_role_is_given_and_taken(run, store, role):
    run("add", "boss@example.com", "--role", "admin", typed="correct horse battery\n")
    done = run("grant", " BOSS@example.com", "--role", role.value)
    assert done.exit_code == 0, done.output
    assert [account.role for account in store.accounts.values()] == [role]
    assert f"{role.value} boss@example.com" in done.output


@pytest.mark.parametrize(
    ("email", "said"), [("nobody@example.com", "has no account"), ("boss", "not an e-mail address")]
)
def test_a_role_for_nobody_is_refused(run, email, said):
    done = run("grant", email, "--role", "viewer")
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())


def test_a_taken_address_and_an_unknown_role_are_refused(run):
    run("add", "boss@example.com", typed="correct horse battery\n")
    assert run("add", "BOSS@example.com", typed="correct horse battery\n").exit_code == 1
    assert run("add", "x@example.com", "--role", "king", typed="correct horse battery\n").exit_code == 2
