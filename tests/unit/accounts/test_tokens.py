import base64
import hmac
import json
import string
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import RSAKey

from marketday.accounts.errors import ExpiredToken, InvalidToken, MissingToken
from marketday.accounts.tokens import (
    SIGNATURES,
    Identity,
    PublicKeys,
    SigningKey,
    load_jwks,
    load_signing_key,
    new_signing_key,
    parse_jwks,
    parse_signing_key,
    public_jwks,
    sign_claims,
    sign_identity,
    verify_identity,
)
from marketday.testing.accounts import ed25519_key

MALL = "http://mall.localhost:8080"
NOW = datetime(2026, 12, 10, 11, 0, tzinfo=UTC)
PERSON = UUID("01890000-0000-7000-8000-000000000001")


another_key = cache(new_signing_key)  # one for all tests, because it takes a tenth of a second or more


@pytest.fixture(scope="module", params=[new_signing_key, ed25519_key], ids=["rsa", "ed25519"])
def key(request) -> SigningKey:
    return parse_signing_key(request.param())


@pytest.fixture(scope="module")
def keys(key: SigningKey) -> PublicKeys:
    return parse_jwks(public_jwks(key, MALL))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(**changes: object) -> dict[str, object]:
    now = int(NOW.timestamp())
    whole = {"iss": MALL, "sub": str(PERSON), "aud": "marketday", "iat": now, "exp": now + 60} | changes
    return {name: value for name, value in whole.items() if value is not None}


def signed(key: SigningKey, payload: object, **header: object) -> str:
    head = part({"alg": "RS256" if isinstance(key, RSAKey) else "EdDSA", "typ": "JWT", "kid": key.kid} | header)
    body = f"{head}.{part(payload)}"
    scheme = (PKCS1v15(), SHA256()) if isinstance(key, RSAKey) else ()
    signature = key.private_key.sign(body.encode(), *scheme)
    return body + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def test_a_token_says_who_and_until_when(key, keys):
    token = sign_identity(key, PERSON, MALL, NOW, 60)
    assert verify_identity(token, keys, NOW) == Identity(PERSON, NOW + timedelta(seconds=60))
    assert len(token) < 700


def test_a_signature_is_the_one_that_a_jwt_library_makes(key):
    told = claims(name="새벽 <&>")
    header = {"alg": "RS256" if isinstance(key, RSAKey) else "EdDSA", "typ": "receipt+jwt", "kid": key.kid}
    assert sign_claims(key, "receipt+jwt", told) == jwt.encode(header, told, key, registry=SIGNATURES)


def test_a_token_holds_nothing_personal(key):
    payload = sign_identity(key, PERSON, MALL, NOW).split(".")[1]
    assert set(json.loads(base64.urlsafe_b64decode(payload + "=="))) == {"iss", "sub", "aud", "iat", "exp"}


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_token_is_missing(keys, nothing):
    with pytest.raises(MissingToken):
        verify_identity(nothing, keys, NOW)


def test_a_token_is_over_at_its_last_second(key, keys):
    token = sign_identity(key, PERSON, MALL, NOW, 60)
    verify_identity(token, keys, NOW + timedelta(seconds=59))
    with pytest.raises(ExpiredToken):
        verify_identity(token, keys, NOW + timedelta(seconds=60))


def test_a_token_of_another_key_is_refused_whatever_it_calls_itself(key, keys):
    stranger = parse_signing_key(another_key())
    for kid in (stranger.kid, key.kid, None, 7, ["x"], ""):
        with pytest.raises(InvalidToken):
            verify_identity(signed(stranger, claims(), kid=kid), keys, NOW)


