"""Admission tokens: proof that the waiting room let one person, from one position, into one drop until one moment.

A token is base64url without padding of `version (1 byte) | expiry, ms since 1970 (6) | position (4) | person (16) |
drop | HMAC-SHA256 (32)`. Gate and store of one environment share the key; checking needs no server.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketday.kit.moments import from_milliseconds, to_milliseconds
from marketday.waitingroom.errors import (
    AdmissionForAnotherDrop,
    ExpiredAdmission,
    InvalidAdmission,
    NotYourToken,
)

KEY_BYTES = 32
_VERSION = 2
_PURPOSE = b"marketday-admission-2:"
_HEAD_BYTES = 1 + 6 + 4 + 16
_MAC_BYTES = 32
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Admission:
    """The right of one person to be in the store of one drop until `expires_at`.

    `position` is the person's position in the waiting room: units that come back are offered in this order.
    """

    person_id: UUID
    drop: str
    expires_at: datetime
    position: int

    def require_person(self, person_id: UUID) -> None:
        """Accept only the person to whom the admission was given.

        Raises:
            NotYourToken: `person_id` is somebody else.

        """
        if person_id != self.person_id:
            raise NotYourToken


def key_from_hex(text: str) -> bytes:
    """Return the 32-byte key that `text` holds in hexadecimal.

    Raises:
        ValueError: not hexadecimal, or not 32 bytes.

    """
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES:
        raise ValueError(f"the admission key has {len(key)} bytes; expected {KEY_BYTES} in hexadecimal")
    return key


def sign(key: bytes, drop: str, person_id: UUID, expires_at: datetime, position: int) -> str:
    """Return the token of `person_id` for `drop` until `expires_at` (to the millisecond): always the same token."""
    head = to_milliseconds(expires_at).to_bytes(6, "big") + position.to_bytes(4, "big")
    body = bytes([_VERSION]) + head + person_id.bytes + drop.encode()
    return _encode(body + _mac(key, body))


def verify(key: bytes, token: str, drop: str, now: datetime) -> Admission:
    """Return the admission in `token`, if it is genuine and for `drop`, and has not expired at `now`.

    Raises:
        InvalidAdmission: the token is forged or damaged, or is not a token.
        AdmissionForAnotherDrop: the token is genuine, but for another drop.
        ExpiredAdmission: the token is genuine, but has expired.

    """
    raw = _decode(token)
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if len(body) <= _HEAD_BYTES or not hmac.compare_digest(mac, _mac(key, body)) or body[0] != _VERSION:
        raise InvalidAdmission
    admission = Admission(
        person_id=UUID(bytes=body[11:_HEAD_BYTES]),
        drop=body[_HEAD_BYTES:].decode(),
        expires_at=from_milliseconds(int.from_bytes(body[1:7], "big")),
        position=int.from_bytes(body[7:11], "big"),
    )
    if admission.drop != drop:
        raise AdmissionForAnotherDrop(f"it is for {admission.drop!r}; expected {drop!r}")
    if now >= admission.expires_at:
        raise ExpiredAdmission(f"it ended at {admission.expires_at.isoformat()}")
    return admission


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + body, "sha256")


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(token: str) -> bytes:
    if len(token) > _LONGEST:
        raise InvalidAdmission
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        raise InvalidAdmission from None
    if _encode(raw) != token:  # each admission has exactly one token
        raise InvalidAdmission
    return raw
