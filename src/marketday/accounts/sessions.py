"""Session secrets: what the cookie holds, and what the table holds instead of it."""

import secrets
from datetime import timedelta
from hashlib import sha256

LIFETIME = timedelta(days=14)
BROWSER_LIFETIME = timedelta(days=180)  # how long a browser is known that does not sign in again
_BYTES = 32


def new_session_token() -> str:
    """Return a new secret of 32 random bytes, as 43 letters for a cookie."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """Return the SHA-256 of a session token: the form in which a session is kept.

    The token is random, so that it needs neither salt nor a slow hash.
    """
    return sha256(token.encode("utf-8", "replace")).digest()
