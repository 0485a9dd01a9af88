"""Identity tokens: the mall signs who a person is, and everyone with the mall's public keys can check it.

A token is a JWT (RFC 7519) with the headers `alg` and `kid`, and the claims `iss`, `sub` (the account's id), `aud`,
`iat`, `exp`. It has no personal data. The event plane checks it offline. A new mall signs with RSA: a check costs a
fifth of one with Ed25519, and a burst needs thousands (docs/adr/0015). A mall that has an Ed25519 key keeps it.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from marketday.accounts.errors import ExpiredToken, InvalidToken, MissingToken

AUDIENCE = "marketday"
LIFETIME_SECONDS = 6 * 3600
LONGEST_TOKEN = 1024  # characters; our tokens have about 650
SigningKey = OKPKey | RSAKey
_RSA_BITS = 2048
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_MOST_HEADERS = 16  # a mall has one or two keys
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})  # members of a JWK (RFC 7518, section 6.3.2)
_ALGORITHMS = {"OKP": "EdDSA", "RSA": "RS256"}  # by type of key
_EXPECTED = f"expected an RSA key of {_RSA_BITS} bits or more, or an Ed25519 key"


class _OwnAlgorithms(JWSRegistry):
    """Allows only our algorithms, so that no header can select `none` or a symmetric one (RFC 8725, section 3.1).

    EdDSA's name in RFC 9864 is `Ed25519`, but joserfc warns about it and most JWT libraries cannot read it yet.
    """

    def get_alg(self, name: str) -> Any:
        if name not in _ALGORITHMS.values():
            raise UnsupportedAlgorithmError(f"{name!r} is not one of {', '.join(_ALGORITHMS.values())}")
        return self.algorithms[name]


SIGNATURES = _OwnAlgorithms(algorithms=list(_ALGORITHMS.values()))


@dataclass(frozen=True, slots=True)
class Identity:
    """The content of a valid identity token."""

    person_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """The keys for checking tokens, by `kid`, and their issuer (None if the issuer is not checked)."""

    by_id: dict[str, SigningKey]
    issuer: str | None = None
    by_header: dict[str, SigningKey] = field(default_factory=dict, compare=False, repr=False)  # see `_claims`

    def of(self, part: Any) -> SigningKey:
        """Return the key that the header of a token names, for joserfc; raises ValueError if it is unknown."""
        key = self.by_id.get(str(part.headers().get("kid")))
        if key is None:
            raise ValueError("unknown key")
        return key


def new_signing_key() -> str:
    """Return a new private RSA key as JWK text; its `kid` is its thumbprint (RFC 7638)."""
    return json.dumps(_named(RSAKey.generate_key(_RSA_BITS)).as_dict(private=True))


def parse_signing_key(text: str) -> SigningKey:
    """Return the private key that a JWK text holds.

    Raises:
        ValueError: it is not a JWK, has another type or is too short, or has no private part.

    """
    try:
        key = _import(json.loads(text))
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(f"the signing key is not a usable JWK; {_EXPECTED}") from error
    if not key.is_private:
        raise ValueError(f"the signing key has no private part; {_EXPECTED}")
    return key if key.kid else _named(key)


def load_signing_key(path: Path) -> SigningKey:
    """Return the private key of a JWK file; raises OSError or ValueError."""
    return parse_signing_key(path.read_text("utf-8"))


def public_jwks(key: SigningKey, issuer: str) -> dict[str, Any]:
    """Return the JWKS document of `key` (RFC 7517, section 5), with `issuer` as an extra member."""
    return {"keys": [{**key.as_dict(private=False), **_labels(key)}], "issuer": issuer}


def parse_jwks(document: Any) -> PublicKeys:
    """Return the RSA and Ed25519 keys of a JWKS document; keys of other types are ignored.

    Raises:
        ValueError: it contains no usable key.

    """
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: dict[str, SigningKey] = {}
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and entry.get("kid") and _is_usable(entry):
            public = {name: value for name, value in entry.items() if name not in _PRIVATE}
            try:
                keys[str(entry["kid"])] = _import(public)
            except (JoseError, ValueError, TypeError) as error:
                raise ValueError(f"key {entry['kid']!r} cannot be read: {error}") from error
    if not keys:
        raise ValueError("no RSA or Ed25519 key with a kid in the JWKS document; expected at least one")
    issuer = document.get("issuer")
    return PublicKeys(keys, issuer if isinstance(issuer, str) else None)


def load_jwks(path: Path) -> PublicKeys:
    """Return the public keys of a JWKS file; raises OSError or ValueError."""
    return parse_jwks(json.loads(path.read_text("utf-8")))


def sign_identity(
    key: SigningKey, person_id: UUID, issuer: str, now: datetime, lifetime_seconds: int = LIFETIME_SECONDS
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
    return sign_claims(key, "JWT", claims)


def sign_claims(key: SigningKey, kind: str, claims: dict[str, Any]) -> str:
    """Return `claims` as a compact JWS (RFC 7515) of type `kind`, signed with `key`."""
    header = {"typ": kind, "alg": _ALGORITHMS[key.key_type], "kid": key.kid or key.thumbprint()}
    signed = f"{_to_base64(_COMPACT(header).encode())}.{_to_base64(_COMPACT(claims).encode())}"
    if isinstance(key, RSAKey):  # not by joserfc, because it holds the interpreter's lock for longer than this
        signature = cast("RSAPrivateKey", key.private_key).sign(signed.encode("ascii"), PKCS1v15(), SHA256())
    else:
        signature = cast("Ed25519PrivateKey", key.private_key).sign(signed.encode("ascii"))
    return f"{signed}.{_to_base64(signature)}"


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
    """Return the claims of a genuine token.

    joserfc reads the header, which is the same for all tokens of a key, once. After that only the signature and the
    claims are read, because a burst brings thousands of tokens, and that takes a third of the time.
    """
    header = token.partition(".")[0]
    known = keys.by_header.get(header)
    try:
        if known is not None:
            return _claims_signed_by(known, token)
        _from_base64(token.rpartition(".")[2])  # joserfc accepts several texts for the same signature
        found = jwt.decode(token, keys.of, registry=SIGNATURES)
    except (JoseError, InvalidSignature, ValueError, TypeError):  # ValueError: an unknown key, or no base64 or JSON
        raise InvalidToken("it is damaged or was not signed by the mall") from None
    if len(keys.by_header) < _MOST_HEADERS:
        keys.by_header[header] = keys.by_id[found.header["kid"]]
    return found.claims


def _claims_signed_by(key: SigningKey, token: str) -> dict[str, Any]:
    """Return the claims of a token with a header that is known to name `key` and its algorithm.

    Raises:
        InvalidSignature, ValueError: it is not signed with `key`, or is damaged.

    """
    signed, _, signature = token.rpartition(".")
    if isinstance(key, RSAKey):
        key.public_key.verify(_from_base64(signature), signed.encode("ascii"), PKCS1v15(), SHA256())
    else:
        cast("Ed25519PublicKey", key.public_key).verify(_from_base64(signature), signed.encode("ascii"))
    claims = json.loads(_from_base64(signed.partition(".")[2]))
    if not isinstance(claims, dict):
        raise ValueError("the claims are not an object")  # noqa: TRY004 - a damaged token
    return claims


def _to_base64(content: bytes) -> str:
    """Return base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _from_base64(text: str) -> bytes:
    """Return the bytes of base64url without padding (RFC 7515, section 2); raises ValueError.

    Each bytes have one text only. Otherwise a person could write one token in very many ways, and each would be checked
    and remembered instead of other people's tokens.
    """
    found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if urlsafe_b64encode(found).rstrip(b"=").decode() != text:
        raise ValueError("another text for the same bytes")
    return found


def _is_usable(entry: Mapping[str, Any]) -> bool:
    return entry.get("kty") == "RSA" or entry.get("crv") == "Ed25519"


def _import(entry: Any) -> SigningKey:
    if not isinstance(entry, dict) or not _is_usable(entry):
        raise ValueError(f"it is a key of another type; {_EXPECTED}")
    if entry.get("kty") != "RSA":
        return OKPKey.import_key(entry)
    key = RSAKey.import_key(entry)
    if key.public_key.key_size < _RSA_BITS:
        raise ValueError(f"it has {key.public_key.key_size} bits; {_EXPECTED}")
    return key


def _named(key: SigningKey) -> SigningKey:
    return _import({**key.as_dict(private=True), **_labels(key)})


def _labels(key: SigningKey) -> dict[str, str]:
    return {"kid": key.kid or key.thumbprint(), "use": "sig", "alg": _ALGORITHMS[key.key_type]}
