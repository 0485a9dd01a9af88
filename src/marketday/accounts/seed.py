"""Accounts for a demo's crowd: many at once, already signed in.

Three thousand argon2 hashes would take longer than the drop itself. So these accounts have no password (nobody
can sign in to them), only one session each. Their addresses are under `crowd.invalid`, a domain that cannot exist
(RFC 2606). This is for demos and load tests; the mall never calls it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from marketday.accounts.model import Role
from marketday.accounts.passwords import UNUSABLE
from marketday.accounts.sessions import LIFETIME, digest, new_session_token
from marketday.kit.ids import new_id


async def seed_people(pool: "asyncpg.Pool[Any]", count: int, now: datetime) -> list[tuple[UUID, str]]:
    """Create `count` accounts with one session each; return their ids and session tokens."""
    people = [(new_id(), new_session_token()) for _ in range(count)]
    accounts = [
        (person, f"{person.hex}@crowd.invalid", UNUSABLE, f"Crowd {number}", Role.SHOPPER.value, now)
        for number, (person, _) in enumerate(people, 1)
    ]
    sessions = [(digest(token), person, now, now + LIFETIME) for person, token in people]
    async with pool.acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "accounts", records=accounts, columns=["id", "email", "password_hash", "name", "role", "created_at"]
        )
        await connection.copy_records_to_table(
            "sessions", records=sessions, columns=["token_sha256", "account_id", "created_at", "expires_at"]
        )
    return people
