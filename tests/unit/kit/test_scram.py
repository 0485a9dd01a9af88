"""The verifier stands for its password: with the exchange that RFC 7677, section 3, gives as its example."""

import hashlib
import hmac
from base64 import b64decode

import pytest

from marketday.kit.scram import scram_verifier

SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
EXCHANGE = (
    f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={NONCE}".encode()
)  # AuthMessage
PROOF = b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")  # the client's
SIGNATURE = b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")  # the server's


def test_a_server_with_the_verifier_takes_the_password_and_proves_itself():
    scheme, cost, keys = scram_verifier("pencil", SALT).split("$")
    stored_key, server_key = (b64decode(key) for key in keys.split(":"))
    assert (scheme, cost) == ("SCRAM-SHA-256", "4096:W22ZaJ0SNY7soEsUEjb6gQ==")
    assert hmac.digest(server_key, EXCHANGE, "sha256") == SIGNATURE
    client_key = bytes(a ^ b for a, b in zip(PROOF, hmac.digest(stored_key, EXCHANGE, "sha256"), strict=True))
    assert hashlib.sha256(client_key).digest() == stored_key


def test_no_two_are_alike_and_none_has_the_password_or_a_quote():
    one, other = scram_verifier("pencil"), scram_verifier("pencil")
    assert one != other
    assert "pencil" not in one
    assert "'" not in one


@pytest.mark.parametrize("password", ["연필", "pen\ncil"])
def test_what_would_have_to_be_prepared_is_refused(password):
    with pytest.raises(ValueError, match="expected a token"):
        scram_verifier(password)
