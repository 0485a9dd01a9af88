"""Identity tokens: the mall signs who a person is, and everyone with the mall's public keys can check it.

A token is a JWT (RFC 7519) with the header `alg: EdDSA` and a `kid`, and the claims `iss`, `sub` (the
account's id), `aud`, `iat`, `exp`. It has no personal data. The event plane checks it offline.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from marketday.accounts.errors import ExpiredToken, InvalidToken, MissingToken

AUDIENCE = "marketday"
LIFETIME_SECONDS = 6 * 3600
LONGEST_TOKEN = 1024  # characters; our tokens have about 350
_ALGORITHM = "EdDSA"


class _OneAlgorithm(JWSRegistry):
    """Allows only EdDSA, so that no header can select `none` or a symmetric algorithm (RFC 8725, section 3.1).

    The name in RFC 9864 is `Ed25519`, but joserfc warns about it and most JWT libraries cannot read it yet.
    """

    def get_alg(self, name: str) -> Any:
        if name != _ALGORITHM:
            raise UnsupportedAlgorithmError(f"{name!r} is not {_ALGORITHM}")
        return self.algorithms[name]


EDDSA_ONLY = _OneAlgorithm(algorithms=[_ALGORITHM])


@dataclass(frozen=True, slots=True)
class Identity:
    """The content of a valid identity token."""

    person_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The keys for checking tokens, by `kid`, and their issuer (None if the issuer is not checked)."""

    by_id: dict[str, OKPKey]
    issuer: str | None = None


def new_signing_key() -> str:
    """Return a new private Ed25519 key as JWK text; its `kid` is its thumbprint (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519")
    named = OKPKey.import_key({**key.as_dict(private=True), **_labels(key.thumbprint())})
    return json.dumps(named.as_dict(private=True))


def parse_signing_key(text: str) -> OKPKey:
    """Return the private key that a JWK text holds.

    Raises:
        ValueError: it is not a JWK, not an Ed25519 key, or has no private part.

    """
    try:
        key = OKPKey.import_key(json.loads(text))
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError("the signing key is not a JWK; expected an Ed25519 private key") from error
    if key.curve_name != "Ed25519" or not key.is_private:
        raise ValueError("the signing key has another type; expected an Ed25519 private key")
    return key if key.kid else OKPKey.import_key({**key.as_dict(private=True), **_labels(key.thumbprint())})


def load_signing_key(path: Path) -> OKPKey:
    """Return the private key of a JWK file; raises OSError or ValueError."""
    return parse_signing_key(path.read_text("utf-8"))


def public_jwks(key: OKPKey, issuer: str) -> dict[str, Any]:
    """Return the JWKS document of `key` (RFC 7517, section 5), with `issuer` as an extra member."""
    return {"keys": [{**key.as_dict(private=False), **_labels(_kid(key))}], "issuer": issuer}


def parse_jwks(document: Any) -> PublicKeys:
    """Return the Ed25519 keys of a JWKS document; keys of other types are ignored.

    Raises:
        ValueError: it contains no usable key.

    """
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, OKPKey] = {}
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("crv") == "Ed25519" and entry.get("kid"):
            public = {name: value for name, value in entry.items() if name != "d"}
            try:
                keys[str(entry["kid"])] = OKPKey.import_key(public)
            except (JoseError, ValueError) as error:
                raise ValueError(f"key {entry['kid']!r} cannot be read: {error}") from error
    if not keys:
        raise ValueError("no Ed25519 key with a kid in the JWKS document; expected at least one")
    issuer = document.get("issuer")
    return PublicKeys(keys, issuer if isinstance(issuer, str) else None)


def load_jwks(path: Path) -> PublicKeys:
    """Return the public keys of a JWKS file; raises OSError or ValueError."""
    return parse_jwks(json.loads(path.read_text("utf-8")))


def sign_identity(
    key: OKPKey, person_id: UUID, issuer: str, now: datetime, lifetime_seconds: int = LIFETIME_SECONDS
) -> str:
    """Return an identity token for `person_id` that is valid from `now` for `lifetime_seconds`."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "sub": str(person_id),
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + lifetime_seconds,
    }
    return jwt.encode({"alg": _ALGORITHM, "typ": "JWT", "kid": _kid(key)}, claims, key, registry=EDDSA_ONLY)


def verify_identity(token: str | None, keys: PublicKeys, now: datetime) -> Identity:
    """Return the identity in `token`.

    Raises:
        MissingToken: there is none.
        ExpiredToken: it was valid in the past.
        InvalidToken: it is forged, damaged or too long, or has an unknown key, issuer, audience or algorithm.

    """
    if not token:
        raise MissingToken("expected the header Authorization: Bearer <identity token>")
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken(f"{len(token)} characters; expected at most {LONGEST_TOKEN}")
    claims = _claims(token, keys)
    if claims.get("aud") != AUDIENCE or (keys.issuer is not None and claims.get("iss") != keys.issuer):
        raise InvalidToken("it has another issuer or audience; expected a token of this mall")
    expires, issued, subject = claims.get("exp"), claims.get("iat"), claims.get("sub")
    if type(expires) is not int or type(issued) is not int or not isinstance(subject, str):
        raise InvalidToken("a claim is missing; expected iss, sub, aud, iat and exp")
    try:
        identity = Identity(UUID(subject), datetime.fromtimestamp(expires, UTC))
    except (ValueError, OverflowError, OSError):
        raise InvalidToken("sub or exp cannot be read; expected a UUID and seconds") from None
    if identity.expires_at <= now:
        raise ExpiredToken(f"it expired at {identity.expires_at.isoformat()}; get a new one from the mall")
    return identity


def _claims(token: str, keys: PublicKeys) -> dict[str, Any]:
    def find(part: Any) -> OKPKey:
        key = keys.by_id.get(str(part.headers().get("kid")))
        if key is None:
            raise InvalidToken("it is signed with an unknown key; expected a key of the mall")
        return key

    try:
        return jwt.decode(token, find, registry=EDDSA_ONLY).claims
    except (JoseError, ValueError, TypeError):  # ValueError: bytes that are not base64, not UTF-8 or not JSON
        raise InvalidToken("it is damaged or was not signed by the mall") from None


def _kid(key: OKPKey) -> str:
    return key.kid or key.thumbprint()


def _labels(kid: str) -> dict[str, str]:
    return {"kid": kid, "use": "sig", "alg": _ALGORITHM}
