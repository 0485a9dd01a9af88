"""Bearer tokens in the header `Authorization` (RFC 6750): one writer and one reader."""


def bearer_header(token: str) -> dict[str, str]:
    """Return the header with `token`."""
    return {"Authorization": f"Bearer {token}"}


def read_bearer(authorization: str | None) -> str | None:
    """Return the token of a header's value `Bearer <token>`; None if it has none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
