"""Password hashes: argon2id, computed outside the event loop, equally slow for known and unknown accounts."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

UNUSABLE = "!"  # instead of a hash, for accounts without a password


class Passwords:
    """Makes and checks hashes in its own threads, so that sign-ins never delay other requests."""

    def __init__(self, *, memory_kib: int = 19_456, time_cost: int = 2, threads: int = 2) -> None:
        """Set the cost; the defaults are from OWASP's password storage sheet (19 MiB, 2 passes, 1 lane).

        At most `threads` hashes are computed at the same time; argon2 releases the interpreter's lock.
        """
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash("a password that nobody has")

    async def hash(self, password: str) -> str:
        """Return the encoded hash of `password`, with its salt and parameters."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Return whether `password` matches `encoded`; None, for an unknown account, takes the same time."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, encoded, password)

    def is_outdated(self, encoded: str) -> bool:
        """Return whether `encoded` was made with other parameters than the current ones."""
        return self._hasher.check_needs_rehash(encoded)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, encoded: str | None, password: str) -> bool:
        known = encoded is not None and encoded != UNUSABLE
        try:
            matches = self._hasher.verify(encoded if known and encoded else self._nobody, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return matches and known
