"""What staff do from inside a pod of the mall: a program of its own, with the mall's database and nothing else."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.kit.clock import SystemClock
from marketday.kit.database import make_pool
from marketday.kit.ids import new_id

CATALOGUE = Path(__file__).resolve().parents[3] / "examples" / "catalog.csv"


@pytest.fixture
def desk(mall_database_url):
    """`desk("grant", ...)` runs it, as `kubectl exec` does."""

    def run(*words, given=b"", url=mall_database_url):
        return subprocess.run(
            [sys.executable, "-m", "marketday.apps.mall_desk", *words],
            env={"PATH": os.environ["PATH"], "MARKETDAY_DATABASE_URL": url},
            input=given,
            capture_output=True,
            check=False,
            timeout=60,
        )

    return run


async def signed_up(url, email):
    passwords = Passwords(memory_kib=8, time_cost=1, threads=1)
    async with make_pool(url, application="test", max_size=1) as pool:
        accounts = Accounts(PostgresAccountStore(pool), passwords, None, SystemClock())
        await accounts.sign_up(new_id(), email, "correct horse battery", "Bora")
    passwords.close()


def test_who_has_signed_up_becomes_the_first_administrator(desk, mall_database_url):
    nobody = desk("grant", "bora@example.com", "admin")
    assert nobody.returncode == 1
    assert b"'bora@example.com' has no account; expected" in nobody.stderr
    asyncio.run(signed_up(mall_database_url, "bora@example.com"))
    assert desk("grant", "bora@example.com", "admin").stdout == b"admin bora@example.com\n"
    assert desk("grant", "bora@example.com", "admin").returncode == 0
    assert desk("grant", "bora@example.com", "owner").returncode == 2


def test_the_catalogue_comes_from_standard_input(desk):
    whole = CATALOGUE.read_bytes()
    tried = desk("import", "--currency", "krw", "--dry-run", given=whole)
    assert b"nothing was imported; it would be: " in tried.stdout
    first = desk("import", "--currency", "KRW", given=whole)
    assert (first.returncode, first.stderr) == (0, b"")
    assert b" created, 0 updated, 0 unchanged, 0 refused" in first.stdout
    assert not first.stdout.startswith(b"imported: 0 created")
    assert desk("import", "--currency", "KRW", given=whole).stdout.startswith(b"imported: 0 created, 0 updated, ")


def test_what_cannot_be_read_is_one_sentence(desk):
    wrong = desk("import", "--currency", "KRW", given=b"not a catalogue")
    assert wrong.returncode == 1
    assert len(wrong.stderr.splitlines()) == 1
    away = desk("grant", "bora@example.com", "admin", url="postgresql://mall:hush@127.0.0.1:1/mall")
    assert away.returncode == 1
    assert away.stderr.startswith(b"the mall's database does not answer as expected: ")
    assert b"hush" not in away.stderr
