"""People with identity tokens, signed before anything is measured.

They are kept for the next run, with the key that signed them: a signature takes longer than the request that it is for.
"""

import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from marketday.accounts.tokens import (
    load_signing_key,
    new_signing_key,
    parse_jwks,
    parse_signing_key,
    public_jwks,
    sign_identity,
    verify_identity,
)
from marketday.kit.errors import MarketdayError
from marketday.kit.ids import new_id
from marketday.waitingroom.tokens import sign

ISSUER = "http://mall.localhost"
_LIFETIME = timedelta(days=30)
_ENOUGH = timedelta(hours=2)  # a token has to be valid for this long at the beginning of a run
_PORTION = 500

Person = tuple[str, str]  # id and token


class People:
    """Hands out people, each once a run."""

    def __init__(self, folder: Path) -> None:
        """Keep the key and the tokens in `folder`."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self._key_file = folder / "signing-key.json"
        self._file = folder / "people.tsv"
        if not self._usable():
            self._key_file.write_text(new_signing_key())
            self._key_file.chmod(0o600)
            self._file.write_text("")
        self._known = [_person(line) for line in self._file.read_text().splitlines()]
        self._given = 0

    def jwks(self) -> dict[str, object]:
        """Return the public keys with which the services check the tokens."""
        return public_jwks(load_signing_key(self._key_file), ISSUER)

    def take(self, count: int) -> Sequence[Person]:
        """Return people who have not been anywhere before."""
        missing = self._given + count - len(self._known)
        if missing > 0:
            self._add(missing)
        taken = self._known[self._given : self._given + count]
        self._given += count
        return taken

    def write(self, file: Path, people: Iterable[Person], slug: str, admission_key: bytes) -> Path:
        """Write people with an admission to the drop `slug`, as load clients read them."""
        until = datetime.now(UTC) + timedelta(hours=1)
        lines = [
            f"{person}\t{token}\t{sign(admission_key, slug, UUID(person), until, position)}\n"
            for position, (person, token) in enumerate(people)
        ]
        file.write_text("person\ttoken\tadmission\n" + "".join(lines))
        return file

    def _usable(self) -> bool:
        """Return whether the kept tokens are valid for today's code, and for long enough."""
        try:
            if _kind(self._key_file.read_text()) != _kind(new_signing_key()):
                return False
            keys = parse_jwks(self.jwks())
            with self._file.open() as lines:
                first = _person(lines.readline())
            verify_identity(first[1], keys, datetime.now(UTC) + _ENOUGH)
        except (OSError, ValueError, MarketdayError):
            return False
        return True

    def _add(self, count: int) -> None:
        portions = [min(_PORTION, count - done) for done in range(0, count, _PORTION)]
        key = self._key_file.read_text()
        with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool, self._file.open("a") as file:
            for people in pool.map(_signed, [key] * len(portions), portions):
                self._known += people
                file.writelines(f"{person}\t{token}\n" for person, token in people)


def _kind(key_text: str) -> tuple[object, ...]:
    """Return type and size of a key: tokens must be signed as the mall signs them today."""
    key = json.loads(key_text)
    return key.get("kty"), key.get("crv"), len(key.get("n", ""))


def _signed(key_text: str, count: int) -> list[Person]:
    key, now = parse_signing_key(key_text), datetime.now(UTC)
    lifetime = int(_LIFETIME.total_seconds())
    ids = [new_id() for _ in range(count)]
    return [(str(person), sign_identity(key, person, ISSUER, now, lifetime)) for person in ids]


def _person(line: str) -> Person:
    person, token = line.rstrip("\n").split("\t")
    return person, token
