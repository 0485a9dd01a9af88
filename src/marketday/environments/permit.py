"""The permit: an operator's signed word that an environment may live longer than a day after its planned end.

A compact JWS (RFC 7515) signed with the mall's key, for one environment and up to one moment. Whoever may sign it has
the mall's key, which neither the Lambda nor the event plane has.
"""

from datetime import UTC, datetime
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from marketday.accounts.tokens import EDDSA_ONLY
from marketday.environments.errors import NoPermit

TYPE = "marketday-permit+jwt"  # so that no receipt or identity is taken for a permit (RFC 8725, section 3.11)
_LONGEST_TOKEN = 4096


class Permits:
    """Signs permits with the mall's key, and tells genuine ones."""

    def __init__(self, key: OKPKey, issuer: str) -> None:
        """Sign and check with `key`, as the mall `issuer`."""
        self._key = key
        self._issuer = issuer

    def sign(self, environment_id: UUID, until: datetime, now: datetime) -> str:
        """Return the permit for an environment to live until `until`, signed at `now`."""
        until_text = until.astimezone(UTC).isoformat()
        claims = {"iss": self._issuer, "sub": str(environment_id), "iat": int(now.timestamp()), "until": until_text}
        header = {"alg": "EdDSA", "typ": TYPE, "kid": self._key.kid or self._key.thumbprint()}
        return jwt.encode(header, claims, self._key, registry=EDDSA_ONLY)

    def until(self, token: str, environment_id: UUID) -> datetime:
        """Return how long the permit `token` lets an environment live, in UTC.

        Raises:
            NoPermit: it is no permit, of another mall, for another environment, or not genuine.

        """
        try:
            found = jwt.decode(token[:_LONGEST_TOKEN], self._key, registry=EDDSA_ONLY)
            until = datetime.fromisoformat(found.claims["until"]).astimezone(UTC)
        except (JoseError, KeyError, TypeError, ValueError):
            raise NoPermit(
                "the permit is damaged, or was not signed by this mall; expected one of `env permit`"
            ) from None
        if found.header.get("typ") != TYPE or found.claims.get("iss") != self._issuer:
            raise NoPermit(f"it is a {found.header.get('typ')!r} of {found.claims.get('iss')!r}; expected {TYPE!r}")
        if found.claims.get("sub") != str(environment_id):
            raise NoPermit(f"the permit is for environment {found.claims.get('sub')}; expected {environment_id}")
        return until
