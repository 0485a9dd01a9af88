"""The receipt: what was handed back, signed with the mall's key as a compact JWS (RFC 7515)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError

from marketday.accounts.tokens import SIGNATURES, PublicKeys, SigningKey, sign_claims
from marketday.handback.errors import InvalidReceipt
from marketday.handback.model import GivenBack, Promotion, Receipt, ReceiptKind, Window
from marketday.handback.verify import Proof

TYPE = "marketday-receipt+jwt"  # so that no identity token is taken for a receipt (RFC 8725, section 3.11)
LONGEST_TOKEN = 64 * 1024


def handed_back(window: Window, proof: Proof, promotion: Promotion) -> dict[str, Any]:
    """Return the claims of a hand-back that was verified and promoted.

    The claim `evidence` has the number of payments in the gateway's books and of entries on the room's own server; null
    means that this server lost the drop, so the register could not be compared.
    """
    point, comparison = proof.point, proof.comparison
    return {
        "kind": ReceiptKind.HANDED_BACK.value,
        "drop": window.drop_slug,
        "staging": window.staging,
        "point": {"lsn": point.lsn, "at": point.at.isoformat()},
        "tables": {name: asdict(proof) for name, proof in comparison.tables.items()},
        "sums": [asdict(one) for one in comparison.sums],
        "evidence": asdict(proof.seen),
        "equations": list(proof.equations),
        "promotion": asdict(promotion),
        "commitment": window.commitment,
        **({"released_early": dict(window.released_early)} if window.released_early else {}),
        **({"recovered": window.recovered.claims()} if window.recovered else {}),
    }


def never_opened(window: Window, promotion: Promotion, *, looked: bool) -> dict[str, Any]:
    """Return the claims of an environment that sold nothing; `looked` means that its database confirmed that."""
    return {
        "kind": ReceiptKind.NEVER_OPENED.value,
        "drop": window.drop_slug,
        "database_looked_at": looked,
        "promotion": asdict(promotion),
    }


def written_off(window: Window, promotion: Promotion, back: GivenBack, by: str) -> dict[str, Any]:
    """Return the claims of an environment whose servers were lost for good; `by` names who gave it up."""
    return {
        "kind": ReceiptKind.WRITTEN_OFF.value,
        "drop": window.drop_slug,
        "given_back": asdict(back),
        "by": by,
        "promotion": asdict(promotion),
    }


def sign(key: SigningKey, issuer: str, environment_id: UUID, claims: Mapping[str, Any], now: datetime) -> Receipt:
    """Return the receipt of `claims`, signed by the mall `issuer` at `now`."""
    full = {"iss": issuer, "sub": str(environment_id), "iat": int(now.timestamp()), **claims}
    return Receipt(environment_id, ReceiptKind(claims["kind"]), sign_claims(key, TYPE, full), full)


class ReceiptVerifier:
    """Verifies receipts with the mall's public keys."""

    def __init__(self, keys: PublicKeys, earlier: frozenset[str] = frozenset()) -> None:
        """Trust these keys, also for receipts that name one of the mall's `earlier` addresses."""
        self._keys = keys
        self._earlier = earlier

    def check(self, token: str, environment_id: UUID) -> None:
        """Return when `token` is a receipt for this environment, signed by the mall.

        Raises:
            MarketdayError: it is not such a receipt; the detail says why.

        """
        receipt = self.read(token)
        if receipt.environment_id != environment_id:
            raise InvalidReceipt(f"it is for environment {receipt.environment_id}; expected {environment_id}")

    def read(self, token: str) -> Receipt:
        """Return the receipt that a genuine token holds.

        Raises:
            InvalidReceipt: the token is damaged, forged, signed by another mall, or not a receipt.

        """
        if len(token) > LONGEST_TOKEN:
            raise InvalidReceipt(f"it has {len(token)} characters; expected at most {LONGEST_TOKEN}")
        try:
            decoded = jwt.decode(token, self._keys.of, registry=SIGNATURES)
        except (JoseError, ValueError, TypeError):
            raise InvalidReceipt("it is damaged, or was not signed by this mall") from None
        claims = decoded.claims
        if decoded.header.get("typ") != TYPE:
            raise InvalidReceipt(f"it is a {decoded.header.get('typ')!r}; expected {TYPE!r}")
        issuer = claims.get("iss")
        if self._keys.issuer is not None and issuer != self._keys.issuer and issuer not in self._earlier:
            raise InvalidReceipt(f"it was issued by {issuer!r}; expected {self._keys.issuer!r}")
        try:
            return Receipt(UUID(str(claims["sub"])), ReceiptKind(claims["kind"]), token, claims)
        except (KeyError, ValueError):
            raise InvalidReceipt("a claim is missing; expected sub and kind") from None
