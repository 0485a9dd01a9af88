import pytest

from marketday.environments.redaction import HIDDEN, redacted

SECRET = "hunter2-Zx9"


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f'"password": "{SECRET}"',
        f"PGPASSWORD={SECRET} psql",
        f"postgresql://store:{SECRET}@db.internal:5432/drop",
        f"https://x-access-token:{SECRET}@github.com/a/b.git",
        f"unable to access 'https://{SECRET}@git.example.com/a/b.git/'",
        f"rediss://default:a@{SECRET}@cache:6379",
        f"Authorization: Bearer {SECRET}",
        f"aws_secret_access_key = {SECRET}",
        f"auth_token: '{SECRET}'",
        f"https://hooks.slack.com/services/T0/B0/{SECRET}",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}",
        f"https://s3.amazonaws.com/x?X-Amz-Signature={SECRET}&a=b",
        f"client_secret={SECRET}",
    ],
)
def test_a_secret_is_taken_out(text):
    assert SECRET not in redacted(text)
    assert HIDDEN in redacted(text)


@pytest.mark.parametrize("text", ["AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhYmMifQ.c2ln"])
def test_a_key_by_its_looks_is_taken_out(text):
    assert text not in redacted(f"found {text} here")


@pytest.mark.parametrize(
    "text",
    [
        "apply: creating RDS DB Instance (md-3f9a1c2e): InvalidParameterValue: no such class db.x9",
        "secret marketday/build-host/ssh: not there; expected JSON with private_key and host_key",
        "host key SHA256:abc differs from the pinned SHA256:def",
        "terraform init -backend-config=key=environments/3f9a/event.tfstate && terraform force-unlock 6a1f",
        "clone: ssh://git@git.example.com/a/b.git refused",
        "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!db-1",
    ],
)
def test_what_people_need_stays(text):
    assert redacted(text) == text
