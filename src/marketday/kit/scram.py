"""Makes the form in which PostgreSQL stores a password, so that the password is in no statement and no log."""

import hashlib
import hmac
import secrets
from base64 import b64encode

_ITERATIONS = 4096  # PostgreSQL's default; our passwords cannot be guessed, because they are 32 random bytes
_SALT_BYTES = 16


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """Return the SCRAM-SHA-256 verifier of `password` (RFC 5803, RFC 7677), for `CREATE ROLE ... PASSWORD`.

    `salt` is random if none is given. The verifier contains no quotation mark.

    Raises:
        ValueError: the password has other characters than visible ASCII, and would have to be prepared (RFC 4013).

    """
    if not password.isascii() or not password.isprintable():
        raise ValueError("the password has other characters than visible ASCII; expected a token")
    salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    first, second, third = (b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${_ITERATIONS}:{first}${second}:{third}"
