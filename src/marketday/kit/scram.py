"""A password as PostgreSQL stores it, so that the password itself is in no statement and in no log."""

import hashlib
import hmac
import secrets
from base64 import b64encode

_ITERATIONS = 4096  # PostgreSQL's own; against guessing helps that our passwords are 32 random bytes
_SALT_BYTES = 16


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """Return the SCRAM-SHA-256 verifier of `password` (RFC 5803, RFC 7677), for `CREATE ROLE ... PASSWORD`.

    `salt` is random where none is given. There is no quote in the verifier.

    Raises:
        ValueError: the password is not of visible ASCII characters, and would have to be prepared first (RFC 4013).

    """
    if not password.isascii() or not password.isprintable():
        raise ValueError("the password has other characters than visible ASCII; expected a token")
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    first, second, third = (b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${_ITERATIONS}:{first}${second}:{third}"
