import base64
import json
from datetime import UTC, datetime

import pytest

from marketday.accounts.errors import InvalidToken
from marketday.accounts.tokens import (
    parse_jwks,
    public_jwks,
    sign_claims,
    sign_identity,
    verify_identity,
)
from marketday.handback.errors import InvalidReceipt
from marketday.handback.model import Promotion, ReceiptKind, Window
from marketday.handback.receipt import TYPE, ReceiptVerifier, never_opened, sign
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
ISSUER = "http://mall.localhost"
KEY = a_signing_key()
VERIFIER = ReceiptVerifier(parse_jwks(public_jwks(KEY, ISSUER)))
ID = new_id()
CLAIMS = never_opened(Window(ID, "dawn-serum", ""), Promotion(0, 20, 0, 20), looked=True)


def _receipt(key=KEY, issuer=ISSUER):
    return sign(key, issuer, ID, CLAIMS, NOW)


def _with_payload(token, change):
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | change).encode()).decode().rstrip("=")
    return f"{header}.{forged}.{signature}"


def test_a_receipt_is_read_back():
    read = VERIFIER.read(_receipt().token)
    assert (read.environment_id, read.kind) == (ID, ReceiptKind.NEVER_OPENED)
    assert read.claims["promotion"]["units_returned"] == 20
    assert read.claims["iat"] == int(NOW.timestamp())
    VERIFIER.check(read.token, ID)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "damaged"),
        ("receipt of the day", "damaged"),
        (_receipt().token[:-4], "damaged"),
        (_with_payload(_receipt().token, {"sub": str(new_id())}), "damaged"),
        (_receipt(key=a_signing_key()).token, "not signed by this mall"),
        (_receipt(issuer="http://other.localhost").token, "expected 'http://mall.localhost'"),
        (sign_identity(KEY, ID, ISSUER, NOW), "expected 'marketday-receipt"),
        ("a" * 70_000, "70000 characters"),
    ],
)
def test_what_is_no_receipt_is_refused(token, reason):
    with pytest.raises(InvalidReceipt, match=reason):
        VERIFIER.check(token, ID)


def test_another_environments_receipt_is_refused():
    with pytest.raises(InvalidReceipt, match="is for environment"):
        VERIFIER.check(_receipt().token, new_id())


def test_a_receipt_is_no_identity():
    with pytest.raises(InvalidToken):
        verify_identity(_receipt().token, parse_jwks(public_jwks(KEY, ISSUER)), NOW)


def test_a_receipt_without_a_kind_is_refused():
    token = sign_claims(KEY, TYPE, {"iss": ISSUER, "sub": str(ID)})
    with pytest.raises(InvalidReceipt, match="a claim is missing"):
        VERIFIER.read(token)
