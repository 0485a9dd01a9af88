"""The permit: an operator's signed consent to keep an environment for longer than a day after its planned end.

A compact JWS (RFC 7515) signed with the mall's key, for one environment and up to one moment. Only an operator can
sign it: neither the Lambda nor the event plane has the mall's key.
"""

from datetime import UTC, datetime
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError

from marketday.accounts.tokens import SIGNATURES, PublicKeys, SigningKey, sign_claims
from marketday.environments.errors import NoPermit

TYPE = "marketday-permit+jwt"  # so that no receipt or identity is taken for a permit (RFC 8725, section 3.11)
_LONGEST_TOKEN = 4096


class Permits:
    """Checks permits with the mall's public keys, and signs them if the private key is available."""

    def __init__(self, keys: PublicKeys, key: SigningKey | None = None) -> None:
        """Trust `keys`; sign with `key` as `issuer`. Without `key`, nothing can be signed."""
        self._keys = keys
        self._key = key

    def sign(self, environment_id: UUID, until: datetime, now: datetime) -> str:
        """Return the permit to keep an environment until `until`, signed at `now`.

        Raises:
            NoPermit: the mall's private key is missing.

        """
        if self._key is None:
            raise NoPermit(f"environment {environment_id}: a permit is signed with the mall's private key; expected it")
        until_text = until.astimezone(UTC).isoformat()
        claims = {
            "iss": self._keys.issuer,
            "sub": str(environment_id),
            "iat": int(now.timestamp()),
            "until": until_text,
        }
        return sign_claims(self._key, TYPE, claims)

    def until(self, token: str, environment_id: UUID) -> datetime:
        """Return until when, in UTC, the permit `token` allows an environment to exist.

        Raises:
            NoPermit: it is not a permit, is from another mall or for another environment, or is not genuine.

        """
        try:
            found = jwt.decode(token[:_LONGEST_TOKEN], self._keys.of, registry=SIGNATURES)
            until = datetime.fromisoformat(found.claims["until"]).astimezone(UTC)
        except (JoseError, KeyError, TypeError, ValueError):
            raise NoPermit(
                "the permit is damaged, or was not signed by this mall; expected one of `env permit`"
            ) from None
        if found.header.get("typ") != TYPE or found.claims.get("iss") != self._keys.issuer:
            raise NoPermit(f"it is a {found.header.get('typ')!r} of {found.claims.get('iss')!r}; expected {TYPE!r}")
        if found.claims.get("sub") != str(environment_id):
            raise NoPermit(f"the permit is for environment {found.claims.get('sub')}; expected {environment_id}")
        return until
