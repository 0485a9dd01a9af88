"""Session secrets: the token in the cookie, and its digest in the table."""

import secrets
from datetime import timedelta
from hashlib import sha256

LIFETIME = timedelta(days=14)
BROWSER_LIFETIME = timedelta(days=180)  # how long a browser stays known after its last sign-in
_BYTES = 32


def new_session_token() -> str:
    """Return a new secret of 32 random bytes, as 43 letters for a cookie."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """Return the SHA-256 of a session token, which is stored instead of the token.

    The token is random, so it needs neither salt nor a slow hash.
    """
    return sha256(token.encode("utf-8", "replace")).digest()