def test_no_header_chooses_another_algorithm(key, keys):
    other = "EdDSA" if isinstance(key, RSAKey) else "RS256"
    for alg in ("none", "None", "HS256", "Ed25519", "ES256", "PS256", other, "", None, 1):
        with pytest.raises(InvalidToken):
            verify_identity(signed(key, claims(), alg=alg), keys, NOW)
    body = f"{part({'alg': 'none', 'kid': key.kid})}.{part(claims())}"
    with pytest.raises(InvalidToken):
        verify_identity(body + ".", keys, NOW)
    head = f"{part({'alg': 'HS256', 'kid': key.kid})}.{part(claims())}"
    mac = hmac.digest(json.dumps(key.as_dict(private=False)).encode(), head.encode(), sha256)
    with pytest.raises(InvalidToken):
        verify_identity(f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}", keys, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "http://another.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["marketday"]},
        {"aud": None},
        {"sub": "mina"},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 10**30},
        {"iat": None},
    ],
)
def test_claims_that_are_not_ours_are_refused(key, keys, change):
    with pytest.raises(InvalidToken):
        verify_identity(signed(key, claims(**change)), keys, NOW)


def test_one_changed_letter_anywhere_is_refused(key, keys):
    token = sign_identity(key, PERSON, MALL, NOW)
    for place in range(len(token)):
        letter = "A" if token[place] != "A" else "B"
        with pytest.raises(InvalidToken):
            verify_identity(token[:place] + letter + token[place + 1 :], keys, NOW)


def test_a_token_is_written_in_one_way_only(key, keys):
    token = sign_identity(key, PERSON, MALL, NOW)
    start, _, signature = token.rpartition(".")
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    spare_bits = signature[:-1] + letters[letters.index(signature[-1]) ^ 1]  # they belong to no byte
    others = {signature.translate(str.maketrans("-_", "+/")), signature + "==", signature + "\n", spare_bits} - {
        signature
    }
    assert len(others) > 2
    fresh = PublicKeys(keys.by_id, keys.issuer)
    for _ in ("before the first token of this key", "after it"):
        for other in others:
            with pytest.raises(InvalidToken):
                verify_identity(f"{start}.{other}", fresh, NOW)
        verify_identity(token, fresh, NOW)


@pytest.mark.parametrize(
    "junk", ["x", "..", "a.b.c", "é.é.é", "\0", "x" * 1025, "eyJ.eyJ.x", "{}", "a" * 200, "W10.W10.W10", "\ud800.a.b"]
)
def test_junk_is_refused(keys, junk):
    with pytest.raises(InvalidToken):
        verify_identity(junk, keys, NOW)


def test_a_payload_that_is_no_object_is_refused(key, keys):
    for payload in ([], "text", 7, None):
        with pytest.raises(InvalidToken):
            verify_identity(signed(key, payload), keys, NOW)


def test_keys_come_from_files(tmp_path):
    secret, public = tmp_path / "key.json", tmp_path / "jwks.json"
    secret.write_text(another_key())
    key = load_signing_key(secret)
    public.write_text(json.dumps(public_jwks(key, MALL)))
    keys = load_jwks(public)
    assert keys.issuer == MALL
    assert verify_identity(sign_identity(key, PERSON, MALL, NOW), keys, NOW).person_id == PERSON
    assert set(json.loads(public.read_text())["keys"][0]) == {"kty", "n", "e", "kid", "use", "alg"}


@pytest.mark.filterwarnings("ignore:Key size")  # the short one
def test_keys_that_are_none_are_refused_at_the_start():
    short = json.dumps(RSAKey.generate_key(1024).as_dict(private=True))
    public = json.dumps(public_jwks(parse_signing_key(another_key()), MALL)["keys"][0])
    for wrong in ("", "{}", "[]", '{"kty": "oct", "k": "c2VjcmV0"}', "null", short, public):
        with pytest.raises(ValueError, match="expected an RSA key of 2048 bits or more, or an Ed25519 key"):
            parse_signing_key(wrong)
    for document in ({}, {"keys": []}, [], None, {"keys": [{"kty": "EC", "kid": "x"}]}):
        with pytest.raises(ValueError, match="expected at least one"):
            parse_jwks(document)
    with pytest.raises(ValueError, match="key 'x' cannot be read"):
        parse_jwks({"keys": [{"kty": "RSA", "kid": "x"}]})


def test_two_keys_may_be_good_at_the_same_time(key):
    older = parse_signing_key(another_key())
    both = parse_jwks({"keys": [*public_jwks(key, MALL)["keys"], *public_jwks(older, MALL)["keys"]], "issuer": MALL})
    for one in (key, older):
        assert verify_identity(sign_identity(one, PERSON, MALL, NOW), both, NOW).person_id == PERSON
